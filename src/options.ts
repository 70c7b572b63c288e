import type { Client, ClientConfig, Pool, PoolClient } from 'pg';
import type { Logger, MigrationEvent } from './events.ts';

/**
 * Options of {@link runMigrations}. Where node-pg-migrate has an option that means the same, it
 * has the same name. With neither `databaseUrl` nor `dbClient`, `DATABASE_URL` is used, else the
 * `PG*` variables.
 */
export interface RunMigrationsOptions {
  /** A URL (`postgres://…`) or a pg client configuration. */
  databaseUrl?: string | ClientConfig | undefined;
  /** A connected client, or a pool to borrow one from. It comes back as it was. */
  dbClient?: Client | PoolClient | Pool | undefined;
  /**
   * The schema to create in; an array adds schemas in which the application's `leads` is looked up. All
   * must exist, but for the first with `createSchema`. Default `'public'`.
   */
  schema?: string | readonly string[] | undefined;
  /** Create the first schema if it is missing, with USAGE for service_role. Default `false`. */
  createSchema?: boolean | undefined;
  /** The migrations table, in the first schema. Default `'tracking_migrations'`. */
  migrationsTable?: string | undefined;
  /** Default `'up'`. `'down'` needs `count` or `target`. */
  direction?: 'up' | 'down' | undefined;
  /** How many migrations to run at most. Default: all that are pending. */
  count?: number | undefined;
  /** A migration's name: go up until it is applied, or down until it is the last one applied. */
  target?: string | undefined;
  /** Report what would run, and change nothing. Default `false`. */
  dryRun?: boolean | undefined;
  /** With `down`: drop tables though they hold rows, and columns with values. Default `false`. */
  allowDataLoss?: boolean | undefined;
  /** How long to wait for another migrator, in milliseconds. Default 120,000. */
  migrationLockTimeoutMs?: number | undefined;
  /**
   * How long one statement may wait for a lock on a table, and so hold up the application's writers, in
   * milliseconds. Then the transaction is rolled back, and tried again later. Default 500.
   */
  lockTimeoutMs?: number | undefined;
  /** How long one statement may take, in milliseconds; 0 for no limit. Default 0. */
  statementTimeoutMs?: number | undefined;
  /** How long the whole run may take, with waits and retries, in milliseconds. Default 300,000. */
  timeoutMs?: number | undefined;
  /** Ends the run, rolled back, when it is aborted. */
  signal?: AbortSignal | undefined;
  /** Gets log lines. Default: none are written. */
  logger?: Logger | undefined;
  /** Is told what happens, as it happens. What it throws is ignored. */
  onEvent?: ((event: MigrationEvent) => unknown) | undefined;
}

/** Those that say where to look, and how long that may take. */
export const DATABASE_OPTIONS = [
  'databaseUrl',
  'dbClient',
  'schema',
  'migrationsTable',
  'timeoutMs',
  'signal',
] as const satisfies readonly (keyof RunMigrationsOptions)[];

/** Options of a call that only looks; see {@link RunMigrationsOptions}. */
export type DatabaseOptions = Pick<RunMigrationsOptions, (typeof DATABASE_OPTIONS)[number]>;
