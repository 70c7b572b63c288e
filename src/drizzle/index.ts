export type { LeadsTable } from '../types/drizzle.ts';
export { type DrizzleDatabase, drizzleQueryable } from './drizzle-queryable.ts';
export {
  conversionQueue,
  conversionQueueRelations,
  conversions,
  conversionsRelations,
  leads,
  trackingEvents,
  trackingEventsRelations,
  trackingMigrations,
  uploadRequests,
  visitors,
  visitorsRelations,
} from './public-tables.ts';
export {
  type TrackingTables,
  type TrackingTablesOptions,
  trackingTables,
} from './tracking-tables.ts';
