// Not the package's entry, which loads jiti: that breaks when a host bundles for ESM.
import { Migration as NodePgMigration } from 'node-pg-migrate/migration';
import type { Place } from './database-errors.ts';
import type { Migration } from './migrations.ts';
import type { Run } from './run.ts';
import { inSchemas, SERVER_ALONE } from './transaction-settings.ts';

type Parameters = ConstructorParameters<typeof NodePgMigration>;
type Database = Parameters[0];

/** node-pg-migrate says what it does; this package has events for that. */
const SILENT = { info() {}, warn() {}, error() {} };

/** Runs single migrations through node-pg-migrate, in the transaction that is open. */
export class MigrationRunner implements Place {
  /** The migration under way. */
  migration: string | undefined;
  /** The last statement that was sent. */
  statement: string | undefined;
  #failed = false;
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  /** Runs one migration's SQL and records it in the ledger. Returns its milliseconds. */
  async run({ name, load }: Migration): Promise<number> {
    const { settings, clock } = this.#run;
    const started = clock.elapsedMs;
    this.migration = name;
    const { up, down } = await load();
    const { direction, schemas, migrationsTable } = settings;
    const migration = new NodePgMigration(
      this.#database(),
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
    await migration.apply(direction);
    this.migration = undefined;
    return clock.elapsedMs - started;
  }

  /** The part of node-pg-migrate's connection that a migration uses. */
  #database(): Database {
    const { clock, connection, settings } = this.#run;
    const select = async (sql: string) => {
      // After a failed statement the transaction is over; what a migration then does to tidy up is
      // meant for node-pg-migrate's CLI.
      if (this.#failed) return [];
      clock.check();
      this.statement = sql;
      // node-pg-migrate takes a migration out of the ledger by its name, with an operator = that
      // must be the server's own.
      const safe = sql.startsWith('DELETE FROM')
        ? `${SERVER_ALONE}; ${sql} ${inSchemas(settings)}`
        : sql;
      return connection.query<Record<string, unknown>>(safe).catch((error: unknown) => {
        this.#failed = true;
        throw error;
      });
    };
    const database = {
      select,
      query: async (sql: string) => ({ rows: await select(sql) }),
    };
    return database as unknown as Database;
  }
}
