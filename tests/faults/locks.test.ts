import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { type MigrationEvent, type RunMigrationsOptions, runMigrations } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { createDatabase, type TestDatabase, withClient } from '../support/database.ts';
import { untilSession, WAITS_FOR_LOCK } from '../support/sessions.ts';
import { tally } from '../support/tally.ts';

const COUNT = migrations.length;
const LOCK_KEY = '7241865325823964';

/** Runs, and collects what it is told. */
async function attempt(options: RunMigrationsOptions) {
  const events: MigrationEvent[] = [];
  const started = performance.now();
  const outcome = await runMigrations({ ...options, onEvent: (event) => events.push(event) }).then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error }),
  );
  return { ...outcome, events, seconds: (performance.now() - started) / 1000 };
}

async function withLeads(): Promise<TestDatabase> {
  const db = await createDatabase();
  await db.query(`
    CREATE TABLE leads (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), note text);
    INSERT INTO leads (note) VALUES ('held')`);
  return db;
}

describe('a long transaction on leads', () => {
  test("holds up the migration, not the application's other writers", async () => {
    const db = await withLeads();
    const HELD_MS = 8_000;
    const stalls: number[] = [];
    let writing = true;
    const write = async () => {
      await withClient(db.url, async (client) => {
        while (writing) {
          const began = performance.now();
          await client.query("INSERT INTO leads (note) VALUES ('written meanwhile')");
          stalls.push(performance.now() - began);
          await sleep(5);
        }
      });
    };
    await withClient(db.url, async (application) => {
      await application.query("BEGIN; UPDATE leads SET note = 'being changed' WHERE note = 'held'");
      const writers = [write(), write()];
      const running = attempt({ databaseUrl: db.url });
      await sleep(HELD_MS);
      await application.query('COMMIT');
      const { result, events } = await running;
      writing = false;
      await Promise.all(writers);
      const retries = events.filter(({ type }) => type === 'retrying').length;
      const longest = Math.max(...stalls);
      tally({
        fault: `a transaction that holds leads for ${HELD_MS / 1000} s`,
        tried: stalls.length,
        survived: stalls.filter((ms) => ms < 1_000).length,
        note: `writes; longest stall of a writer ${longest.toFixed(0)} ms, lock budget 500 ms, ${retries} retries`,
      });
      expect(result?.ran).toHaveLength(COUNT);
      expect(retries).toBeGreaterThan(2);
      // The budget is 500 ms; the rest is for a busy machine. Without it a writer waits as long as the transaction.
      expect(longest).toBeLessThan(2_000);
    });
  });

  test('that creates leads at the same time is waited for, and its table used', async () => {
    const db = await createDatabase();
    await withClient(db.url, async (application) => {
      await application.query('BEGIN');
      await application.query('CREATE TABLE leads (id uuid PRIMARY KEY, note text)');
      // The run is inside CREATE TABLE, waiting for the name, when the application commits.
      const running = attempt({ databaseUrl: db.url, lockTimeoutMs: 30_000 });
      await untilSession(db, WAITS_FOR_LOCK);
      await application.query('COMMIT');
      const { result, events } = await running;
      expect(events.map(({ type }) => type)).toContain('retrying');
      expect(result?.ran).toHaveLength(COUNT);
    });
    const columns =
      "SELECT attname FROM pg_attribute WHERE attrelid = 'leads'::regclass AND attnum > 0";
    expect(await db.query(columns)).toEqual([{ attname: 'id' }, { attname: 'note' }]);
  });

  test('ends the run with LOCK_TIMEOUT when its time is up', async () => {
    const db = await withLeads();
    await withClient(db.url, async (application) => {
      await application.query("BEGIN; UPDATE leads SET note = 'being changed'");
      const { error } = await attempt({
        databaseUrl: db.url,
        timeoutMs: 2_000,
        lockTimeoutMs: 100,
      });
      expect(error).toMatchObject({
        code: 'LOCK_TIMEOUT',
        sqlState: '55P03',
        retryable: true,
        migration: migrations[2]?.name,
        statement: expect.stringContaining('FOREIGN KEY'),
      });
      const { rows } = await application.query('SELECT pg_backend_pid() AS pid');
      const { pid } = rows[0];
      expect((error as Error).message).toContain(`Locks are held by pid ${pid} (public.leads).`);
      expect((error as Error).message).toContain(`pg_terminate_backend(${pid})`);
      await application.query('ROLLBACK');
    });
    expect(await db.query("SELECT FROM pg_class WHERE relname = 'visitors'")).toEqual([]);
  });
});

describe('another migrator', () => {
  test('is named while it is waited for, and by the error when the wait is over', async () => {
    const db = await createDatabase();
    const holder = new pg.Client({ connectionString: db.url, application_name: 'the other one' });
    await holder.connect();
    try {
      const { rows } = await holder.query(
        `SELECT pg_backend_pid() AS pid, pg_advisory_lock(${LOCK_KEY})::text`,
      );
      const { error, events } = await attempt({ databaseUrl: db.url, migrationLockTimeoutMs: 700 });
      const named = {
        pid: rows[0].pid,
        applicationName: 'the other one',
        user: new URL(db.url).username,
      };
      expect(events[0]).toMatchObject({ type: 'waiting', holder: named });
      expect(error).toMatchObject({
        code: 'MIGRATION_LOCK_TIMEOUT',
        retryable: true,
        holder: named,
      });
      expect((error as Error).message).toContain(`pg_terminate_backend(${rows[0].pid})`);
      expect((error as Error).message).toContain('running SELECT pg_backend_pid');
    } finally {
      await holder.end();
    }
  });

  test('that has finished is noticed within a second, though it keeps the lock', async () => {
    const db = await createDatabase();
    await withClient(db.url, async (holder) => {
      await holder.query(`SELECT pg_advisory_lock(${LOCK_KEY})`);
      const waiting = attempt({ databaseUrl: db.url });
      await sleep(300);
      // The other one finishes its work, but keeps the lock.
      const names = migrations.map(({ name }) => `('${name}', now())`).join(', ');
      await holder.query(`
        CREATE TABLE tracking_migrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL);
        INSERT INTO tracking_migrations (name, run_on) VALUES ${names}`);
      const { result } = await waiting;
      expect(result).toMatchObject({ ran: [] });
      expect(result?.alreadyApplied).toHaveLength(COUNT);
    });
  });

  test('is not waited for with migrationLockTimeoutMs: 0', async () => {
    const db = await createDatabase();
    await withClient(db.url, async (holder) => {
      await holder.query(`SELECT pg_advisory_lock(${LOCK_KEY})`);
      const { error } = await attempt({ databaseUrl: db.url, migrationLockTimeoutMs: 0 });
      expect(error).toMatchObject({ code: 'MIGRATION_LOCK_TIMEOUT' });
    });
  });
});

test.each([
  [
    'in a literal',
    "SELECT pg_advisory_lock(KEY), 's3cret', $x$s3cret$x$, 'it''s s3cret'",
    'SELECT pg_advisory_lock',
  ],
  [
    'after an apostrophe in a comment',
    "SELECT pg_advisory_lock(KEY) -- the partner's role\n, 's3cret'",
    'SELECT pg_advisory_lock',
  ],
  [
    'in an escape string',
    "SELECT pg_advisory_lock(KEY), E'it\\'s', 's3cret'",
    'SELECT pg_advisory_lock',
  ],
  ['in a comment', '/* s3cret */ SELECT pg_advisory_lock(KEY)', 'an unknown statement'],
])("does not show a password %s of the lock holder's statement", async (_, sql, shown) => {
  const db = await createDatabase();
  await withClient(db.url, async (holder) => {
    await holder.query(sql.replace('KEY', String(LOCK_KEY)));
    const { error, events } = await attempt({ databaseUrl: db.url, migrationLockTimeoutMs: 0 });
    expect(error).toMatchObject({ code: 'MIGRATION_LOCK_TIMEOUT' });
    expect((error as Error).message).toContain(`running ${shown}.`);
    expect(JSON.stringify(events) + (error as Error).message).not.toContain('s3cret');
  });
});

test("a caller's client that is still in a transaction of ours when the run has to end is closed", async () => {
  const db = await withLeads();
  const client = new pg.Client(db.url);
  await client.connect();
  client.on('error', () => {});
  await withClient(db.url, async (application) => {
    await application.query("BEGIN; UPDATE leads SET note = 'being changed'");
    const end = new AbortController();
    const running = attempt({ dbClient: client, lockTimeoutMs: 60_000, signal: end.signal });
    await untilSession(db, WAITS_FOR_LOCK);
    end.abort();
    const { error } = await running;
    expect(error).toMatchObject({ code: 'ABORTED' });
    await expect(
      client.query("INSERT INTO leads (note) VALUES ('a paid order')"),
    ).rejects.toThrow();
    await application.query('ROLLBACK');
  });
  expect((await attempt({ databaseUrl: db.url })).result?.ran).toHaveLength(COUNT);
});

describe('the budgets', () => {
  test('of a statement ends a statement that takes longer, with everything rolled back', async () => {
    const db = await withLeads();
    await withClient(db.url, async (application) => {
      await application.query("BEGIN; UPDATE leads SET note = 'being changed'");
      const { error } = await attempt({
        databaseUrl: db.url,
        statementTimeoutMs: 300,
        lockTimeoutMs: 60_000,
      });
      expect(error).toMatchObject({
        code: 'STATEMENT_TIMEOUT',
        sqlState: '57014',
        retryable: true,
      });
      await application.query('ROLLBACK');
    });
    expect(await db.query("SELECT FROM pg_class WHERE relname = 'visitors'")).toEqual([]);
  });

  test('of the whole run holds in the middle of a statement', async () => {
    const db = await withLeads();
    await withClient(db.url, async (application) => {
      await application.query("BEGIN; UPDATE leads SET note = 'being changed'");
      const { error } = await attempt({
        databaseUrl: db.url,
        timeoutMs: 800,
        lockTimeoutMs: 60_000,
      });
      expect(error).toMatchObject({ code: 'CALL_TIMEOUT', retryable: true });
      await application.query('ROLLBACK');
    });
  });

  test('an AbortSignal ends the run while it waits, before it begins, and in a statement', async () => {
    const db = await withLeads();
    const before = await attempt({ databaseUrl: db.url, signal: AbortSignal.abort() });
    expect(before.error).toMatchObject({ code: 'ABORTED' });
    await withClient(db.url, async (application) => {
      await application.query(`SELECT pg_advisory_lock(${LOCK_KEY})`);
      const waiting = await attempt({ databaseUrl: db.url, signal: AbortSignal.timeout(300) });
      expect(waiting.error).toMatchObject({ code: 'ABORTED' });
      await application.query(`SELECT pg_advisory_unlock(${LOCK_KEY})`);
      await application.query("BEGIN; UPDATE leads SET note = 'being changed'");
      const inStatement = await attempt({
        databaseUrl: db.url,
        lockTimeoutMs: 60_000,
        signal: AbortSignal.timeout(500),
      });
      expect(inStatement.error).toMatchObject({ code: 'ABORTED' });
      expect(inStatement.seconds).toBeLessThan(30);
      await application.query('ROLLBACK');
    });
    expect((await attempt({ databaseUrl: db.url })).result?.ran).toHaveLength(COUNT);
  });
});
