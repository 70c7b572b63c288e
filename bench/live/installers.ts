import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { runMigrations } from '../../src/index.ts';

/** A way to install the schema; returns how often it has begun anew. */
export interface Installer {
  readonly name: string;
  install(databaseUrl: string): Promise<number>;
}

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

export const INSTALLERS: readonly Installer[] = [
  {
    name: 'runMigrations()',
    install: async (databaseUrl) => {
      let retries = 0;
      await runMigrations({
        databaseUrl,
        onEvent: ({ type }) => {
          if (type === 'retrying') retries += 1;
        },
      });
      return retries;
    },
  },
  {
    name: "node-pg-migrate's runner()",
    install: async (databaseUrl) => {
      await runner({
        // As good as none: where there is none, a migration of ours sets one of its own.
        databaseUrl: { connectionString: databaseUrl, options: '-c lock_timeout=1h' },
        dir: MIGRATIONS,
        migrationsTable: 'tracking_migrations',
        direction: 'up',
        singleTransaction: true,
        logger: SILENT,
      });
      return 0;
    },
  },
];
