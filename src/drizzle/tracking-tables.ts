import { pgSchema, pgTable } from 'drizzle-orm/pg-core';
import {
  type DeclareTable,
  declareLeads,
  declareMigrationsTable,
  declareTables,
  type LeadsTable,
} from '../types/drizzle.ts';

/** The placeholder `leads` table. */
export type PlaceholderLeads = ReturnType<typeof declareLeads>;

/** The tables and their relations, for the option `schema` of `drizzle()`. */
export type TrackingTables<Leads extends LeadsTable = PlaceholderLeads> = ReturnType<
  typeof declareTables<Leads>
> & {
  readonly leads: Leads;
  /** The migrations table. Export it so that `drizzle-kit push` does not drop it. */
  readonly trackingMigrations: ReturnType<typeof declareMigrationsTable>;
};

/** Options of {@link trackingTables}. */
export interface TrackingTablesOptions<Leads extends LeadsTable | undefined = undefined> {
  /** The schema of the tables: the first one passed to `runMigrations()`. Default `'public'`. */
  readonly schema?: string | undefined;
  /** Your leads table, whose `id` is a uuid. Default: the placeholder, in the same schema. */
  readonly leads?: Leads | undefined;
}

/**
 * Returns the tables as Drizzle objects, for a schema other than public or your own `leads` table.
 *
 * Properties are named like columns, `visitor_id` instead of `visitorId`. Rows have the types of
 * `conversion-tracking-schema/types`, as have the arguments and results of the queue functions.
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
  // Drizzle refuses pgSchema('public').
  const table: DeclareTable = schema === 'public' ? pgTable : pgSchema(schema).table;
  const target = leads ?? declareLeads(table);
  return {
    ...declareTables(table, target),
    leads: target,
    trackingMigrations: declareMigrationsTable(table),
  };
}
