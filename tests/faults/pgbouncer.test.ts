import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { trackingQueue } from '../../src/queue/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { type BootReport, bootAtOnce } from '../support/boots.ts';
import { createDatabase, createMigratedDatabase, type TestDatabase } from '../support/database.ts';
import {
  findPgBouncer,
  PGBOUNCER_PACKAGE,
  type PgBouncer,
  POOL_SIZE,
  startPgBouncer,
} from '../support/pgbouncer.ts';
import { tally } from '../support/tally.ts';

const NAMES = migrations.map(({ name }) => name);
const PROCESSES = 20;
const ROUNDS_TO_MEET_ALL = 50;

const program = findPgBouncer();
let pooler: PgBouncer;

beforeAll(async () => {
  if (program) pooler = await startPgBouncer(program, inject('serverUrl'));
  else if (process.env.CI) throw new Error(PGBOUNCER_PACKAGE);
});
beforeEach((context) => {
  if (!program) context.skip(PGBOUNCER_PACKAGE);
});
afterAll(() => pooler?.stop());

/** Boots through the pooler, looks at what that left, and counts. */
async function boot(
  db: TestDatabase,
  when: string,
): Promise<{ reports: BootReport[]; connections: number }> {
  const reports = await bootAtOnce(PROCESSES, { databaseUrl: pooler.urlFor(db.name) });
  const succeeded = reports.flatMap((report) => (report?.ok ? [report] : []));
  let survived = 0;
  let connections = 0;
  try {
    const migrationsTable = await db.query('SELECT name FROM tracking_migrations ORDER BY id');
    expect(migrationsTable.map(({ name }) => name)).toEqual(NAMES);
    connections = await expectNothingLeftBehind(db);
    survived = succeeded.length;
  } finally {
    tally({
      fault: `${PROCESSES} processes at once through PgBouncer, ${when}`,
      tried: PROCESSES,
      survived,
      note: `no lock or setting left on its ${connections} server connections`,
    });
  }
  expect(reports.filter((report) => !report?.ok)).toEqual([]);
  return { reports: succeeded, connections };
}

/** What each call ran, of those that ran anything. */
function ran({ reports }: { reports: readonly BootReport[] }): unknown[] {
  return reports.map((report) => report.ran).filter((names) => names?.length !== 0);
}

interface Session {
  readonly pid: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly prepared: number;
}

/**
 * All settings of a session, whether set by the server, the login or a statement; without those of
 * PL/pgSQL, which are there once a session has used it. The nap keeps the connection busy, so that
 * the next question goes to another one.
 */
const SESSION = `
  SELECT pg_backend_pid() AS pid, json_object_agg(name, setting ORDER BY name) AS settings,
         (SELECT count(*)::int FROM pg_prepared_statements) AS prepared,
         (SELECT count(*) FROM pg_sleep(0.05)) AS nap
    FROM pg_settings WHERE name NOT LIKE 'plpgsql.%'`;

/** Among them, at least, what a run sets for its transaction. */
const SET_BY_A_RUN = [
  'search_path',
  'TimeZone',
  'lock_timeout',
  'statement_timeout',
  'idle_in_transaction_session_timeout',
  'client_min_messages',
  'client_connection_check_interval',
  'application_name',
];

/** The pooler's connections to a database. */
async function serverConnections(db: TestDatabase): Promise<number[]> {
  const rows = await db.query<{ pid: number }>(`
    SELECT pid FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
     ORDER BY 1`);
  return rows.map(({ pid }) => pid);
}

/** Asks through the pooler, several times at once, until each of its connections has answered. */
async function sessionsOf(db: TestDatabase, pids: readonly number[]): Promise<Session[]> {
  const pool = new pg.Pool({
    connectionString: pooler.urlFor(db.name),
    max: 2 * POOL_SIZE,
  });
  const sessions = new Map<number, Session>();
  try {
    for (let round = 0; round < ROUNDS_TO_MEET_ALL && sessions.size < pids.length; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 2 * POOL_SIZE }, () => pool.query<Session>(SESSION)),
      );
      for (const session of answers.flatMap(({ rows }) => rows)) sessions.set(session.pid, session);
    }
  } finally {
    await pool.end();
  }
  return [...sessions.values()];
}

/**
 * The connections that just served are as good as new: no lock, no setting, no prepared statement.
 *
 * @returns how many they are
 */
async function expectNothingLeftBehind(db: TestDatabase): Promise<number> {
  const pids = await serverConnections(db);
  expect(pids.length).toBeGreaterThan(0);
  const locks = `
    SELECT pid FROM pg_locks
     WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  expect(await db.query(locks)).toEqual([]);
  const [fresh] = await db.query<Session>(SESSION);
  expect(Object.keys(fresh?.settings ?? {})).toEqual(expect.arrayContaining(SET_BY_A_RUN));
  const sessions = await sessionsOf(db, pids);
  const met = new Set(sessions.map(({ pid }) => pid));
  expect(pids.filter((pid) => !met.has(pid))).toEqual([]);
  for (const { settings, prepared } of sessions) {
    expect(settings).toEqual(fresh?.settings);
    expect(prepared).toBe(0);
  }
  return pids.length;
}

describe(`through PgBouncer in transaction mode, ${PROCESSES} processes`, () => {
  test('all succeed on an empty database: one applies, and nothing is left behind', async () => {
    const db = await createDatabase();
    const booted = await boot(db, 'empty database');
    expect(ran(booted)).toEqual([NAMES]);
    // As many as could be were at it at once, so as many could have been spoilt.
    expect(booted.connections).toBe(POOL_SIZE);
  });

  test('all succeed on an up-to-date database: none applies, and nothing is left behind', async () => {
    const db = await createMigratedDatabase();
    expect(ran(await boot(db, 'up to date'))).toEqual([]);
  });

  test('all succeed with one migration pending: one applies it, and nothing is left behind', async () => {
    const db = await createDatabase();
    await runMigrations({ databaseUrl: db.url, count: NAMES.length - 1 });
    expect(ran(await boot(db, 'one migration pending'))).toEqual([NAMES.slice(-1)]);
  });
});

describe("a caller's Pool through PgBouncer", () => {
  test('installs, finds nothing to do, goes back, and leaves nothing behind', async () => {
    const db = await createDatabase();
    const pool = new pg.Pool({ connectionString: pooler.urlFor(db.name), max: 1 });
    try {
      const first = await runMigrations({ dbClient: pool });
      expect(first.ran.map(({ name }) => name)).toEqual(NAMES);
      expect(await runMigrations({ dbClient: pool })).toMatchObject({
        ran: [],
        alreadyApplied: NAMES,
      });
      const down = { direction: 'down', count: Number.POSITIVE_INFINITY } as const;
      expect((await runMigrations({ dbClient: pool, ...down })).ran).toHaveLength(NAMES.length);
      expect(pool.idleCount).toBe(1);
    } finally {
      await pool.end();
    }
    await expectNothingLeftBehind(db);
  });
});

describe('the functions of the queue through PgBouncer in transaction mode', () => {
  test('succeed on a pool, where statements are prepared until one is refused', async () => {
    const db = await createMigratedDatabase();
    const pool = new pg.Pool({ connectionString: pooler.urlFor(db.name), max: PROCESSES });
    try {
      const queue = trackingQueue(pool);
      for (let turn = 0; turn < 5; turn += 1) {
        const visits = Array.from({ length: PROCESSES }, (_, visitor) =>
          queue.upsertVisitor({ visitor_id: `visitor ${visitor}` }),
        );
        const visitors = await Promise.all(visits);
        expect(visitors.filter(({ is_new }) => is_new)).toHaveLength(turn === 0 ? PROCESSES : 0);
      }
      expect(await queue.claimConversions()).toEqual([]);
    } finally {
      await pool.end();
    }
  });
});
