import type { ClientConfig } from 'pg';
import { beforeEach, describe, expect, inject, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { migrations } from '../../src/migrations.ts';
import { LOCK_KEY } from '../../src/run/lock.ts';
import { bootAtOnce, useBoots } from '../support/boots.ts';
import { createDatabase, withClient } from '../support/database.ts';
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
    const ledger = await db.query('SELECT name FROM tracking_migrations ORDER BY id');
    expect(ledger.map(({ name }) => name)).toEqual(NAMES);
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
  const pollsOf = (sent: readonly string[]) =>
    sent.filter((sql) => sql.includes('pg_try_advisory_xact_lock_shared'));
  const inServer = (sql: string) => sql.includes('pg_sleep');
  const waitMs = 800;

  /** What it sends to a database with these settings while somebody has the lock. */
  async function sentWhileWaiting(settings: readonly string[], options: ClientConfig = {}) {
    const db = await createDatabase();
    for (const setting of settings) await db.query(`ALTER DATABASE ${db.name} SET ${setting}`);
    return withClient(db.url, async (holder) => {
      await holder.query(`SELECT pg_advisory_lock(${LOCK_KEY})::text`);
      return wholeStatementsDuring(db, async () => {
        const databaseUrl = { connectionString: db.url, ...options };
        const waiting = runMigrations({ databaseUrl, waitTimeoutMs: waitMs });
        await expect(waiting).rejects.toMatchObject({ code: 'MIGRATOR_TIMEOUT' });
      });
    });
  }

  beforeEach((context) => {
    if (!hasServerLog()) context.skip("the log of TEST_DATABASE_URL's server cannot be read");
  });

  test.each([
    { where: 'as it is', settings: [] },
    { where: 'with a short statement_timeout', settings: ["statement_timeout = '100ms'"] },
  ])('polls in the server, two statements a second: $where', async ({ settings }) => {
    const sent = await sentWhileWaiting(settings);
    expect(pollsOf(sent).map(inServer)).toEqual([false, true, true]);
    expect(sent.filter((sql) => sql.startsWith('BEGIN'))).toHaveLength(1);
  });

  test.for([
    { where: 'with a query_timeout', settings: [], options: { query_timeout: 400 } },
    { where: 'with a transaction_timeout', settings: ["transaction_timeout = '400ms'"], since: 17 },
  ])(
    'asks each time, with one statement, $where',
    async ({ settings, options, since }, context) => {
      if (since && since > (await serverMajor())) context.skip(`needs PostgreSQL ${since}`);
      const polls = pollsOf(await sentWhileWaiting(settings, options));
      expect(polls.length).toBeGreaterThan(3);
      expect(polls.filter(inServer)).toEqual([]);
    },
  );
});

async function serverMajor(): Promise<number> {
  return withClient(inject('serverUrl'), async (client) => {
    const { rows } = await client.query<{ version: number }>(
      "SELECT current_setting('server_version_num')::int / 10000 AS version",
    );
    return rows[0]?.version ?? 0;
  });
}
