import type { Assessment } from './assessment.ts';
import { createLedger } from './create-ledger.ts';
import type { MigrationRunner } from './migration-runner.ts';
import { refuseToLoseRows } from './rows.ts';
import { ledgerName, type MigrationRun, type Outcome, type Run } from './run.ts';
import { inSchemas } from './transaction-settings.ts';

/**
 * Does what was found fit to be done, in the transaction that is open, and ends it. Nothing here
 * decides by what the database answers, but for the refusal to lose rows: planMigrations() runs the
 * same on a connection that answers nothing.
 */
export async function execute(
  run: Run,
  runner: MigrationRunner,
  { work, preflight, adoption, losable }: Assessment,
): Promise<Outcome> {
  const { settings, clock, connection, emit } = run;
  const { direction } = settings;
  const { selected } = work;
  const adopted = adoption?.names ?? [];
  await refuseToLoseRows(connection, settings, losable, true);
  if (selected.length + adopted.length > 0 && !preflight.hasLedger) {
    await createLedger(connection, ledgerName(settings), preflight.missingSchema);
  }
  await adoption?.adopt(connection);
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
  await connection.query(total + adopted.length > 0 ? 'COMMIT' : 'ROLLBACK');
  return { work, ran, adopted };
}
