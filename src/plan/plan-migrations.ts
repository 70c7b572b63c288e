import { selectMigrations } from '../migrate/select-migrations.ts';
import { withSession } from '../migrate/session.ts';
import { DATABASE_OPTIONS, type RunMigrationsOptions } from '../options.ts';
import { resolveOptions } from '../settings.ts';
import type { MigrationPlan } from './migration-plan.ts';

/** Options that change what would be done. */
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

/** Options of {@link planMigrations}: those of runMigrations() that change what would be done. */
export type PlanMigrationsOptions = Pick<RunMigrationsOptions, (typeof PLAN_OPTIONS)[number]>;

/**
 * Says what runMigrations() with the same options would do to this database now: the SQL that it
 * would execute, in order, and the locks that it would take on tables that are there. It looks at
 * the database in a transaction that can change nothing, and takes no lock but a reader's. With nothing pending it costs one statement, as runMigrations() does.
 *
 * The statements come from the code that runMigrations() runs. Queries with which a run finds out
 * what to do are left out; so are the roll-backs and retries of a run that meets a locked table.
 * `statement_timeout` is what is left of `timeoutMs` at that moment, where `statementTimeoutMs` does
 * not bound it first.
 *
 * Of the locks, those are left out that a plain write would take, those on tables that the run
 * itself creates, and those on migrations tables. On PostgreSQL 14 going down spares a partitioned `leads`
 * itself, though it is listed with its partitions.
 *
 * @param options - where and how; with none, `DATABASE_URL` or the `PG*` variables
 * @throws {@link TrackingSchemaError}, as runMigrations() would before its first change:
 *   `InvalidOptionError`; `PreflightError` with every conflict; `DataLossError`;
 *   errors of the connection, the budgets, the versions and the privileges
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
    // Loaded only here: a call with nothing pending needs none of it.
    const { planPending } = await import('./plan-pending.ts');
    return planPending(session);
  });
}
