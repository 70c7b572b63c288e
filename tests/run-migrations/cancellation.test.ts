import pg from 'pg';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { migrationStatus, runMigrations } from '../../src/index.ts';
import { createMigratedDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;

/** A database whose migrations table another session has locked. */
beforeEach(async () => {
  db = await createMigratedDatabase();
  const locker = new pg.Client(db.url);
  await locker.connect();
  onTestFinished(() => locker.end());
  await locker.query('BEGIN; LOCK TABLE tracking_migrations IN ACCESS EXCLUSIVE MODE');
});

const waiting = async () => {
  const rows = await db.query<{ query: string }>(
    `SELECT query FROM pg_stat_activity WHERE datname = '${db.name}' AND wait_event_type = 'Lock'`,
  );
  return rows.length;
};

async function isStuck(): Promise<void> {
  await expect.poll(waiting).toBe(1);
}

test.each([
  { given: 'a URL', connect: (databaseUrl: string) => ({ databaseUrl }) },
  {
    given: 'a pool',
    connect: (url: string) => {
      const dbClient = new pg.Pool({ connectionString: url });
      onTestFinished(() => dbClient.end());
      return { dbClient };
    },
  },
])(
  'cancels the statement that waits for a lock when the call times out, with $given',
  async ({ connect }) => {
    const call = migrationStatus({ ...connect(db.url), timeoutMs: 500 });
    const ended = expect(call).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
    await isStuck();
    await ended;
    await expect.poll(waiting).toBe(0);
  },
);

test('cancels the statement that waits for a lock when the call is aborted', async () => {
  const controller = new AbortController();
  const call = runMigrations({ databaseUrl: db.url, signal: controller.signal });
  const ended = expect(call).rejects.toMatchObject({ code: 'ABORTED' });
  await isStuck();
  controller.abort();
  await ended;
  await expect.poll(waiting).toBe(0);
});
