// Not the package's entry, which loads jiti: that breaks when an application bundles for ESM.
import { Migration as NodePgMigration } from 'node-pg-migrate/migration';
import { moduleOf } from '../schema/migration-modules.ts';
import type { Migration } from '../schema/migrations.ts';
import type { Settings } from '../settings.ts';
import type { StatementPipeline } from './statement-pipeline.ts';
import { inSchemas, SERVER_ALONE } from './transaction-settings.ts';

type Parameters = ConstructorParameters<typeof NodePgMigration>;
type Database = Parameters[0];

/** node-pg-migrate says what it does; this package has events for that. */
const SILENT = { info() {}, warn() {}, error() {} };

/**
 * Has node-pg-migrate put together what a migration does and how it is recorded, and sends that
 * into the transaction that is open.
 */
export async function sendMigration(
  migration: Migration,
  settings: Settings,
  pipeline: StatementPipeline,
): Promise<void> {
  const { name } = migration;
  const { up, down } = moduleOf(migration);
  const { direction, schemas, migrationsTable } = settings;
  const select = async (sql: string) => {
    // node-pg-migrate takes a migration out of the migrations table by its name, with an operator = that
    // must be the server's own.
    const own = sql.startsWith('DELETE FROM');
    pipeline.send(own ? `${SERVER_ALONE}; ${sql} ${inSchemas(settings)}` : sql, name);
    return [];
  };
  const database = { select, query: async (sql: string) => ({ rows: await select(sql) }) };
  const steps = new NodePgMigration(
    // The part of node-pg-migrate's connection that a migration uses.
    database as unknown as Database,
    name,
    // The two entries of node-pg-migrate declare their types apart; the builder is the same.
    { up, down } as unknown as Parameters[2],
    // singleTransaction: it sends the statements as they are, into the transaction that is open.
    {
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
  await steps.apply(direction);
}
