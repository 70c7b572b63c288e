import { expect, test } from 'vitest';
import { emptyQueueDatabase } from '../support/queue.ts';

const NONE = {
  entries: 0,
  estimated: false,
  leased: 0,
  overdue: 0,
  oldest_due: null,
  unconfirmed: 0,
  oldest_unconfirmed: null,
  expired_requests: 0,
};

test('an empty queue has no platforms, and one that is asked for has nothing', async () => {
  const { queue } = await emptyQueueDatabase();
  expect(await queue.conversionQueueHealth()).toEqual([]);
  expect(await queue.conversionQueueHealth({ platform: 'google_ads' })).toEqual(
    ['pending', 'failed', 'dead_letter', 'uploaded'].map((status) => ({
      platform: 'google_ads',
      status,
      ...NONE,
    })),
  );
});

test('each platform has four rows, with what is out, what is due, and since when', async () => {
  const { db, queue, record, entries } = await emptyQueueDatabase();
  await record(10, ['google_ads', 'another']);
  const claimed = await queue.claimConversions({ limit: 7 });
  const [a, b, c, d, e] = claimed.map(({ id }) => id) as [string, string, string, string, string];
  const lease_id = claimed[0]?.lease_id ?? '';
  await queue.completeConversions({ ids: [a, b] });
  await queue.failConversions({ ids: [c], lease_id, error: 'expired', permanent: true });
  const past = new Date('2026-11-20T10:00:00Z');
  await queue.failConversions({ ids: [d], lease_id, error: 'busy', retry_at: past });
  await queue.failConversions({ ids: [e], lease_id, error: 'busy' });
  const [oldest] = (await entries()).filter(
    (entry) => entry.status === 'pending' && entry.platform === 'google_ads' && !entry.lease_id,
  );
  const [created] = await db.query<{ at: Date }>(
    'SELECT created_at AS at FROM conversion_queue WHERE id = $1',
    [oldest?.id],
  );
  const google = [
    { status: 'pending', ...NONE, entries: 5, leased: 2, overdue: 3, oldest_due: created?.at },
    { status: 'failed', ...NONE, entries: 2, overdue: 1, oldest_due: past },
    { status: 'dead_letter', ...NONE, entries: 1 },
    { status: 'uploaded', ...NONE, entries: 2 },
  ].map((row) => ({ platform: 'google_ads', ...row }));
  const health = await queue.conversionQueueHealth();
  expect(health.filter(({ platform }) => platform === 'google_ads')).toEqual(google);
  expect(health.filter(({ platform }) => platform === 'another')).toMatchObject([
    { status: 'pending', entries: 10, leased: 0, overdue: 10 },
    { status: 'failed', entries: 0 },
    { status: 'dead_letter', entries: 0 },
    { status: 'uploaded', entries: 0 },
  ]);
  expect(await queue.conversionQueueHealth({ platform: 'google_ads' })).toEqual(google);
});

test('says how many uploaded entries are unconfirmed, since when, and how many requests expired', async () => {
  const { db, queue, record, pass } = await emptyQueueDatabase();
  await record(10);
  for (const [limit, request_id] of [
    [4, 'expired'],
    [3, 'settled'],
    [2, 'processing'],
    [1, 'the latest'],
  ] as const) {
    const ids = (await queue.claimConversions({ limit })).map(({ id }) => id);
    await queue.completeConversions({ ids, request_id });
    if (request_id === 'expired') {
      await pass('24 hours');
      await queue.settleUploadRequest({ platform: 'google_ads', request_id, status: 'processing' });
    }
    if (request_id === 'settled') {
      await queue.settleUploadRequest({ platform: 'google_ads', request_id, status: 'succeeded' });
    }
  }
  await db.query(
    `INSERT INTO upload_requests (platform, request_id, entry_ids, entry_count, next_check_at)
     VALUES ('another', 'one', '{}', 1000, now())`,
  );
  const [since] = await db.query<{ at: Date }>(
    `SELECT accepted_at AS at FROM upload_requests WHERE request_id = 'processing'`,
  );
  expect((await queue.conversionQueueHealth()).find(({ status }) => status === 'uploaded')).toEqual(
    {
      ...NONE,
      platform: 'google_ads',
      status: 'uploaded',
      entries: 10,
      unconfirmed: 3,
      oldest_unconfirmed: since?.at,
      expired_requests: 1,
    },
  );
});

test('the uploaded ones of a large queue are estimated, and all others counted', async () => {
  const { db, queue, record } = await emptyQueueDatabase();
  await record(30);
  await queue.claimConversions({ limit: 10 });
  await db.query(`
    INSERT INTO conversion_queue (conversion_id, platform, status, last_error)
    SELECT (SELECT id FROM conversions LIMIT 1), p, 'uploaded', repeat('x', 1500)
      FROM generate_series(1, 10000), unnest(ARRAY['google_ads', 'google_ads', 'another']) p;
    ANALYZE conversion_queue`);
  const health = await queue.conversionQueueHealth();
  const of = (platform: string, status: string) =>
    health.find((row) => row.platform === platform && row.status === status);
  expect(of('google_ads', 'pending')).toMatchObject({
    entries: 30,
    estimated: false,
    leased: 10,
    overdue: 20,
  });
  for (const [platform, there] of [
    ['google_ads', 20_000],
    ['another', 10_000],
  ] as const) {
    const uploaded = of(platform, 'uploaded');
    expect(uploaded?.estimated).toBe(true);
    expect(uploaded?.entries).toBeGreaterThan(there * 0.9);
    expect(uploaded?.entries).toBeLessThan(there * 1.1);
  }
});
