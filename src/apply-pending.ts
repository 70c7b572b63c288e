import { assess } from './assessment.ts';
import { createLedger } from './create-ledger.ts';
import { databaseError } from './database-errors.ts';
import { LockTimeoutError, RunTimeoutError } from './errors.ts';
import { readLedger } from './ledger.ts';
import { beginWithLock } from './lock.ts';
import { MigrationRunner } from './migration-runner.ts';
import { backoff, WaitForMigrator } from './retry.ts';
import { refuseToLoseRows } from './rows.ts';
import { ledgerName, type MigrationRun, type Outcome, type Run, workFor } from './run.ts';
import { inSchemas } from './transaction-settings.ts';

/** Delays between tries at a locked table, in milliseconds. */
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/**
 * Applies what is pending, in one transaction under the migration lock. While another migrator
 * has the lock, polls for it, and returns as soon as the ledger shows that nothing is left to do.
 * Where a table is locked by the host, gives everything back and tries again later, so that the
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
        const outcome = await applyUnderLock(run);
        if (!(outcome instanceof LockTimeoutError)) return outcome;
        lockout = outcome;
        lockouts += 1;
        const delayMs = backoff(lockouts, FIRST_RETRY_MS, LONGEST_RETRY_MS);
        const { sqlState = '', migration } = lockout;
        emit({ type: 'retrying', attempt: lockouts, delayMs, sqlState, migration });
        await clock.sleep(delayMs);
      } else {
        await wait.pause();
      }
      const work = workFor(await readLedger(connection, ledgerName(settings)), settings);
      if (work.selected.length === 0) return { work, ran: [], adopted: [] };
    }
  } catch (error) {
    // A run that has used up its time on a locked table says so.
    throw error instanceof RunTimeoutError ? (lockout ?? error) : error;
  }
}

/**
 * One transaction, begun and locked by the caller, ended here.
 *
 * @returns the lockout, rolled back, where a table was locked; every other error is thrown
 */
async function applyUnderLock(run: Run): Promise<Outcome | LockTimeoutError> {
  const { clock, connection } = run;
  const runner = new MigrationRunner(run);
  try {
    const outcome = await applySelected(run, runner);
    const changed = outcome.ran.length + outcome.adopted.length > 0;
    await connection.query(changed ? 'COMMIT' : 'ROLLBACK');
    return outcome;
  } catch (error) {
    // Where the connection is gone, the server has rolled back by itself.
    await connection.query('ROLLBACK').catch(() => {});
    const typed = databaseError(error, runner);
    if (typed instanceof LockTimeoutError) return typed;
    throw clock.end ?? typed;
  }
}

async function applySelected(run: Run, runner: MigrationRunner): Promise<Outcome> {
  const { settings, clock, connection, emit } = run;
  const { direction } = settings;
  const { work, preflight, adoption } = await assess(run);
  const { selected } = work;
  const adopted = adoption?.names ?? [];
  if (direction === 'down') await refuseToLoseRows(connection, settings, selected, true);
  if (selected.length + adopted.length > 0 && !preflight.hasLedger) {
    await createLedger(connection, ledgerName(settings), preflight.missingSchema);
  }
  await adoption?.adopt();
  await connection.query(inSchemas(settings));

  const ran: MigrationRun[] = [];
  const total = selected.length;
  for (const [position, migration] of selected.entries()) {
    clock.check();
    const progress = { direction, name: migration.name, index: position + 1, total };
    emit({ type: 'applying', ...progress });
    const durationMs = await runner.run(migration);
    emit({ type: 'applied', ...progress, durationMs });
    ran.push({ name: migration.name, durationMs });
  }
  clock.check();
  return { work, ran, adopted };
}
