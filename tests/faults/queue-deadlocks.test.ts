import { beforeAll, expect, test } from 'vitest';
import { type TrackingQueue, trackingQueue } from '../../src/queue/index.ts';
import { withMutant } from '../queue/model/mutate.ts';
import { createMigratedDatabase, type TestDatabase, withClient } from '../support/database.ts';
import { untilSession, WAITS_FOR_LOCK } from '../support/sessions.ts';

const ENTRIES = 9;
const LEASE = '00000000-0000-4000-8000-000000000002';

const DEADLOCK_DETECTED = '40P01';

let db: TestDatabase;

beforeAll(async () => {
  db = await createMigratedDatabase();
  // A deadlock shows at once.
  await db.query(`ALTER DATABASE ${db.name} SET deadlock_timeout = '10ms'`);
  await db.query(`
    WITH l AS (INSERT INTO leads DEFAULT VALUES RETURNING id),
    c AS (
      INSERT INTO conversions (lead_id, conversion_type, idempotency_key)
      SELECT l.id, 'closed', n::text FROM l, generate_series(1, ${ENTRIES}) n RETURNING id)
    INSERT INTO conversion_queue (conversion_id) SELECT id FROM c`);
});

/** All entries are out with one claim, and none has been answered. Returns their ids in order. */
async function afresh(): Promise<readonly string[]> {
  await db.query(
    `UPDATE conversion_queue SET status = 'pending', next_retry_at = NULL, lease_id = $1,
            leased_until = now() + interval '1 hour'`,
    [LEASE],
  );
  const rows = await db.query<{ id: string }>('SELECT id FROM conversion_queue ORDER BY id');
  return rows.map(({ id }) => id);
}

/** As before, but uploaded with the request R. */
async function uploadedAfresh(): Promise<readonly string[]> {
  const ids = await afresh();
  await db.query('TRUNCATE upload_requests');
  await db.query(`SELECT complete_conversions($1, 'R')`, [ids]);
  return ids;
}

type Answer = (queue: TrackingQueue, ids: readonly string[]) => Promise<unknown>;

const ANSWERS = {
  complete: (queue, ids) => queue.completeConversions({ ids }),
  'complete and claim': (queue, ids) => queue.completeAndClaim({ ids }),
  fail: (queue, ids) => queue.failConversions({ ids, lease_id: LEASE, error: 'no answer' }),
  'give up': (queue, ids) =>
    queue.failConversions({ ids, lease_id: LEASE, error: 'refused', permanent: true }),
  'complete as another request': (queue, ids) =>
    queue.completeConversions({ ids, request_id: 'S' }),
  settle: (queue, ids) =>
    queue.settleUploadRequest({
      platform: 'google_ads',
      request_id: 'R',
      status: 'partially_succeeded',
      rejected: ids.map((id) => ({ id, outcome: 'permanent', code: 'INVALID' })),
    }),
} satisfies Readonly<Record<string, Answer>>;

type Kind = keyof typeof ANSWERS;

/**
 * Two workers report the same entries, one from the first to the last, one the other way. Another
 * session holds the entry in the middle until both have begun.
 *
 * @returns how many of the two ended in a deadlock
 */
async function deadlocks(one: Kind, other: Kind): Promise<number> {
  const ids = [one, other].includes('settle') ? await uploadedAfresh() : await afresh();
  const results = await withClient(db.url, (holder) =>
    withClient(db.url, (first) =>
      withClient(db.url, async (second) => {
        await holder.query('BEGIN');
        const middle = ids[Math.floor(ENTRIES / 2)];
        await holder.query('SELECT FROM conversion_queue WHERE id = $1 FOR UPDATE', [middle]);
        const forwards = ANSWERS[one](trackingQueue(first), ids);
        await untilSession(db, WAITS_FOR_LOCK);
        const backwards = ANSWERS[other](trackingQueue(second), ids.toReversed());
        const settled = Promise.allSettled([forwards, backwards]);
        await untilSession(db, WAITS_FOR_LOCK, 2);
        await holder.query('COMMIT');
        return settled;
      }),
    ),
  );
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? result.reason : []));
  for (const reason of reasons) expect(reason).toMatchObject({ code: DEADLOCK_DETECTED });
  return reasons.length;
}

const PAIRS: readonly (readonly [Kind, Kind])[] = [
  ['complete', 'complete'],
  ['complete', 'fail'],
  ['fail', 'fail'],
  ['fail', 'give up'],
  ['settle', 'complete'],
  ['complete', 'settle'],
  ['settle', 'fail'],
  ['settle', 'complete as another request'],
  ['complete as another request', 'settle'],
  ['settle', 'settle'],
  ['complete and claim', 'complete and claim'],
  ['complete and claim', 'fail'],
  ['settle', 'complete and claim'],
];

test.each(PAIRS)(
  '%s and %s of the same entries in opposite orders never deadlock',
  async (...pair) => {
    expect(await deadlocks(...pair)).toBe(0);
  },
);

test.each([
  ['complete_conversions', 'complete'],
  ['fail_conversions', 'fail'],
] as const)(
  '%s deadlocks with itself if it locks entries in the order given',
  async (name, kind) => {
    const inOrderGiven = ['ORDER BY q.id', 'ORDER BY array_position(ids, q.id)'] as const;
    await withMutant(db, { name, replace: [inOrderGiven] }, async () => {
      expect(await deadlocks(kind, kind)).toBe(1);
    });
  },
);

test('settle_upload_request deadlocks with complete_conversions if it locks entries in another order', async () => {
  const replace = [['ORDER BY q.id FOR NO KEY', 'ORDER BY q.id DESC FOR NO KEY']] as const;
  await withMutant(db, { name: 'settle_upload_request', replace }, async () => {
    expect(await deadlocks('settle', 'complete')).toBe(1);
  });
});
