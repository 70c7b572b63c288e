import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TrackingQueue, trackingQueue } from '../../src/queue/index.ts';
import { withMutant } from '../queue/model/mutate.ts';
import { createMigratedDatabase, type TestDatabase } from '../support/database.ts';
import { untilSession, WAITS_FOR_LOCK } from '../support/sessions.ts';

const LEASE = '00000000-0000-4000-8000-000000000002';
const DEADLOCK_DETECTED = { code: '40P01' };

let db: TestDatabase;
let holder: pg.Client;
let workers: readonly [pg.Client, pg.Client];
/** Three entries that are out with one claim, in the order of their ids. */
let ids: readonly [string, string, string];

beforeAll(async () => {
  db = await createMigratedDatabase();
  await db.query(`ALTER DATABASE ${db.name} SET deadlock_timeout = '10ms'`);
  await db.query(`
    WITH l AS (INSERT INTO leads DEFAULT VALUES RETURNING id),
    c AS (
      INSERT INTO conversions (lead_id, conversion_type, idempotency_key)
      SELECT l.id, 'closed', n::text FROM l, generate_series(1, 3) n RETURNING id)
    INSERT INTO conversion_queue (conversion_id) SELECT id FROM c`);
  holder = new pg.Client(db.url);
  workers = [new pg.Client(db.url), new pg.Client(db.url)];
  for (const client of [holder, ...workers]) await client.connect();
});
afterAll(async () => {
  for (const client of [holder, ...workers]) await client.end();
});

beforeEach(async () => {
  const rows = await db.query<{ id: string }>(
    `UPDATE conversion_queue SET status = 'pending', retry_count = 0, next_retry_at = NULL,
            lease_id = $1, leased_until = now() + interval '1 hour'
     RETURNING id`,
    [LEASE],
  );
  ids = rows.map(({ id }) => id).sort() as [string, string, string];
});

type Answer = (queue: TrackingQueue, ids: readonly string[]) => Promise<readonly Answered[]>;
type Answered = { readonly applied: boolean };

const complete: Answer = (queue, entries) => queue.completeConversions({ ids: entries });
const fail: Answer = (queue, entries) =>
  queue.failConversions({ ids: entries, lease_id: LEASE, error: 'no answer' });

const ANSWERS = [
  { name: 'complete_conversions', answer: complete },
  { name: 'fail_conversions', answer: fail },
] as const;

/** Both workers answer while another session has locked an entry, and wait when it lets go. */
async function bothWaiting(
  answer: Answer,
  held: string,
  [one, other]: readonly [readonly string[], readonly string[]],
): Promise<PromiseSettledResult<readonly Answered[]>[]> {
  await holder.query('BEGIN');
  await holder.query('SELECT FROM conversion_queue WHERE id = $1 FOR UPDATE', [held]);
  const first = answer(trackingQueue(workers[0]), one);
  await untilSession(db, WAITS_FOR_LOCK);
  const second = answer(trackingQueue(workers[1]), other);
  const both = Promise.allSettled([first, second]);
  await untilSession(db, WAITS_FOR_LOCK, 2);
  await holder.query('ROLLBACK');
  return both;
}

const answersInOppositeOrders = (answer: Answer) =>
  bothWaiting(answer, ids[1], [ids, ids.toReversed()]);

const answersOfTheSameEntry = async (answer: Answer) => {
  const results = await bothWaiting(answer, ids[0], [[ids[0]], [ids[0]]]);
  return results.map((result) => result.status === 'fulfilled' && result.value[0]?.applied);
};

describe.each(ANSWERS)('$name', ({ name, answer }) => {
  test('locks entries in one order, whatever the order of the ids', async () => {
    for (const { status } of await answersInOppositeOrders(answer))
      expect(status).toBe('fulfilled');
  });

  test('deadlocks without its ORDER BY', async () => {
    const replace = [['ORDER BY q.id', 'ORDER BY array_position(ids, q.id)']] as const;
    await withMutant(db, { name, replace }, async () => {
      const results = await answersInOppositeOrders(answer);
      expect(results).toContainEqual({
        status: 'rejected',
        reason: expect.objectContaining(DEADLOCK_DETECTED),
      });
    });
  });

  test('counts the first of two answers that wait for the same entry', async () => {
    expect(await answersOfTheSameEntry(answer)).toEqual([true, false]);
  });

  test('leaves the second one without a row if it decides before it locks', async () => {
    const replace = [['ORDER BY q.id\n         FOR NO KEY UPDATE', 'ORDER BY q.id']] as const;
    await withMutant(db, { name, replace }, async () => {
      expect(await answersOfTheSameEntry(answer)).toEqual([true, undefined]);
    });
  });
});
