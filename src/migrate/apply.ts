// Not the package's entry, which loads jiti: that breaks when an application bundles for ESM.
import { Migration as NodePgMigration } from 'node-pg-migrate/migration';
import { REVOKING_GRANTED } from '../../migrations/shared/event-triggers.ts';
import { databaseError } from '../db/database-errors.ts';
import { doBlock } from '../db/quoting.ts';
import { LockTimeoutError } from '../errors.ts';
import type { MigrationRun } from '../result.ts';
import { moduleOf } from '../schema/migration-modules.ts';
import type { Migration } from '../schema/migrations.ts';
import type { Settings } from '../settings.ts';
import { type Assessment, assess } from './assess.ts';
import { createMigrationsTable } from './create-migrations-table.ts';
import { refuseDataLoss } from './data-loss.ts';
import { withLockHolders } from './lock-holders.ts';
import { migrationsTableName } from './migrations-table.ts';
import type { Selection } from './select-migrations.ts';
import type { Session } from './session.ts';
import { StatementPipeline } from './statement-pipeline.ts';
import { inSchemas, SERVER_ALONE } from './transaction-settings.ts';

/** What came of a call. `ran` and `adopted` are empty where another process was faster. */
export interface Outcome {
  readonly selection: Selection;
  readonly ran: readonly MigrationRun[];
  readonly adopted: readonly string[];
}

/**
 * Assesses the database and executes the migrations, in the transaction that holds the migration
 * lock. Ends it.
 *
 * @returns a LockTimeoutError, rolled back, where a table was locked; every other error is thrown
 */
export async function apply(session: Session): Promise<Outcome | LockTimeoutError> {
  const { deadline, connection } = session;
  const pipeline = new StatementPipeline(session);
  try {
    return await execute(session, pipeline, await assess(session));
  } catch (error) {
    pipeline.stop();
    // Fails where the connection is gone; the server then rolls back by itself.
    await connection.query('ROLLBACK').catch(() => {});
    const typed = databaseError(error, pipeline);
    if (typed instanceof LockTimeoutError) return withLockHolders(typed, session);
    throw deadline.error ?? typed;
  }
}

/**
 * Executes what was assessed, and commits. Nothing here depends on what the database answers, except
 * the refusal to lose data: planMigrations() runs it on a connection that only records.
 */
export async function execute(
  session: Session,
  pipeline: StatementPipeline,
  { selection, preflight, baseline, warnings, dataAtRisk }: Assessment,
): Promise<Outcome> {
  const { settings, deadline, connection, emit } = session;
  const { direction } = settings;
  const { selected } = selection;
  const adopted = baseline?.names ?? [];
  await refuseDataLoss(connection, settings, dataAtRisk, true);
  if (selected.length + adopted.length > 0 && !preflight.hasMigrationsTable) {
    pipeline.send(createMigrationsTable(migrationsTableName(settings), preflight.missingSchema));
  }
  if (baseline) {
    await pipeline.settle();
    await baseline.adopt(connection);
  }
  pipeline.send(inSchemas(settings));
  if (baseline) pipeline.send(doBlock(REVOKING_GRANTED));

  const ran: MigrationRun[] = [];
  for (const [position, migration] of selected.entries()) {
    deadline.check();
    const { name } = migration;
    const progress = { direction, name, index: position + 1, total: selected.length };
    let started = 0;
    pipeline.onceAnswered(() => {
      started = deadline.elapsedMs;
      emit({ type: 'applying', ...progress });
    });
    await sendMigration(migration, settings, pipeline);
    pipeline.onceAnswered(() => {
      const durationMs = deadline.elapsedMs - started;
      emit({ type: 'applied', ...progress, durationMs });
      ran.push({ name, durationMs });
    });
  }
  await pipeline.settle();
  deadline.check();
  await connection.query(selected.length + adopted.length > 0 ? 'COMMIT' : 'ROLLBACK');
  for (const message of warnings) emit({ type: 'warning', message });
  return { selection, ran, adopted };
}

type NodePgMigrationArguments = ConstructorParameters<typeof NodePgMigration>;

/** node-pg-migrate's log; this package emits events instead. */
const SILENT = { info() {}, warn() {}, error() {} };

/** Has node-pg-migrate build a migration's statements and its record, and sends them. */
async function sendMigration(
  migration: Migration,
  settings: Settings,
  pipeline: StatementPipeline,
): Promise<void> {
  const { name } = migration;
  const { up, down } = moduleOf(migration);
  const { direction, schemas, migrationsTable } = settings;
  const select = async (sql: string) => {
    // Deletes its record with an operator `=`, which must be the server's own.
    const isRecord = sql.startsWith('DELETE FROM');
    pipeline.send(isRecord ? `${SERVER_ALONE}; ${sql} ${inSchemas(settings)}` : sql, name);
    await pipeline.room();
    return [];
  };
  const database = { select, query: async (sql: string) => ({ rows: await select(sql) }) };
  const builder = new NodePgMigration(
    // The part of node-pg-migrate's connection that a migration uses.
    database as unknown as NodePgMigrationArguments[0],
    name,
    // node-pg-migrate's two entries declare their types apart; the builder is the same.
    { up, down } as unknown as NodePgMigrationArguments[2],
    {
      // No BEGIN of its own: the transaction is open.
      singleTransaction: true,
      schema: schemas[0],
      migrationsTable,
      direction,
      dir: '',
      databaseUrl: '',
    },
    {},
    SILENT,
  );
  await builder.apply(direction);
}
