import { createLedger } from './create-ledger.ts';
import { databaseError, isLockedOut } from './database-errors.ts';
import { LockTimeoutError, type TrackingSchemaError } from './errors.ts';
import { type Ledger, NO_LEDGER, readLedger } from './ledger.ts';
import { beginWithLock } from './lock.ts';
import { MigrationRunner } from './migration-runner.ts';
import { preflight } from './preflight.ts';
import { backoff, WaitForMigrator } from './retry.ts';
import { refuseToLoseRows } from './rows.ts';
import { ledgerName, type MigrationRun, type Run, type Work, workFor } from './run.ts';

/** What came of it: `ran` is empty where another migrator was faster. */
export interface Outcome {
  readonly work: Work;
  readonly ran: readonly MigrationRun[];
}

/**
 * Applies what is pending, in one transaction under the migration lock. While another migrator
 * has the lock, polls for it, and returns as soon as the ledger shows that nothing is left to do.
 * Where a table is locked by the host, gives everything back and tries again later, so that the
 * host's own writers never queue behind it for longer than `lockTimeoutMs`.
 */
export async function applyPending(run: Run): Promise<Outcome> {
  const { settings, clock, connection, emit } = run;
  const wait = new WaitForMigrator(run);
  for (let lockouts = 0; ; ) {
    if (await beginWithLock(connection, settings, clock)) {
      wait.reset();
      const outcome = await applyUnderLock(run);
      if (!isLockout(outcome)) return outcome;
      lockouts += 1;
      const delayMs = backoff(lockouts, 100, 5_000);
      const { sqlState = '', migration } = outcome;
      if (clock.leftMs <= delayMs) throw outcome;
      emit({ type: 'retrying', attempt: lockouts, delayMs, sqlState, migration });
      await clock.sleep(delayMs);
    } else {
      await wait.pause();
    }
    const work = workFor(await readLedger(connection, ledgerName(settings)), settings);
    if (work.selected.length === 0) return { work, ran: [] };
  }
}

function isLockout(outcome: Outcome | LockTimeoutError): outcome is LockTimeoutError {
  return outcome instanceof LockTimeoutError;
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
    await connection.query(outcome.ran.length > 0 ? 'COMMIT' : 'ROLLBACK');
    return outcome;
  } catch (error) {
    // Where the connection is gone, the server has rolled back by itself.
    await connection.query('ROLLBACK').catch(() => {});
    const typed: TrackingSchemaError = databaseError(error, runner);
    if (isLockedOut(typed)) return typed;
    throw clock.end ?? typed;
  }
}

async function applySelected(run: Run, runner: MigrationRunner): Promise<Outcome> {
  const { settings, clock, connection, emit } = run;
  const found = await preflight(connection, settings);
  const name = ledgerName(settings);
  const ledger: Ledger = found.hasLedger ? await readLedger(connection, name) : NO_LEDGER;
  const work = workFor(ledger, settings);
  const { selected } = work;
  if (selected.length === 0) return { work, ran: [] };
  found.refuse(selected);
  const { direction } = settings;
  if (direction === 'down') await refuseToLoseRows(connection, settings, selected);
  if (!found.hasLedger) await createLedger(connection, name, found.missingSchema);

  const ran: MigrationRun[] = [];
  for (const [position, migration] of selected.entries()) {
    clock.check();
    const progress = {
      direction,
      name: migration.name,
      index: position + 1,
      total: selected.length,
    };
    emit({ type: 'applying', ...progress });
    const durationMs = await runner.run(migration);
    emit({ type: 'applied', ...progress, durationMs });
    ran.push({ name: migration.name, durationMs });
  }
  clock.check();
  return { work, ran };
}
