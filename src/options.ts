import type { Client, ClientConfig, Pool, PoolClient } from 'pg';
import type { Logger, MigrationEvent } from './events.ts';

/**
 * Options of {@link runMigrations}. All are optional. Options that node-pg-migrate has as well share
 * its names. With neither `databaseUrl` nor `dbClient`, `DATABASE_URL` is used, else the `PG*`
 * variables.
 */
export interface RunMigrationsOptions {
  /**
   * A URL (`postgres://user:password@host:5432/database`) or a pg client configuration. The wait for
   * the server is limited by `connect_timeout` of the URL, else `PGCONNECT_TIMEOUT` (both in seconds),
   * and by `connectionTimeoutMillis` of a configuration. Default: only `timeoutMs` limits it.
   */
  databaseUrl?: string | ClientConfig | undefined;
  /** A connected client or a pool of pg, not inside a transaction. Its session settings are not changed. */
  dbClient?: Client | PoolClient | Pool | undefined;
  /**
   * The schema to create the tables in. Further schemas in an array are searched for the
   * application's `leads` table. All must exist, except the first with `createSchema`. Default
   * `'public'`.
   */
  schema?: string | readonly string[] | undefined;
  /** Whether to create the first schema if it is missing, with USAGE for service_role. Default `false`. */
  createSchema?: boolean | undefined;
  /** The name of the migrations table, which is in the first schema. Default `'tracking_migrations'`. */
  migrationsTable?: string | undefined;
  /** The direction to migrate in. `'down'` needs `count` or `target`. Default `'up'`. */
  direction?: 'up' | 'down' | undefined;
  /** The maximum number of migrations to run, or `Infinity`. Default: all pending ones. */
  count?: number | undefined;
  /** The name of the migration that is the last one applied afterwards. Default: the newest. */
  target?: string | undefined;
  /** Whether to report what would run without changing anything. Default `false`. */
  dryRun?: boolean | undefined;
  /** With `'down'`: whether to drop tables with rows and columns with values. Default `false`. */
  allowDataLoss?: boolean | undefined;
  /** The maximum wait for the migration lock, in milliseconds. Default 120,000. */
  migrationLockTimeoutMs?: number | undefined;
  /**
   * The maximum wait of a statement for a table lock, in milliseconds; the application's writers
   * queue behind it. When it passes, the transaction rolls back and retries later. Default 500.
   */
  lockTimeoutMs?: number | undefined;
  /** The maximum duration of a statement, in milliseconds; 0 for no limit. Default 0. */
  statementTimeoutMs?: number | undefined;
  /** The maximum duration of the call, with connecting, waits and retries, in milliseconds. Default 300,000. */
  timeoutMs?: number | undefined;
  /** Rolls back and ends the call when it is aborted. Default: none. */
  signal?: AbortSignal | undefined;
  /** Receives log lines. Default: none, nothing is logged. */
  logger?: Logger | undefined;
  /** Called with each event. Errors that it throws are ignored. Default: none. */
  onEvent?: ((event: MigrationEvent) => unknown) | undefined;
}

/** The options of calls that only read: which database, and the deadline. */
export const DATABASE_OPTIONS = [
  'databaseUrl',
  'dbClient',
  'schema',
  'migrationsTable',
  'timeoutMs',
  'signal',
] as const satisfies readonly (keyof RunMigrationsOptions)[];

/** Options of a call that only reads; see {@link RunMigrationsOptions}. */
export type DatabaseOptions = Pick<RunMigrationsOptions, (typeof DATABASE_OPTIONS)[number]>;
