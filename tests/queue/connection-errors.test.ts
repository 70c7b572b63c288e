import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { trackingQueue } from '../../src/queue/index.ts';
import { withClient } from '../support/database.ts';
import { emptyQueueDatabase } from '../support/queue.ts';
import { untilSession, WAITS_FOR_LOCK } from '../support/sessions.ts';

function poolOf(connectionString: string, config: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString, ...config });
  pool.on('error', () => {});
  onTestFinished(() => pool.end());
  return pool;
}

describe('a call that cannot connect', () => {
  test.each([
    ['a closed port', 'postgres://app:s3cret@127.0.0.1:1/shop'],
    ['an unknown host', 'postgres://app:s3cret@nowhere.invalid/shop'],
  ])('fails with CONNECTION_FAILED for %s', async (_, url) => {
    await expect(trackingQueue(poolOf(url)).claimConversions()).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      retryable: true,
      message: expect.not.stringContaining('s3cret'),
    });
  });

  test('fails with CONNECTION_FAILED if the pool has no free client in time', async () => {
    const { db } = await emptyQueueDatabase();
    const pool = poolOf(db.url, { max: 1 });
    const client = await pool.connect();
    // Only now, since connecting takes longer on a busy machine.
    pool.options.connectionTimeoutMillis = 50;
    try {
      await expect(trackingQueue(pool).claimConversions()).rejects.toMatchObject({
        code: 'CONNECTION_FAILED',
        retryable: true,
      });
    } finally {
      client.release();
    }
  });

  test('fails with AUTHENTICATION_FAILED or DATABASE_NOT_FOUND', async () => {
    const { db } = await emptyQueueDatabase();
    const queue = (url: string) => trackingQueue(poolOf(url));
    await expect(queue(db.urlFor('no_such_role', 'x')).claimConversions()).rejects.toMatchObject({
      code: 'AUTHENTICATION_FAILED',
    });
    const elsewhere = new URL(db.url);
    elsewhere.pathname = '/no_such_database';
    await expect(queue(elsewhere.href).claimConversions()).rejects.toMatchObject({
      code: 'DATABASE_NOT_FOUND',
    });
  });
});

test('a call whose connection is lost fails with CONNECTION_LOST, and so does the next one', async () => {
  const { db } = await emptyQueueDatabase();
  await withClient(db.url, async (locker) => {
    await locker.query('BEGIN; LOCK TABLE conversion_queue');
    const client = new pg.Client(db.url);
    client.on('error', () => {});
    await client.connect();
    const queue = trackingQueue(client);
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
    const lost = expect(queue.claimConversions()).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      retryable: true,
      sqlState: '57P01',
    });
    await untilSession(db, WAITS_FOR_LOCK);
    await db.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await lost;
    await expect(queue.claimConversions()).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });
});
