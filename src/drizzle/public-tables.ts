import { type TrackingTables, trackingTables } from './tracking-tables.ts';

const inPublic = trackingTables();

/** One row per browser. */
export const visitors: TrackingTables['visitors'] = inPublic.visitors;

/** One row per qualified or closed lead. */
export const conversions: TrackingTables['conversions'] = inPublic.conversions;

/** One row per conversion and platform to upload to. */
export const conversionQueue: TrackingTables['conversionQueue'] = inPublic.conversionQueue;

/** What a visitor did. */
export const trackingEvents: TrackingTables['trackingEvents'] = inPublic.trackingEvents;

/** The placeholder for the application's leads. A leads table of your own goes into {@link trackingTables}. */
export const leads: TrackingTables['leads'] = inPublic.leads;

/** The migrations table: nothing to query, but what `drizzle-kit push` would drop if it did not know it. */
export const trackingMigrations: TrackingTables['trackingMigrations'] = inPublic.trackingMigrations;

/** A visitor's `events`. */
export const visitorsRelations: TrackingTables['visitorsRelations'] = inPublic.visitorsRelations;

/** A conversion's `lead`, and its `queue` entries. */
export const conversionsRelations: TrackingTables['conversionsRelations'] =
  inPublic.conversionsRelations;

/** A queue entry's `conversion`. */
export const conversionQueueRelations: TrackingTables['conversionQueueRelations'] =
  inPublic.conversionQueueRelations;

/** An event's `visitor`. */
export const trackingEventsRelations: TrackingTables['trackingEventsRelations'] =
  inPublic.trackingEventsRelations;
