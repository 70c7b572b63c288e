import type { Assessment } from './assess.ts';
import { migrationsTableCreation } from './create-migrations-table.ts';
import { refuseToLoseRows } from './data-loss.ts';
import { type MigrationRun, migrationsTableName, type Outcome, type Run } from './run.ts';
import { sendMigration } from './send-migration.ts';
import type { StatementPipeline } from './statement-pipeline.ts';
import { inSchemas } from './transaction-settings.ts';

/**
 * Does what was found fit to be done, in the transaction that is open, and ends it. Nothing here
 * decides by what the database answers, but for the refusal to lose rows: planMigrations() runs the
 * same on a connection that answers nothing.
 */
export async function execute(
  run: Run,
  pipeline: StatementPipeline,
  { work, preflight, adoption, losable }: Assessment,
): Promise<Outcome> {
  const { settings, clock, connection, emit } = run;
  const { direction } = settings;
  const { selected } = work;
  const adopted = adoption?.names ?? [];
  await refuseToLoseRows(connection, settings, losable, true);
  if (selected.length + adopted.length > 0 && !preflight.hasMigrationsTable) {
    pipeline.send(migrationsTableCreation(migrationsTableName(settings), preflight.missingSchema));
  }
  if (adoption) {
    await pipeline.settle();
    await adoption.adopt(connection);
  }
  pipeline.send(inSchemas(settings));

  const ran: MigrationRun[] = [];
  const total = selected.length;
  for (const [position, migration] of selected.entries()) {
    clock.check();
    const progress = { direction, name: migration.name, index: position + 1, total };
    let started = 0;
    pipeline.afterwards(() => {
      started = clock.elapsedMs;
      emit({ type: 'applying', ...progress });
    });
    await sendMigration(migration, settings, pipeline);
    pipeline.afterwards(() => {
      const durationMs = clock.elapsedMs - started;
      emit({ type: 'applied', ...progress, durationMs });
      ran.push({ name: migration.name, durationMs });
    });
  }
  await pipeline.settle();
  clock.check();
  await connection.query(total + adopted.length > 0 ? 'COMMIT' : 'ROLLBACK');
  return { work, ran, adopted };
}
