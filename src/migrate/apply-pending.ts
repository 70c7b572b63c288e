import { LockTimeoutError, RunTimeoutError } from '../errors.ts';
import { beginWithLock } from './lock.ts';
import { readMigrationsTable } from './migrations-table.ts';
import { migrationsTableName, type Outcome, type Run, workFor } from './run.ts';
import { backoff, WaitForMigrator } from './wait.ts';

/** Delays between tries at a locked table, in milliseconds. */
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/**
 * Applies what is pending, in one transaction under the migration lock. While another migrator
 * has the lock, polls for it, and returns as soon as the migrations table shows that nothing is left to do.
 * Where a table is locked by the application, gives everything back and tries again later, so that the
 * host's own writers never queue behind it for longer than `lockTimeoutMs`.
 */
export async function applyPending(run: Run): Promise<Outcome> {
  const { settings, clock, connection, emit } = run;
  const wait = new WaitForMigrator(run);
  let lockout: LockTimeoutError | undefined;
  try {
    for (let lockouts = 0; ; ) {
      if (await beginWithLock(connection, settings, clock)) {
        wait.reset();
        // Loaded by the one that has the lock: the others need neither node-pg-migrate nor the
        // migrations, and a hundred of them at once have better things to do.
        const { applyUnderLock } = await import('./apply-under-lock.ts');
        const outcome = await applyUnderLock(run);
        if (!(outcome instanceof LockTimeoutError)) return outcome;
        lockout = outcome;
        lockouts += 1;
        const delayMs = backoff(lockouts, FIRST_RETRY_MS, LONGEST_RETRY_MS);
        const { sqlState = '', migration } = lockout;
        emit({ type: 'retrying', attempt: lockouts, delayMs, sqlState, migration });
        await clock.sleep(delayMs);
      } else {
        await wait.untilFree();
      }
      const work = workFor(
        await readMigrationsTable(connection, migrationsTableName(settings)),
        settings,
      );
      if (work.selected.length === 0) return { work, ran: [], adopted: [] };
    }
  } catch (error) {
    // A run that has used up its time on a locked table says so.
    throw error instanceof RunTimeoutError ? (lockout ?? error) : error;
  }
}
