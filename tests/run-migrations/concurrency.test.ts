import { describe, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { LOCK_KEY } from '../../src/migrate/lock.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { bootAtOnce } from '../support/boots.ts';
import { createDatabase, withClient } from '../support/database.ts';
import { hasServerLog, statementsDuring, wholeStatementsDuring } from '../support/statements.ts';

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
    expect(new Set(statements.map((sql) => sql.slice(0, 45)))).toEqual(
      new Set(['SET LOCAL row_security = off; SELECT id, name']),
    );
  });
});

test('polls the migration lock with one statement at a time, at growing intervals', async (context) => {
  if (!hasServerLog()) context.skip("the log of TEST_DATABASE_URL's server cannot be read");
  const db = await createDatabase();
  const sent = await withClient(db.url, async (holder) => {
    await holder.query(`SELECT pg_advisory_lock(${LOCK_KEY})::text`);
    return wholeStatementsDuring(db, async () => {
      const waiting = runMigrations({ databaseUrl: db.url, migrationLockTimeoutMs: 800 });
      await expect(waiting).rejects.toMatchObject({ code: 'MIGRATION_LOCK_TIMEOUT' });
    });
  });
  const polls = sent.filter((sql) => sql.includes('pg_try_advisory_xact_lock_shared'));
  expect(polls.length).toBeGreaterThan(3);
  expect(polls.length).toBeLessThan(20);
  expect(sent.filter((sql) => sql.startsWith('BEGIN'))).toHaveLength(1);
});
