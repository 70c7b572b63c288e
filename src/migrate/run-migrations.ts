import { CallTimeoutError, LockTimeoutError } from '../errors.ts';
import type { RunMigrationsOptions } from '../options.ts';
import type { RunMigrationsResult } from '../result.ts';
import { resolveOptions } from '../settings.ts';
import type { Outcome } from './apply.ts';
import { backoff } from './backoff.ts';
import { beginWithLock } from './lock.ts';
import { LockWaiter } from './lock-waiter.ts';
import { migrationsTableName, readMigrationsTable } from './migrations-table.ts';
import { selectMigrations } from './select-migrations.ts';
import { GRACE_MS, type Session, withSession } from './session.ts';

/** Delays before a retry after `lock_timeout`, in milliseconds. */
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/**
 * Migrates the tracking schema up or down.
 *
 * Runs all pending migrations in one transaction: all of them or none. With nothing pending it costs
 * one round trip, and a second one where row level security hides the migrations table's rows or a
 * newer version has recorded some; SELECT on the migrations table is enough. Any number of processes
 * may call it at the same time: one migrates, the others return as soon as it has committed.
 *
 * @param options - which database, and how; by default `DATABASE_URL` or the `PG*` variables, up
 * @returns the migrations that were run, and those that were applied before
 * @throws {@link TrackingSchemaError}, always one of its subclasses: `InvalidOptionError` before
 *   anything is touched; `PreflightError` with every conflict that was found; errors of the
 *   connection, the timeouts, the versions and the migrations. The database is then as it was.
 *
 * @example
 * ```ts
 * import { runMigrations } from 'conversion-tracking-schema';
 *
 * const { ran } = await runMigrations({ databaseUrl: process.env.DATABASE_URL });
 * console.log(`${ran.length} migrations applied`);
 * ```
 */
export async function runMigrations(
  options: RunMigrationsOptions = {},
): Promise<RunMigrationsResult> {
  const settings = resolveOptions(options);
  return withSession(settings, { graceMs: GRACE_MS }, async (session, table) => {
    const { deadline, emit } = session;
    const { direction, dryRun } = settings;
    const selection = selectMigrations(table, settings);
    let outcome: Outcome = { selection, ran: [], adopted: [] };
    if (selection.selected.length > 0) {
      deadline.check();
      // Loaded only here: a call with nothing pending needs none of it.
      const run = dryRun ? (await import('./dry-run.ts')).dryRun : migrate;
      outcome = await run(session);
    }
    const { ran, adopted } = outcome;
    const { applied: alreadyApplied, selected } = outcome.selection;
    const wouldRun = dryRun ? selected.map(({ name }) => name) : [];
    const durationMs = deadline.elapsedMs;
    emit({
      type: 'done',
      ran: ran.length,
      adopted: dryRun ? 0 : adopted.length,
      wouldRun: wouldRun.length,
      durationMs,
    });
    return { direction, ran, adopted, wouldRun, alreadyApplied, durationMs };
  });
}

/**
 * Migrates under the migration lock. While another process holds it, polls it, and returns as soon
 * as the migrations table shows that nothing is left to do. On `lock_timeout` rolls back and retries,
 * so that writers of the application never queue behind a migration for longer than that.
 */
async function migrate(session: Session): Promise<Outcome> {
  const { settings, deadline, connection, emit } = session;
  const waiter = new LockWaiter(session);
  let lockTimeout: LockTimeoutError | undefined;
  try {
    for (let attempt = 1; ; ) {
      if (await beginWithLock(session)) {
        waiter.reset();
        // Loaded by the lock holder alone: a waiter needs neither node-pg-migrate nor the migrations.
        const { apply } = await import('./apply.ts');
        const outcome = await apply(session);
        if (!(outcome instanceof LockTimeoutError)) return outcome;
        lockTimeout = outcome;
        const delayMs = backoff(attempt, FIRST_RETRY_MS, LONGEST_RETRY_MS);
        const { sqlState = '', migration } = outcome;
        emit({ type: 'retrying', attempt, delayMs, sqlState, migration });
        attempt += 1;
        await deadline.sleep(delayMs);
      } else {
        await waiter.untilFree();
      }
      const table = await readMigrationsTable(connection, migrationsTableName(settings));
      const selection = selectMigrations(table, settings);
      if (selection.selected.length === 0) return { selection, ran: [], adopted: [] };
    }
  } catch (error) {
    // A run that spent its time on a locked table says so.
    throw error instanceof CallTimeoutError ? (lockTimeout ?? error) : error;
  }
}
