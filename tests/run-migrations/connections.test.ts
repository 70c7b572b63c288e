import { type AddressInfo, connect, createServer } from 'node:net';
import pg from 'pg';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import {
  createDatabase,
  createMigratedDatabase,
  type TestDatabase,
  withClient,
} from '../support/database.ts';

const COUNT = migrations.length;

/** Everything of a session that a run could leave changed. */
const SESSION = `
  SELECT current_setting('search_path') AS search_path, current_setting('timezone') AS timezone,
         current_setting('lock_timeout') AS lock_timeout, current_setting('statement_timeout') AS statement_timeout,
         current_setting('application_name') AS application_name,
         current_setting('client_connection_check_interval') AS check_interval,
         (SELECT count(*)::int FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory') AS locks,
         now() = statement_timestamp() AS outside_a_transaction`;

async function expectMigrated(db: TestDatabase): Promise<void> {
  expect(await db.query('SELECT FROM tracking_migrations')).toHaveLength(COUNT);
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('dbClient', () => {
  test('leaves the settings, locks and listeners of a Client unchanged', async () => {
    const db = await createDatabase();
    await withClient(db.url, async (client) => {
      await client.query(
        "SET search_path = pg_catalog; SET timezone = 'Asia/Tokyo'; SET lock_timeout = '7s'",
      );
      const before = (await client.query(SESSION)).rows;
      const listeners = client.listenerCount('error');
      const { ran } = await runMigrations({ dbClient: client });
      expect(ran).toHaveLength(COUNT);
      expect((await client.query(SESSION)).rows).toEqual(before);
      expect(before[0]).toMatchObject({ locks: 0, outside_a_transaction: true });
      expect(client.listenerCount('error')).toBe(listeners);
    });
    await expectMigrated(db);
  });

  test('leaves a Client unchanged when the run fails', async () => {
    const db = await createDatabase();
    await db.query('CREATE TABLE leads (id bigint PRIMARY KEY)');
    await withClient(db.url, async (client) => {
      const before = (await client.query(SESSION)).rows;
      await expect(runMigrations({ dbClient: client })).rejects.toThrow();
      expect((await client.query(SESSION)).rows).toEqual(before);
    });
  });

  test('accepts a configuration with a non-enumerable password, such as pool.options', async () => {
    const db = await createDatabase();
    const { hostname, port, username, password, pathname } = new URL(db.url);
    const pool = new pg.Pool({
      host: hostname,
      port: Number(port),
      user: username,
      password: decodeURIComponent(password),
      database: pathname.slice(1),
    });
    expect(Object.keys(pool.options)).not.toContain('password');
    await runMigrations({ databaseUrl: pool.options });
    await expectMigrated(db);
  });

  test('keeps a PoolClient checked out, and releases the client of a Pool', async () => {
    const db = await createDatabase();
    const pool = new pg.Pool({ connectionString: db.url, max: 1 });
    try {
      const client = await pool.connect();
      await runMigrations({ dbClient: client });
      expect(pool.idleCount).toBe(0);
      client.release();
      const { alreadyApplied } = await runMigrations({ dbClient: pool });
      expect(alreadyApplied).toHaveLength(COUNT);
      expect(pool.idleCount).toBe(1);
      expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    } finally {
      await pool.end();
    }
  });

  test('refuses a Client inside a transaction, which continues', async () => {
    const db = await createDatabase();
    await withClient(db.url, async (client) => {
      await client.query('BEGIN; CREATE TABLE mine (id int)');
      await expect(runMigrations({ dbClient: client })).rejects.toMatchObject({
        code: 'CLIENT_IN_TRANSACTION',
      });
      await client.query('COMMIT');
    });
    expect(await db.query('SELECT FROM mine')).toEqual([]);
  });

  test('refuses a Client inside a transaction where pg lacks getTransactionStatus', async () => {
    const db = await createMigratedDatabase();
    await withClient(db.url, async (client) => {
      Object.assign(client, { getTransactionStatus: undefined });
      await client.query('BEGIN');
      await expect(runMigrations({ dbClient: client })).rejects.toMatchObject({
        code: 'CLIENT_IN_TRANSACTION',
      });
      await client.query('ROLLBACK');
      expect(await runMigrations({ dbClient: client })).toMatchObject({ ran: [] });
    });
  });

  test('works with custom type parsers', async () => {
    const db = await createDatabase();
    const dbClient = new pg.Client({
      connectionString: db.url,
      types: { getTypeParser: () => (value: unknown) => value },
    });
    await dbClient.connect();
    try {
      await withClient(db.url, async (other) => {
        await other.query('SELECT pg_advisory_lock(7241865325823964)');
        await expect(runMigrations({ dbClient, migrationLockTimeoutMs: 0 })).rejects.toMatchObject({
          code: 'MIGRATION_LOCK_TIMEOUT',
        });
      });
      expect((await runMigrations({ dbClient })).ran).toHaveLength(COUNT);
    } finally {
      await dbClient.end();
    }
  });

  test('refuses a Client that is not connected', async () => {
    const db = await createDatabase();
    const dbClient = new pg.Client(db.url);
    await expect(runMigrations({ dbClient })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      option: 'dbClient',
    });
  });
});

describe('a server or a pool that does not answer', () => {
  test('an exhausted pool: throws CALL_TIMEOUT, and releases the late client', async () => {
    const db = await createDatabase();
    const pool = new pg.Pool({ connectionString: db.url, max: 1 });
    try {
      const busy = await pool.connect();
      await expect(runMigrations({ dbClient: pool, timeoutMs: 300 })).rejects.toMatchObject({
        code: 'CALL_TIMEOUT',
      });
      busy.release();
      expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
      expect(pool.idleCount).toBe(1);
    } finally {
      await pool.end();
    }
  });

  test('a server that does not close the connection: the call returns', async () => {
    const db = await createMigratedDatabase();
    const { hostname, port } = new URL(db.url);
    // Forwards everything except Terminate, a message X.
    const mute = createServer((client) => {
      const server = connect(Number(port), hostname);
      client.on('data', (data) => data[0] !== 0x58 && server.write(data));
      server.pipe(client, { end: false });
      client.on('error', () => {});
      client.on('close', () => server.destroy());
    });
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const through = new URL(db.url);
    through.host = `127.0.0.1:${(mute.address() as AddressInfo).port}`;
    expect(await runMigrations({ databaseUrl: through.href })).toMatchObject({ ran: [] });
    mute.close();
  });

  test('a silent server: throws CALL_TIMEOUT or ABORTED', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const databaseUrl = `postgres://u:p@127.0.0.1:${port}/db`;
    await expect(runMigrations({ databaseUrl, timeoutMs: 300 })).rejects.toMatchObject({
      code: 'CALL_TIMEOUT',
    });
    const signal = AbortSignal.timeout(300);
    await expect(runMigrations({ databaseUrl, signal })).rejects.toMatchObject({ code: 'ABORTED' });
    silent.close();
  });
});

describe('databaseUrl', () => {
  test('can be a pg configuration', async () => {
    const db = await createDatabase();
    const { hostname, port, username, password, pathname } = new URL(db.url);
    const databaseUrl = {
      host: hostname,
      port: Number(port),
      user: username,
      password,
      database: pathname.slice(1),
    };
    await runMigrations({ databaseUrl });
    await expectMigrated(db);
  });

  test('defaults to DATABASE_URL', async () => {
    const db = await createDatabase();
    vi.stubEnv('DATABASE_URL', db.url);
    await runMigrations();
    await expectMigrated(db);
  });

  test('defaults to the PG* variables without DATABASE_URL', async () => {
    const db = await createDatabase();
    const { hostname, port, username, password, pathname } = new URL(db.url);
    vi.stubEnv('DATABASE_URL', undefined);
    vi.stubEnv('PGHOST', hostname);
    vi.stubEnv('PGPORT', port);
    vi.stubEnv('PGUSER', username);
    vi.stubEnv('PGPASSWORD', password);
    vi.stubEnv('PGDATABASE', pathname.slice(1));
    await runMigrations();
    await expectMigrated(db);
  });
});

test('an error while releasing the client does not hide the error of the call', async () => {
  const db = await createDatabase();
  await db.query('CREATE TABLE leads (id bigint PRIMARY KEY)');
  const pool = new pg.Pool({ connectionString: db.url });
  let client: pg.PoolClient | undefined;
  pool.on('release', (_, released) => {
    client = released;
    throw new Error('a listener of the application');
  });
  await expect(runMigrations({ dbClient: pool })).rejects.toMatchObject({
    code: 'PREFLIGHT_FAILED',
  });
  // The pool itself counts the client as borrowed, and would wait for it.
  await (client as unknown as pg.Client).end();
});
