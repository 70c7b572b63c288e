import { pgSchema, pgTable } from 'drizzle-orm/pg-core';
import {
  type DeclareTable,
  declareLeads,
  declareMigrationsTable,
  declareTables,
  type LeadsTable,
} from '../types/drizzle.ts';

/** The placeholder for the application's leads. */
export type PlaceholderLeads = ReturnType<typeof declareLeads>;

/** The tables, and their relations for Drizzle's `db.query`: what `drizzle()` takes as `schema`. */
export type TrackingTables<Leads extends LeadsTable = PlaceholderLeads> = ReturnType<
  typeof declareTables<Leads>
> & {
  readonly leads: Leads;
  /** The migrations table: nothing to query, but what `drizzle-kit push` would drop if it did not know it. */
  readonly trackingMigrations: ReturnType<typeof declareMigrationsTable>;
};

/** Where the tables are, and what they refer to. */
export interface TrackingTablesOptions<Leads extends LeadsTable | undefined = undefined> {
  /** The schema of the tables: the first of those given to `runMigrations()`. Default `'public'`. */
  readonly schema?: string | undefined;
  /** Your leads table, whose `id` is a uuid. Default: the placeholder, in the same schema. */
  readonly leads?: Leads | undefined;
}

/**
 * The tables as Drizzle's objects, for a schema other than public or a leads table of your own.
 *
 * Properties are named as columns are, `visitor_id` and not `visitorId`: so rows are those of
 * `conversion-tracking-schema/types`, and those that the functions of the queue take and give.
 *
 * @example
 * ```ts
 * const tracking = trackingTables({ schema: 'tracking', leads: myLeads });
 * const db = drizzle(pool, { schema: { ...mySchema, ...tracking } });
 * await db.query.conversions.findMany({ with: { lead: true, queue: true } });
 * ```
 */
export function trackingTables(options?: TrackingTablesOptions): TrackingTables;
export function trackingTables<Leads extends LeadsTable>(
  options: TrackingTablesOptions<Leads> & { readonly leads: Leads },
): TrackingTables<Leads>;
export function trackingTables({
  schema = 'public',
  leads,
}: TrackingTablesOptions<LeadsTable | undefined> = {}): TrackingTables<LeadsTable> {
  // Drizzle's own word for public is no schema at all.
  const table: DeclareTable = schema === 'public' ? pgTable : pgSchema(schema).table;
  const target = leads ?? declareLeads(table);
  return {
    ...declareTables(table, target),
    leads: target,
    trackingMigrations: declareMigrationsTable(table),
  };
}
