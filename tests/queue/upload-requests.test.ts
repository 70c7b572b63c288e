import { describe, expect, test } from 'vitest';
import { InvalidArgumentError, trackingQueue } from '../../src/queue/index.ts';
import { withClient } from '../support/database.ts';
import { emptyQueueDatabase, type QueueDatabase } from '../support/queue.ts';

const UNKNOWN = '00000000-0000-4000-8000-00000000dead';

/** Uploads entries in one request, and returns their ids in its order. */
async function upload({ queue, record }: QueueDatabase, count: number, request_id = 'R') {
  await record(count);
  const ids = (await queue.claimConversions({ limit: count })).map(({ id }) => id);
  await queue.completeConversions({ ids, request_id });
  return ids;
}

const requests = ({ db }: QueueDatabase) =>
  db.query('SELECT *, next_check_at - accepted_at AS wait FROM upload_requests');

const NEW = {
  platform: 'google_ads',
  request_id: 'R',
  status: 'processing',
  check_count: 0,
  next_check_at: expect.any(Date),
  lease_id: null,
  accepted_at: expect.any(Date),
  settled_at: null,
  rejected_count: null,
  wait: expect.objectContaining({ minutes: 30 }),
};

describe('completing with a request id', () => {
  test('records the entries in the order of the ids, to be checked after 30 minutes', async () => {
    const database = await emptyQueueDatabase();
    await database.record(3);
    const ids = (await database.queue.claimConversions()).map(({ id }) => id).reverse();
    const completed = await database.queue.completeConversions({ ids, request_id: 'R' });
    expect(completed.map(({ applied }) => applied)).toEqual([true, true, true]);
    expect(await requests(database)).toEqual([{ ...NEW, entry_ids: ids, entry_count: 3 }]);
  });

  test('records nothing without a request id, or when all entries are gone', async () => {
    const database = await emptyQueueDatabase();
    await database.record(1);
    const ids = (await database.queue.claimConversions()).map(({ id }) => id);
    await database.queue.completeConversions({ ids });
    await database.queue.completeConversions({ ids: [UNKNOWN], request_id: 'R' });
    expect(await requests(database)).toEqual([]);
  });

  test('records unknown and uploaded entries as well, since the others are found by their place', async () => {
    const database = await emptyQueueDatabase();
    const [uploaded = ''] = await upload(database, 1, 'earlier');
    await database.db.query('DELETE FROM upload_requests');
    const [entry] = await database.db.query<{ id: string }>(
      `INSERT INTO conversion_queue (conversion_id) SELECT id FROM conversions RETURNING id`,
    );
    const ids = [UNKNOWN, uploaded, entry?.id ?? ''];
    await database.queue.completeConversions({ ids, request_id: 'R' });
    expect(await requests(database)).toMatchObject([{ entry_ids: ids, entry_count: 3 }]);
  });

  test('changes nothing when repeated, even if an entry was rejected and retried in between', async () => {
    const database = await emptyQueueDatabase();
    const ids = await upload(database, 2);
    const { queue, pass } = database;
    const result = { platform: 'google_ads', request_id: 'R', status: 'failed' } as const;
    await queue.settleUploadRequest(result);
    await pass('10 minutes');
    await queue.claimConversions({ limit: 1 });
    const before = [await database.entries(), await requests(database)];
    const repeated = await queue.completeConversions({ ids, request_id: 'R' });
    expect(repeated.map(({ status, applied }) => [status, applied])).toEqual([
      ['failed', false],
      ['failed', false],
    ]);
    expect([await database.entries(), await requests(database)]).toEqual(before);
  });

  test.each<[string, (ids: readonly string[]) => object, string]>([
    ['other ids', (ids) => ({ ids: ids.slice(1), request_id: 'R' }), 'recorded with other ids'],
    [
      'another order',
      (ids) => ({ ids: ids.toReversed(), request_id: 'R' }),
      'recorded with other ids',
    ],
    ['an empty request id', (ids) => ({ ids, request_id: '' }), 'request_id is empty'],
    ['a long request id', (ids) => ({ ids, request_id: 'x'.repeat(513) }), 'has 513 characters'],
    ['null among the ids', (ids) => ({ ids: [...ids, null], request_id: 'S' }), 'contains null'],
  ])('refuses %s and changes nothing', async (_, given, message) => {
    const database = await emptyQueueDatabase();
    const ids = await upload(database, 2);
    const before = [await database.entries(), await requests(database)];
    const refused = database.queue.completeConversions(given(ids) as { ids: readonly string[] });
    await expect(refused).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(refused).rejects.toMatchObject({
      sqlState: '22023',
      message: expect.stringContaining(message),
    });
    expect([await database.entries(), await requests(database)]).toEqual(before);
  });

  test('refuses entries of several platforms and changes nothing', async () => {
    const database = await emptyQueueDatabase();
    await database.record(1, ['google_ads', 'another']);
    const before = await database.entries();
    const ids = before.map(({ id }) => id);
    await expect(
      database.queue.completeConversions({ ids, request_id: 'R' }),
    ).rejects.toMatchObject({ sqlState: '22023', message: expect.stringContaining('another') });
    expect(await database.entries()).toEqual(before);
  });

  test('keeps requests of the same id apart by platform', async () => {
    const database = await emptyQueueDatabase();
    await database.record(1, ['google_ads', 'another']);
    for (const { id } of await database.entries()) {
      await database.queue.completeConversions({ ids: [id], request_id: 'R' });
    }
    const settled = await database.queue.settleUploadRequest({
      platform: 'another',
      request_id: 'R',
      status: 'failed',
    });
    expect(settled).toMatchObject({ platform: 'another', rejected_count: 1 });
    expect((await database.entries()).map(({ platform, status }) => [platform, status])).toEqual([
      ['another', 'failed'],
      ['google_ads', 'uploaded'],
    ]);
  });
});

describe('claiming requests for a check', () => {
  test('returns those that are due, the oldest first, and leases them', async () => {
    const database = await emptyQueueDatabase();
    const { queue, pass, record } = database;
    await record(3);
    for (const request_id of ['A', 'B', 'C']) {
      const ids = (await queue.claimConversions({ limit: 1 })).map(({ id }) => id);
      await queue.completeConversions({ ids, request_id });
      await pass('10 minutes');
    }
    expect(await queue.claimUploadRequests({ platform: 'another' })).toEqual([]);
    const [first, ...others] = await queue.claimUploadRequests({ limit: 2, lease: '2 minutes' });
    expect(others).toEqual([]);
    expect(first).toEqual({
      request_id: 'A',
      entry_ids: [expect.any(String)],
      check_count: 1,
      accepted_at: expect.any(Date),
      lease_id: expect.any(String),
      leased_until: expect.any(Date),
    });
    await pass('1 minute');
    expect(await queue.claimUploadRequests()).toEqual([]);
    await pass('20 minutes');
    const again = await queue.claimUploadRequests({ limit: 2 });
    expect(again.map(({ request_id, check_count }) => [request_id, check_count])).toEqual([
      ['B', 1],
      ['A', 2],
    ]);
  });

  test('skips at once what another transaction has claimed', async () => {
    const database = await emptyQueueDatabase();
    await upload(database, 1);
    await database.pass('31 minutes');
    await withClient(database.db.url, async (other) => {
      await other.query('BEGIN');
      expect(await trackingQueue(other).claimUploadRequests()).toHaveLength(1);
      await database.db.query(`SET lock_timeout = '1s'`);
      expect(await database.queue.claimUploadRequests()).toEqual([]);
      await database.db.query('RESET lock_timeout');
      await other.query('ROLLBACK');
    });
    expect(await database.queue.claimUploadRequests()).toHaveLength(1);
  });

  test('checks after 30 minutes, 39, 51 and then each hour, and at last after 24 hours', async () => {
    const database = await emptyQueueDatabase();
    await upload(database, 1);
    const { queue, pass, db } = database;
    const result = { platform: 'google_ads', request_id: 'R', status: 'processing' } as const;
    const waits: number[] = [];
    for (;;) {
      const [row] = await db.query<{ minutes: number | null }>(
        `SELECT round(extract(epoch FROM next_check_at - clock_timestamp()) / 60)::int AS minutes FROM upload_requests`,
      );
      if (row?.minutes == null) break;
      waits.push(row.minutes);
      await pass(`${row.minutes} minutes 1 second`);
      const [claimed] = await queue.claimUploadRequests();
      expect(claimed?.check_count).toBe(waits.length);
      await queue.settleUploadRequest({ ...result, lease_id: claimed?.lease_id });
    }
    expect(waits.slice(0, 5)).toEqual([30, 39, 51, 60, 60]);
    expect(new Set(waits.slice(3, -1))).toEqual(new Set([60]));
    expect(waits.reduce((sum, wait) => sum + wait)).toBeGreaterThanOrEqual(24 * 60 - 1);
    expect(await requests(database)).toMatchObject([{ status: 'expired', lease_id: null }]);
    expect(await queue.claimUploadRequests()).toEqual([]);
    expect(await database.entries()).toMatchObject([{ status: 'uploaded' }]);
  });

  test('repeats a check without a report when its lease ends, until 48 hours after', async () => {
    const database = await emptyQueueDatabase();
    await upload(database, 1);
    const { queue, pass } = database;
    await pass('47 hours 50 minutes');
    expect(await queue.claimUploadRequests()).toHaveLength(1);
    await pass('6 minutes');
    expect(await queue.claimUploadRequests()).toHaveLength(1);
    await pass('6 minutes');
    expect(await queue.claimUploadRequests()).toEqual([]);
    expect(await requests(database)).toMatchObject([{ status: 'expired', check_count: 2 }]);
  });

  test('checks once what was not checked for days', async () => {
    const database = await emptyQueueDatabase();
    await upload(database, 1);
    await database.pass('5 days');
    expect(await database.queue.claimUploadRequests()).toHaveLength(1);
  });

  test.each([
    { limit: 0 },
    { limit: 1001 },
    { limit: null },
    { platform: null },
    { lease: '0 seconds' },
    { lease: '25 hours' },
    { lease: null },
  ])('refuses %j', async (given) => {
    const { queue } = await emptyQueueDatabase();
    await expect(queue.claimUploadRequests(given as object)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});

test('a purge deletes requests settled before then, and keeps open and expired ones', async () => {
  const database = await emptyQueueDatabase();
  const { queue, db } = database;
  await db.query(`
    INSERT INTO upload_requests (platform, request_id, entry_ids, entry_count, status, accepted_at, next_check_at, settled_at)
    VALUES ('google_ads', 'old', '{}', 0, 'succeeded', now() - interval '50 days', NULL, now() - interval '41 days'),
           ('google_ads', 'older', '{}', 0, 'failed', now() - interval '50 days', NULL, now() - interval '42 days'),
           ('google_ads', 'recent', '{}', 0, 'partially_succeeded', now() - interval '50 days', NULL, now() - interval '39 days'),
           ('google_ads', 'expired', '{}', 0, 'expired', now() - interval '50 days', NULL, NULL),
           ('google_ads', 'open', '{}', 0, 'processing', now() - interval '50 days', now(), NULL)`);
  const purge = () => queue.purgeTrackingData({ older_than: '40 days', limit: 1 });
  const none = { deleted_events: 0, deleted_visitors: 0 };
  expect(await purge()).toEqual({ ...none, deleted_requests: 1, done: false });
  expect(await purge()).toEqual({ ...none, deleted_requests: 1, done: false });
  expect(await purge()).toEqual({ ...none, deleted_requests: 0, done: true });
  const left = await db.query('SELECT request_id FROM upload_requests ORDER BY 1');
  expect(left).toEqual([
    { request_id: 'expired' },
    { request_id: 'open' },
    { request_id: 'recent' },
  ]);
});
