import { type TrackingTables, trackingTables } from './tracking-tables.ts';

const inPublic = trackingTables();

/** One row per browser. */
export const visitors: TrackingTables['visitors'] = inPublic.visitors;

/** One row per qualified or closed lead. */
export const conversions: TrackingTables['conversions'] = inPublic.conversions;

/** One row per conversion and platform to upload to. */
export const conversionQueue: TrackingTables['conversionQueue'] = inPublic.conversionQueue;

/** One row per event of a visitor. */
export const trackingEvents: TrackingTables['trackingEvents'] = inPublic.trackingEvents;

/** One row per upload request whose result the platform reports later. */
export const uploadRequests: TrackingTables['uploadRequests'] = inPublic.uploadRequests;

/** The placeholder `leads` table. Pass your own `leads` table to {@link trackingTables}. */
export const leads: TrackingTables['leads'] = inPublic.leads;

/** The migrations table. Export it so that `drizzle-kit push` does not drop it. */
export const trackingMigrations: TrackingTables['trackingMigrations'] = inPublic.trackingMigrations;

/** The relation `events` of a visitor. */
export const visitorsRelations: TrackingTables['visitorsRelations'] = inPublic.visitorsRelations;

/** The relations `lead` and `queue` of a conversion. */
export const conversionsRelations: TrackingTables['conversionsRelations'] =
  inPublic.conversionsRelations;

/** The relation `conversion` of a queue entry. */
export const conversionQueueRelations: TrackingTables['conversionQueueRelations'] =
  inPublic.conversionQueueRelations;

/** The relation `visitor` of an event. */
export const trackingEventsRelations: TrackingTables['trackingEventsRelations'] =
  inPublic.trackingEventsRelations;
