import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { type ClaimedConversion, trackingQueue } from '../../src/queue/index.ts';
import { withClient } from '../support/database.ts';
import { emptyQueueDatabase } from '../support/queue.ts';

const NOBODY = '00000000-0000-4000-8000-000000000000';

test('completes entries with their request, and claims the next ones with all their columns', async () => {
  const { db, queue, record, entries } = await emptyQueueDatabase();
  await record(4);
  const [first, second] = await queue.claimConversions({ limit: 2 });
  const ids = [first?.id ?? '', second?.id ?? ''];
  const [third, ...others] = await queue.completeAndClaim(
    { ids, request_id: 'R-1' },
    { limit: 1, lease: '1 hour', platform: 'google_ads' },
  );
  expect(others).toEqual([]);
  expect(Object.keys(third ?? {})).toEqual(Object.keys(first ?? {}));
  expect(third?.leased_until.getTime()).toBeGreaterThan(Date.now() + 50 * 60_000);
  expect(await entries()).toMatchObject([
    { status: 'uploaded', request_id: 'R-1', leased_until: null },
    { status: 'uploaded', request_id: 'R-1', leased_until: null },
    { id: third?.id, status: 'pending', lease_id: third?.lease_id },
    { status: 'pending', lease_id: null },
  ]);
  expect(await db.query('SELECT entry_ids FROM upload_requests')).toEqual([{ entry_ids: ids }]);
  expect(await queue.completeAndClaim({ ids: [third?.id ?? ''] })).toMatchObject([
    { crm_deal_id: 'D-4' },
  ]);
});

test('claims only after it has completed, also where the lease of the entry has expired', async () => {
  const { queue, record, pass, entries } = await emptyQueueDatabase();
  await record(1);
  const [entry] = await queue.claimConversions();
  await pass('1 hour');
  expect(await queue.completeAndClaim({ ids: [entry?.id ?? ''] })).toEqual([]);
  expect(await entries()).toMatchObject([{ status: 'uploaded', retry_count: 0 }]);
});

test('claims as well when there is nothing to complete', async () => {
  const { queue, record } = await emptyQueueDatabase();
  await record(3);
  expect(await queue.completeAndClaim({ ids: [] }, { limit: 1 })).toHaveLength(1);
  expect(await queue.completeAndClaim({ ids: [NOBODY] }, { limit: 1 })).toHaveLength(1);
  const [uploaded] = await queue.completeAndClaim({ ids: [] });
  for (let times = 0; times < 2; times += 1) {
    expect(await queue.completeAndClaim({ ids: [uploaded?.id ?? ''] })).toEqual([]);
  }
});

test('changes nothing if either call is refused', async () => {
  const { queue, record, entries } = await emptyQueueDatabase();
  await record(2);
  const [entry] = await queue.claimConversions({ limit: 1 });
  const ids = [entry?.id ?? ''];
  const before = await entries();
  const refusals = [
    [() => queue.completeAndClaim({ ids }, { limit: 0 }), /^completeAndClaim: limit is 0 and must/],
    [() => queue.completeAndClaim({ ids: ['7'] }), /^completeAndClaim: invalid input syntax/],
    [
      () => queue.completeAndClaim({ ids, request_id: '' }),
      /^completeAndClaim: request_id is empty/,
    ],
    [
      () => queue.completeAndClaim({ ids }, { lease: 5 as never }),
      /^claim_conversions: lease has no/,
    ],
  ] as const;
  for (const [call, message] of refusals) {
    await expect(call()).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(message),
    });
  }
  const unknown = queue.completeAndClaim({ ids }, { ids } as never);
  await expect(unknown).rejects.toMatchObject({ code: 'INVALID_OPTION', option: 'ids' });
  expect(await entries()).toEqual(before);
});

test('sends one statement, with values as parameters and both functions of the schema', async () => {
  const sent: [string, unknown[]][] = [];
  const query = async (text: string, values: unknown[]) => {
    sent.push([text, values]);
    return { rows: [] };
  };
  const queue = trackingQueue({ query }, { schema: 'of its own' });
  await queue.completeAndClaim({ ids: [NOBODY] }, { platform: "x'); DROP TABLE leads; --" });
  const text = expect.stringMatching(
    /"of its own".complete_conversions\("ids" => \$1.*"of its own".claim_conversions\("platform" => \$2/,
  );
  expect(sent).toEqual([[text, [[NOBODY], "x'); DROP TABLE leads; --"]]]);
});

test('gives each entry to one of several workers that take one at a time', async () => {
  const { db, record, entries } = await emptyQueueDatabase();
  await record(60);
  const pool = new pg.Pool({ connectionString: db.url });
  onTestFinished(() => pool.end());
  const seen: string[] = [];
  const work = async () => {
    const queue = trackingQueue(pool);
    let claimed: readonly ClaimedConversion[] = await queue.claimConversions({ limit: 1 });
    while (claimed.length > 0) {
      const ids = claimed.map(({ id }) => id);
      seen.push(...ids);
      claimed = await queue.completeAndClaim({ ids }, { limit: 1 });
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  const rows = await entries();
  expect(seen.toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
  expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['uploaded']));
});

test('completes nothing if the connection is lost before the claim', async () => {
  const { db, queue, record, entries } = await emptyQueueDatabase();
  await record(2);
  const [entry] = await queue.claimConversions({ limit: 1 });
  await db.query(`
    CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END';
    CREATE TRIGGER cut BEFORE UPDATE ON conversion_queue FOR EACH ROW WHEN (NEW.lease_id IS NOT NULL) EXECUTE FUNCTION cut()`);
  onTestFinished(async () => {
    await db.query('DROP FUNCTION cut CASCADE');
  });
  const before = await entries();
  await withClient(db.url, async (client) => {
    client.on('error', () => {});
    const lost = trackingQueue(client).completeAndClaim({ ids: [entry?.id ?? ''] });
    await expect(lost).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });
  expect(await entries()).toEqual(before);
});
