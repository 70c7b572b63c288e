import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedServer } from '../scripts/embedded-server.ts';
import { withClient } from '../scripts/with-client.ts';
import { runMigrations } from '../src/index.ts';
import { cpuTimeOf } from './cpu-time.ts';
import { ServerLog } from './server-log.ts';

/**
 * All that differs from PostgreSQL's defaults. Checkpoints come when a benchmark asks for one, so
 * that no round pays for another's, and each database is vacuumed by the benchmark that owns it.
 */
export const SERVER_SETTINGS = {
  autovacuum: 'off',
  shared_buffers: '2GB',
  maintenance_work_mem: '1GB',
  max_wal_size: '4GB',
  checkpoint_timeout: '1h',
  max_connections: '400',
} as const;

/** What work costs the whole server. */
export interface ServerCost {
  /** NaN where the system does not tell. */
  readonly cpuMs: number;
  readonly walBytes: number;
}

/** A PostgreSQL server for the benchmarks alone. */
export interface BenchServer {
  readonly version: string;
  /** An empty database of that name, in place of one that is there; connected to once, which fills its caches on disk. */
  createEmptyDatabase(name: string): Promise<string>;
  /** The same with all migrations applied. */
  createDatabase(name: string): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  checkpoint(): Promise<void>;
  costOf(work: () => Promise<unknown>): Promise<ServerCost>;
  /** How many statements the log says that clients send to a database during the work. */
  statementsIn(url: string, work: () => Promise<unknown>): Promise<number>;
  stop(): Promise<void>;
}

export async function startBenchServer(): Promise<BenchServer> {
  const log = new ServerLog();
  const embedded = await startEmbeddedServer({
    onLog: log.push,
    flags: Object.entries(SERVER_SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  });
  const admin = new pg.Client(embedded.url);
  await admin.connect();
  const { rows } = await admin.query<{ server_version: string }>('SHOW server_version');
  const [pid] = readFileSync(join(embedded.dataFolder, 'postmaster.pid'), 'utf8').split('\n');

  const dropDatabase = async (name: string) => {
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  };
  const createEmptyDatabase = async (name: string) => {
    await dropDatabase(name);
    await admin.query(`CREATE DATABASE ${name}`);
    const url = new URL(embedded.url);
    url.pathname = `/${name}`;
    await withClient(url.href, (client) => client.query('SELECT 1'));
    return url.href;
  };
  const position = async () => {
    const at = await admin.query<{ bytes: string }>(
      "SELECT pg_current_wal_insert_lsn() - '0/0' AS bytes",
    );
    return Number(at.rows[0]?.bytes);
  };
  return {
    version: String(rows[0]?.server_version),
    createEmptyDatabase,
    createDatabase: async (name) => {
      const url = await createEmptyDatabase(name);
      await runMigrations({ databaseUrl: url });
      return url;
    },
    dropDatabase,
    checkpoint: async () => {
      await admin.query('CHECKPOINT');
    },
    costOf: async (work) => {
      const [walBefore, cpuBefore] = [await position(), cpuTimeOf(Number(pid))];
      await work();
      const cpuMs = (cpuTimeOf(Number(pid)) - cpuBefore) / 1e6;
      return { cpuMs, walBytes: (await position()) - walBefore };
    },
    statementsIn: async (url, work) => {
      const name = new URL(url).pathname.slice(1);
      await admin.query(`ALTER DATABASE ${name} SET log_statement = 'all'`);
      const count = await log.countStatements(admin, work);
      await admin.query(`ALTER DATABASE ${name} RESET log_statement`);
      return count;
    },
    stop: async () => {
      await admin.end();
      await embedded.stop();
    },
  };
}
