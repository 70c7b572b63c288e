import { describe, expect, test } from 'vitest';
import { hashEmail } from '../../src/queue/index.ts';
import { withClient } from '../support/database.ts';
import { emptyQueueDatabase } from '../support/queue.ts';

const deals = (claimed: readonly { crm_deal_id: string | null }[]) =>
  claimed.map(({ crm_deal_id }) => crm_deal_id);

const HASH = hashEmail('jane@example.com');

test('entries come with all that an upload needs', async () => {
  const { db, queue, lead } = await emptyQueueDatabase();
  const recorded = await queue.recordConversion({
    lead_id: lead,
    conversion_type: 'closed',
    crm_deal_id: 'D-1',
    conversion_value: 250,
    gclid: 'click',
    email_hash: HASH,
    consent_ad_user_data: 'granted',
    consent_ad_personalization: 'granted',
  });
  const [entry] = await queue.claimConversions({ lease: '2 minutes' });
  const [row] = await db.query<{ id: string; lease_id: string; seconds: number }>(
    `SELECT id, lease_id, extract(epoch FROM leased_until - updated_at)::int AS seconds FROM conversion_queue`,
  );
  expect(entry).toEqual({
    id: row?.id,
    conversion_id: recorded.id,
    lease_id: row?.lease_id,
    leased_until: expect.any(Date),
    retry_count: 0,
    max_retries: 5,
    lead_id: lead,
    conversion_type: 'closed',
    conversion_value: '250.00',
    conversion_currency: 'EUR',
    converted_at: recorded.created_at,
    idempotency_key: 'D-1:closed',
    crm_deal_id: 'D-1',
    gclid: 'click',
    email_hash: HASH,
    consent_ad_user_data: 'granted',
    consent_ad_personalization: 'granted',
    utm_source: null,
    utm_medium: null,
    utm_campaign: null,
    request_id: null,
    error_code: null,
    last_error: null,
    send_alone: false,
  });
  expect(row?.seconds).toBe(120);
});

test('the oldest due go out first, no more than asked for, of the platform alone', async () => {
  const { queue, record } = await emptyQueueDatabase();
  await record(5, ['google_ads', 'another']);
  expect(deals(await queue.claimConversions({ limit: 2 }))).toEqual(['D-1', 'D-2']);
  expect(deals(await queue.claimConversions({ limit: 2 }))).toEqual(['D-3', 'D-4']);
  expect(deals(await queue.claimConversions({ limit: 2 }))).toEqual(['D-5']);
  expect(await queue.claimConversions()).toEqual([]);
  expect(await queue.claimConversions({ platform: 'a third' })).toEqual([]);
  expect(await queue.claimConversions({ platform: 'another' })).toHaveLength(5);
});

test('a failed entry takes its turn by when it is to be tried again', async () => {
  const { queue, record, db } = await emptyQueueDatabase();
  await record(4);
  await db.query(
    `UPDATE conversion_queue q SET status = 'failed', retry_count = 1, next_retry_at = now() + n.after
       FROM conversions c, (VALUES ('D-1', interval '-1 second'), ('D-2', interval '1 hour')) n (deal, after)
      WHERE c.id = q.conversion_id AND c.crm_deal_id = n.deal`,
  );
  expect(deals(await queue.claimConversions())).toEqual(['D-3', 'D-4', 'D-1']);
});

test('no other claim returns an entry before its lease expires', async () => {
  const { queue, record, pass } = await emptyQueueDatabase();
  await record(1);
  await queue.claimConversions({ lease: '10 minutes' });
  await pass('9 minutes 50 seconds');
  expect(await queue.claimConversions()).toEqual([]);
  await pass('20 seconds');
  expect(await queue.claimConversions()).toHaveLength(1);
});

test('a transaction that is rolled back has claimed nothing', async () => {
  const { db, queue, record } = await emptyQueueDatabase();
  await record(1);
  await withClient(db.url, async (client) => {
    await client.query('BEGIN');
    expect((await client.query('SELECT FROM claim_conversions()')).rowCount).toBe(1);
    expect(await queue.claimConversions(), 'while it is open').toEqual([]);
    await client.query('ROLLBACK');
  });
  expect(await queue.claimConversions()).toMatchObject([{ retry_count: 0 }]);
});

test('workers at the same time share the entries', async () => {
  const { queue, record } = await emptyQueueDatabase();
  await record(300);
  const claims = await Promise.all(
    Array.from({ length: 12 }, () => queue.claimConversions({ limit: 40 })),
  );
  const ids = claims.flat().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const rest = await queue.claimConversions({ limit: 300 });
  expect(ids.length + rest.length).toBe(300);
});

describe('a worker that died', () => {
  test('has used a try of its entries', async () => {
    const { queue, record, pass, entries } = await emptyQueueDatabase();
    await record(1);
    await queue.claimConversions();
    await pass('5 minutes');
    expect(await queue.claimConversions()).toMatchObject([
      {
        retry_count: 1,
        error_code: 'LEASE_EXPIRED',
        last_error: 'The lease expired before the worker reported an outcome.',
      },
    ]);
    expect(await entries()).toMatchObject([{ status: 'failed', retry_count: 1 }]);
  });

  test('has used the last try of its entries, which go to the dead letters', async () => {
    const { queue, record, pass, entries } = await emptyQueueDatabase();
    await record(1);
    for (const tries of [0, 1, 2, 3, 4]) {
      expect(await queue.claimConversions()).toMatchObject([{ retry_count: tries }]);
      await pass('5 minutes');
    }
    expect(await queue.claimConversions()).toEqual([]);
    expect(await entries()).toMatchObject([
      {
        status: 'dead_letter',
        retry_count: 5,
        next_retry_at: null,
        leased_until: null,
        lease_id: null,
      },
    ]);
  });

  test('whose entries are dead letters now leaves their places to others', async () => {
    const { db, queue, record, pass, entries } = await emptyQueueDatabase();
    await record(6);
    await db.query('UPDATE conversion_queue SET max_retries = 1');
    await queue.claimConversions({ limit: 3 });
    await pass('5 minutes');
    expect(deals(await queue.claimConversions({ limit: 2 }))).toEqual(['D-4', 'D-5']);
    expect((await entries()).map(({ status }) => status)).toEqual([
      'dead_letter',
      'dead_letter',
      'dead_letter',
      'pending',
      'pending',
      'pending',
    ]);
  });
});

test('entries that have used up their tries are buried at a cost that grows with their number', async () => {
  const { db, queue, record } = await emptyQueueDatabase();
  await record(2001);
  await db.query(
    `UPDATE conversion_queue SET max_retries = 1, lease_id = id, leased_until = now() - interval '1 minute'
      WHERE conversion_id <> (SELECT id FROM conversions WHERE crm_deal_id = 'D-2001')`,
  );
  const [explained] = await db.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
    'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT FROM claim_conversions("limit" => 1)',
  );
  const plan = explained?.['QUERY PLAN'][0].Plan;
  expect(plan?.['Actual Rows']).toBe(1);
  // Some sixteen for each of them; one search for each would read all that lie before, again.
  expect(plan?.['Shared Hit Blocks']).toBeLessThan(2000 * 25);
  expect(await queue.conversionQueueHealth()).toMatchObject([
    { status: 'pending', entries: 1, leased: 1 },
    { status: 'failed', entries: 0 },
    { status: 'dead_letter', entries: 2000 },
    { status: 'uploaded', entries: 0 },
  ]);
});

test.each([
  [{ limit: 0 }, /limit is 0 and must be from 1 to 10000/],
  [{ limit: 10_001 }, /limit is 10001/],
  [{ lease: '0 seconds' }, /lease is 00:00:00 and must be a positive interval of at most 1 day/],
  [{ lease: '300000 seconds' }, /lease is 83:20:00 and must be .* at most 1 day; a number without/],
  [{ lease: '25 hours' }, /lease is 25:00:00/],
  [{ lease: '1 month' }, /lease is 1 mon/],
  [{ lease: '-1 minute' }, /lease is -00:01:00/],
  [{ lease: 'soon' }, /invalid input syntax for type interval/],
])('%j is refused, and nothing is claimed', async (which, message) => {
  const { queue, record } = await emptyQueueDatabase();
  await record(1);
  await expect(queue.claimConversions(which)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(message),
  });
  expect(await queue.claimConversions()).toHaveLength(1);
});

test('an entry whose retry_count is the largest integer becomes a dead letter, and stops no claim', async () => {
  const { db, queue, record, entries } = await emptyQueueDatabase();
  await record(3);
  const claimed = await queue.claimConversions({ limit: 2 });
  const [expired = '', failed = ''] = claimed.map(({ id }) => id);
  await db.query(
    `UPDATE conversion_queue SET retry_count = 2147483647, max_retries = 2147483647,
       leased_until = CASE WHEN id = $1 THEN now() - interval '1 second' ELSE leased_until END
      WHERE id = ANY ($2)`,
    [expired, [expired, failed]],
  );
  expect(deals(await queue.claimConversions())).toEqual(['D-3']);
  const lease_id = claimed[1]?.lease_id ?? '';
  expect(await queue.failConversions({ ids: [failed], lease_id, error: 'refused' })).toMatchObject([
    { status: 'dead_letter', retry_count: 2147483647 },
  ]);
  expect((await entries()).map(({ status }) => status)).toEqual([
    'dead_letter',
    'dead_letter',
    'pending',
  ]);
});
