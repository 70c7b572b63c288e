import { describe, expect, test } from 'vitest';
import { emptyQueueDatabase, type QueueDatabase } from '../support/queue.ts';

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

/** Inserts entries of one conversion, each due a second after the one before. */
async function insert(
  { db, record }: QueueDatabase,
  count: number,
  { status = 'pending', platform = 'google_ads', leased_until = 'NULL' } = {},
) {
  const [there] = await db.query('SELECT FROM conversions');
  if (!there) await record(1, []);
  await db.query(
    `INSERT INTO conversion_queue (conversion_id, platform, status, created_at, leased_until)
     SELECT c.id, $1, $2, timestamptz '2026-11-01Z' + n * interval '1 second', ${leased_until}
       FROM (SELECT id FROM conversions LIMIT 1) c, generate_series(1, $3::integer) n`,
    [platform, status, count],
  );
}

describe('more than 10,000', () => {
  const MOST = 10_000;

  test('dead letters are estimated, and are at least 10,001 whatever the statistics say', async () => {
    const database = await emptyQueueDatabase();
    const deadLetters = async () => {
      const health = await database.queue.conversionQueueHealth({ platform: 'google_ads' });
      return health.find(({ status }) => status === 'dead_letter');
    };
    await insert(database, MOST, { status: 'dead_letter' });
    expect(await deadLetters()).toMatchObject({ entries: MOST, estimated: false });
    await insert(database, 1, { status: 'dead_letter' });
    expect(await deadLetters()).toMatchObject({ entries: MOST + 1, estimated: true });
    await insert(database, 2 * MOST, { status: 'dead_letter' });
    await database.db.query('ANALYZE conversion_queue');
    const { entries = 0, estimated } = (await deadLetters()) ?? {};
    expect(estimated).toBe(true);
    expect(Math.abs(entries - 3 * MOST)).toBeLessThan(0.1 * 3 * MOST);
  });

  test('pending and failed entries are estimated, and the oldest overdue one is exact', async () => {
    const database = await emptyQueueDatabase();
    await insert(database, MOST + 1);
    await insert(database, 100, { status: 'failed' });
    const [pending, failed] = await database.queue.conversionQueueHealth();
    const oldest_due = new Date('2026-11-01T00:00:01Z');
    expect(pending).toMatchObject({ estimated: true, leased: 0, oldest_due });
    expect(failed).toMatchObject({ estimated: true, leased: 0, oldest_due, overdue: 100 });
    expect(pending?.entries).toBeGreaterThanOrEqual(MOST - 99);
    expect((pending?.overdue ?? 0) + (failed?.overdue ?? 0)).toBe(MOST + 1);
  });

  test('leased entries do not hide the oldest overdue one', async () => {
    const database = await emptyQueueDatabase();
    await insert(database, MOST + 1, { leased_until: "'infinity'" });
    const none = { overdue: 0, oldest_due: null };
    expect((await database.queue.conversionQueueHealth()).slice(0, 2)).toMatchObject([none, none]);
    await database.db.query(
      `INSERT INTO conversion_queue (conversion_id, status, next_retry_at)
       SELECT id, 'failed', now() + make_interval(secs => n) FROM conversions, (VALUES (-10), (-20), (20)) v (n)`,
    );
    const [oldest] = await database.db.query<{ at: Date }>(
      'SELECT min(next_retry_at) AS at FROM conversion_queue',
    );
    expect(await database.queue.conversionQueueHealth()).toMatchObject([
      { status: 'pending', entries: MOST + 1, leased: MOST + 1, ...none },
      { status: 'failed', overdue: 1, oldest_due: oldest?.at },
      {},
      {},
    ]);
  });

  test('entries of a platform make its uploaded ones an estimate', async () => {
    const database = await emptyQueueDatabase();
    await insert(database, MOST, { status: 'uploaded', platform: 'another' });
    await insert(database, 2 * MOST, { status: 'uploaded' });
    await insert(database, 30);
    await database.db.query('ANALYZE conversion_queue');
    const health = await database.queue.conversionQueueHealth();
    const of = (platform: string, status: string) =>
      health.find((row) => row.platform === platform && row.status === status);
    expect(of('another', 'uploaded')).toMatchObject({ entries: MOST, estimated: false });
    expect(of('google_ads', 'pending')).toMatchObject({ entries: 30, estimated: false });
    const { entries = 0, estimated } = of('google_ads', 'uploaded') ?? {};
    expect(estimated).toBe(true);
    expect(Math.abs(entries - 2 * MOST)).toBeLessThan(0.1 * 2 * MOST);
  });

  test('open and expired requests are counted up to it, and the oldest one is exact', async () => {
    const database = await emptyQueueDatabase();
    await insert(database, 1, { status: 'uploaded' });
    await database.db.query(
      `INSERT INTO upload_requests (platform, request_id, entry_ids, entry_count, status, accepted_at, next_check_at)
       SELECT 'google_ads', s || n, '{}', 2, s, timestamptz '2026-11-02Z' - n * interval '1 second',
              CASE s WHEN 'processing' THEN now() + n * interval '1 second' END
         FROM generate_series(1, $1::integer) n, unnest(ARRAY['processing', 'expired']) s`,
      [MOST + 1],
    );
    const health = await database.queue.conversionQueueHealth();
    expect(health.find(({ status }) => status === 'uploaded')).toMatchObject({
      unconfirmed: 2 * MOST,
      oldest_unconfirmed: new Date(Date.parse('2026-11-02') - (MOST + 1) * 1000),
      expired_requests: MOST,
    });
  });
});
