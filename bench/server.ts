import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedServer } from '../scripts/embedded-server.ts';
import { runMigrations } from '../src/index.ts';
import { cpuTimeOf } from './cpu-time.ts';
import { ServerLog } from './server-log.ts';

/**
 * All that differs from PostgreSQL's defaults. Checkpoints come when a benchmark asks for one, so
 * that no round pays for another's, and each database is vacuumed by the benchmark that owns it.
 */
export const SERVER_SETTINGS = {
  shared_preload_libraries: 'pg_stat_statements',
  shared_buffers: '2GB',
  maintenance_work_mem: '1GB',
  max_wal_size: '16GB',
  checkpoint_timeout: '1h',
  max_connections: '400',
} as const;

/** Settings that a benchmark may change while the server runs. */
const RELOADED = { autovacuum: 'off', autovacuum_naptime: '1s' } as const;
type Reloaded = Partial<Record<keyof typeof RELOADED, string>>;

/** What work costs the whole server, and the CPU time of its clients in this process. */
export interface WorkCost {
  readonly walBytes: number;
  /** Undefined where the system does not tell. */
  readonly cpuMs: number | undefined;
}

/** A PostgreSQL server for the benchmarks alone. */
export interface BenchServer {
  readonly version: string;
  /** An empty database of that name, in place of one that is there. */
  createEmptyDatabase(name: string): Promise<string>;
  /** The same with all migrations applied. */
  createDatabase(name: string): Promise<string>;
  /** A copy of a database that nobody is connected to, written through the WAL. */
  copyDatabase(from: string, name: string): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  configure(settings: Reloaded): Promise<void>;
  checkpoint(): Promise<void>;
  costOf(work: () => Promise<void>): Promise<WorkCost>;
  /** How many statements the log says that clients send to a database during the work. */
  statementsIn(name: string, work: () => Promise<unknown>): Promise<number>;
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

  const urlOf = (name: string) => {
    const url = new URL(embedded.url);
    url.pathname = `/${name}`;
    return url.href;
  };
  const dropDatabase = async (name: string) => {
    await admin.query(`DROP DATABASE IF EXISTS ${name}`);
  };
  const create = async (name: string, options = '') => {
    await dropDatabase(name);
    await admin.query(`CREATE DATABASE ${name} ${options}`);
    return urlOf(name);
  };
  const configure = async (settings: Reloaded) => {
    for (const [name, value] of Object.entries(settings)) {
      await admin.query(`ALTER SYSTEM SET ${name} = '${value}'`);
    }
    await admin.query('SELECT pg_reload_conf()');
  };
  const position = async () => {
    const at = await admin.query<{ bytes: string }>(
      "SELECT pg_current_wal_insert_lsn() - '0/0' AS bytes",
    );
    return Number(at.rows[0]?.bytes);
  };

  const [pid] = readFileSync(join(embedded.dataFolder, 'postmaster.pid'), 'utf8').split('\n');
  const cpuNs = () => cpuTimeOf(Number(pid)) ?? Number.NaN;

  await configure(RELOADED);
  return {
    version: String(rows[0]?.server_version),
    createEmptyDatabase: (name) => create(name),
    createDatabase: async (name) => {
      const url = await create(name);
      await runMigrations({ databaseUrl: url });
      return url;
    },
    copyDatabase: (from, name) => create(name, `TEMPLATE ${from} STRATEGY wal_log`),
    dropDatabase,
    configure,
    checkpoint: async () => {
      await admin.query('CHECKPOINT');
    },
    costOf: async (work) => {
      const [walBefore, cpuBefore] = [await position(), cpuNs()];
      await work();
      const cpuMs = (cpuNs() - cpuBefore) / 1e6;
      return {
        walBytes: (await position()) - walBefore,
        cpuMs: Number.isNaN(cpuMs) ? undefined : cpuMs,
      };
    },
    statementsIn: async (name, work) => {
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
