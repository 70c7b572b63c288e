import { assess } from './assessment.ts';
import { createLedger } from './create-ledger.ts';
import { databaseError } from './database-errors.ts';
import { LockTimeoutError } from './errors.ts';
import { MigrationRunner } from './migration-runner.ts';
import { refuseToLoseRows } from './rows.ts';
import { ledgerName, type MigrationRun, type Outcome, type Run } from './run.ts';
import { inSchemas } from './transaction-settings.ts';

/**
 * One transaction, begun and locked by the caller, ended here.
 *
 * @returns the lockout, rolled back, where a table was locked; every other error is thrown
 */
export async function applyUnderLock(run: Run): Promise<Outcome | LockTimeoutError> {
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
