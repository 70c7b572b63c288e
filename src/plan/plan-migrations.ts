import { selectMigrations } from '../migrate/select-migrations.ts';
import { withSession } from '../migrate/session.ts';
import { DATABASE_OPTIONS, type RunMigrationsOptions } from '../options.ts';
import { resolveOptions } from '../settings.ts';
import type { MigrationPlan } from './migration-plan.ts';

/** The options that change the plan. */
const PLAN_OPTIONS = [
  ...DATABASE_OPTIONS,
  'createSchema',
  'direction',
  'count',
  'target',
  'allowDataLoss',
  'lockTimeoutMs',
  'statementTimeoutMs',
] as const satisfies readonly (keyof RunMigrationsOptions)[];

/** Options of {@link planMigrations}: those of runMigrations() that change the plan. */
export type PlanMigrationsOptions = Pick<RunMigrationsOptions, (typeof PLAN_OPTIONS)[number]>;

/**
 * Returns the SQL that runMigrations() would run now, in order, and the table locks it would take.
 * Reads the database in a read-only transaction. With nothing pending it takes one round trip.
 *
 * The plan leaves out queries that only read, retries, locks that an ordinary write takes, and locks
 * on tables that the run creates and on migrations tables.
 *
 * `statement_timeout` in the plan is the time left of `timeoutMs`, or `statementTimeoutMs` if that is
 * shorter. Down on PostgreSQL 14, the plan lists a partitioned `leads` table with its partitions,
 * although the run locks only the partitions.
 *
 * @param options - the database and the migrations; by default `DATABASE_URL` or the `PG*` variables
 * @throws {@link TrackingSchemaError}, as runMigrations() would before its first change:
 *   `InvalidOptionError`; `PreflightError` with every conflict; `DataLossError`; errors of the
 *   connection, the timeouts, the versions and the privileges
 *
 * @example
 * ```ts
 * import { planMigrations } from 'conversion-tracking-schema';
 *
 * const { statements, locks } = await planMigrations();
 * for (const { sql } of statements) console.log(`${sql};`);
 * for (const { table, mode, migration } of locks) console.log(table, mode, migration);
 * ```
 */
export async function planMigrations(options: PlanMigrationsOptions = {}): Promise<MigrationPlan> {
  const settings = resolveOptions(options, PLAN_OPTIONS);
  return withSession(settings, {}, async (session, table) => {
    if (selectMigrations(table, settings).selected.length === 0) {
      const { direction } = settings;
      return { direction, migrations: [], adopted: [], statements: [], locks: [] };
    }
    // Imported on demand: a call with nothing pending does not need it.
    const { planPending } = await import('./plan-pending.ts');
    return planPending(session);
  });
}
