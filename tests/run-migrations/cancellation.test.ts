import dns from 'node:dns';
import type { LookupFunction } from 'node:net';
import pg from 'pg';
import { beforeEach, expect, type MockInstance, onTestFinished, test, vi } from 'vitest';
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
  await expect.poll(waiting, { timeout: 10_000 }).toBe(1);
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
    const call = migrationStatus({ ...connect(db.url), timeoutMs: 3_000 });
    const ended = expect(call).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
    await isStuck();
    await ended;
    await expect.poll(waiting, { timeout: 10_000 }).toBe(0);
  },
);

test('cancels the statement that waits for a lock when the call is aborted', async () => {
  const controller = new AbortController();
  const call = runMigrations({ databaseUrl: db.url, signal: controller.signal });
  const ended = expect(call).rejects.toMatchObject({ code: 'ABORTED' });
  await isStuck();
  controller.abort();
  await ended;
  await expect.poll(waiting, { timeout: 10_000 }).toBe(0);
});

test('cancels the statement on the server that it is connected to, where a host name has several', async () => {
  const addresses = ['127.0.0.1', '127.0.0.2'];
  const lookup = vi.spyOn(dns, 'lookup') as unknown as MockInstance<LookupFunction>;
  onTestFinished(() => lookup.mockRestore());
  lookup.mockImplementation((_, { all }, found) => {
    const address = addresses.shift() ?? '127.0.0.2';
    if (all) found(null, [{ address, family: 4 }]);
    else found(null, address, 4);
  });
  const databaseUrl = db.url.replace('127.0.0.1', 'several.test');
  const call = migrationStatus({ databaseUrl, timeoutMs: 3_000 });
  await expect(call).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
  expect(lookup).toHaveBeenCalled();
  await expect.poll(waiting, { timeout: 10_000 }).toBe(0);
});
