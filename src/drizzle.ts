export {
  conversionQueue,
  conversionQueueRelations,
  conversions,
  conversionsRelations,
  leads,
  trackingEvents,
  trackingEventsRelations,
  trackingMigrations,
  visitors,
  visitorsRelations,
} from './drizzle/public-tables.ts';
export {
  type TrackingTables,
  type TrackingTablesOptions,
  trackingTables,
} from './drizzle/tracking-tables.ts';
export type { LeadsTable } from './types/drizzle.ts';
