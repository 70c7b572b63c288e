import type { ClientConfig } from 'pg';
import { beforeEach, describe, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { LOCK_KEY } from '../../src/migrate/lock.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { bootAtOnce, useBoots } from '../support/boots.ts';
import { serverMajor } from '../support/catalogue.ts';
import { createDatabase, createRole, type TestDatabase, withClient } from '../support/database.ts';
import { untilSession } from '../support/sessions.ts';
import { hasServerLog, statementsDuring, wholeStatementsDuring } from '../support/statements.ts';

useBoots();

const NAMES = migrations.map(({ name }) => name);

describe('twenty processes that boot at the same instant', () => {
  test('all succeed on an empty database, and each migration is recorded once', async () => {
    const db = await createDatabase();
    const reports = await bootAtOnce(20, { databaseUrl: db.url });
    expect(reports.filter((report) => !report?.ok)).toEqual([]);
    const appliers = reports.filter((report) => (report?.ran?.length ?? 0) > 0);
    expect(appliers.map((report) => report?.ran)).toEqual([NAMES]);
    const migrationsTable = await db.query('SELECT name FROM tracking_migrations ORDER BY id');
    expect(migrationsTable.map(({ name }) => name)).toEqual(NAMES);
  });

  test('all succeed on an up-to-date database, with one statement each', async (context) => {
    if (!hasServerLog()) context.skip("the log of TEST_DATABASE_URL's server cannot be read");
    const db = await createDatabase();
    await bootAtOnce(1, { databaseUrl: db.url });
    let reports: Awaited<ReturnType<typeof bootAtOnce>> = [];
    const statements = await statementsDuring(db, async () => {
      reports = await bootAtOnce(20, { databaseUrl: db.url });
    });
    expect(reports.filter((report) => !report?.ok || report.ran?.length !== 0)).toEqual([]);
    expect(statements).toHaveLength(20);
    expect(new Set(statements.map((sql) => sql.slice(0, 15)))).toEqual(
      new Set(['SELECT id, name']),
    );
  });
});

describe('one that waits for another', () => {
  const waitMs = 800;
  const inServer = (sql: string) => sql.includes('pg_sleep(0');
  const pollsOf = (sent: readonly string[]) =>
    sent.filter((sql) => sql.includes('pg_try_advisory_xact_lock_shared'));

  /** Prepares a database, and says how to connect. */
  type Prepare = (db: TestDatabase) => Promise<ClientConfig>;
  const withSetting = (setting: string) => async (db: TestDatabase) => {
    await db.query(`ALTER DATABASE ${db.name} SET ${setting}`);
    return {};
  };

  /** What it sends while somebody has the lock. */
  async function sentWhileWaiting(prepare: Prepare): Promise<string[]> {
    const db = await createDatabase();
    const databaseUrl = { connectionString: db.url, ...(await prepare(db)) };
    return withClient(db.url, async (holder) => {
      await holder.query(`SELECT pg_advisory_lock(${LOCK_KEY})::text`);
      return wholeStatementsDuring(db, async () => {
        const waiting = runMigrations({ databaseUrl, migrationLockTimeoutMs: waitMs });
        await expect(waiting).rejects.toMatchObject({ code: 'MIGRATION_LOCK_TIMEOUT' });
      });
    });
  }

  beforeEach((context) => {
    if (!hasServerLog()) context.skip("the log of TEST_DATABASE_URL's server cannot be read");
  });

  test.each<{ where: string; prepare: Prepare }>([
    { where: 'as it is', prepare: async () => ({}) },
    {
      where: 'with a short statement_timeout',
      prepare: withSetting("statement_timeout = '100ms'"),
    },
  ])('polls in the server, two statements a second: $where', async ({ prepare }) => {
    const sent = await sentWhileWaiting(prepare);
    const [first, ...others] = pollsOf(sent).map(inServer);
    expect([first, ...new Set(others)]).toEqual([false, true]);
    expect(others.length).toBeLessThanOrEqual(3);
    expect(sent.filter((sql) => sql.startsWith('BEGIN'))).toHaveLength(1);
  });

  test('is woken there once the lock is free', async () => {
    const db = await createDatabase();
    const sent = await withClient(db.url, async (holder) => {
      await holder.query(`SELECT pg_advisory_lock(${LOCK_KEY})::text`);
      return wholeStatementsDuring(db, async () => {
        const waiting = runMigrations({ databaseUrl: db.url });
        await untilSession(db, "wait_event = 'PgSleep'");
        await holder.query(`SELECT pg_advisory_unlock(${LOCK_KEY})::text`);
        expect((await waiting).ran.length).toBe(NAMES.length);
      });
    });
    expect(pollsOf(sent).map(inServer)).toEqual([false, true]);
  });

  test.for<{ where: string; prepare: Prepare; since?: number }>([
    { where: 'with a query_timeout', prepare: async () => ({ query_timeout: 400 }) },
    {
      where: 'with a transaction_timeout',
      prepare: withSetting("transaction_timeout = '400ms'"),
      since: 17,
    },
    {
      where: 'without the right to call pg_sleep',
      prepare: async (db) => {
        await db.query('REVOKE EXECUTE ON FUNCTION pg_sleep(double precision) FROM PUBLIC');
        const { name, password } = await createRole();
        return { connectionString: db.urlFor(name, password) };
      },
    },
  ])('asks each time, with one statement, $where', async ({ prepare, since }, context) => {
    if (since && since > (await serverMajor(await createDatabase())))
      context.skip(`needs PostgreSQL ${since}`);
    const polls = pollsOf(await sentWhileWaiting(prepare));
    expect(polls.length).toBeGreaterThan(3);
    expect(polls.filter(inServer)).toEqual([]);
  });
});
