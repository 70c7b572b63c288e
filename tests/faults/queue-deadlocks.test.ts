import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { type TrackingQueue, trackingQueue } from '../../src/queue/index.ts';
import { createMigratedDatabase, type TestDatabase } from '../support/database.ts';

const ENTRIES = 100;
const ROUNDS = 100;
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

/** All entries are out with one claim, and none has been answered. */
async function afresh(): Promise<readonly string[]> {
  const rows = await db.query<{ id: string }>(
    `UPDATE conversion_queue SET status = 'pending', retry_count = 0, max_retries = 1000000,
            next_retry_at = NULL, lease_id = $1, leased_until = now() + interval '1 hour'
     RETURNING id`,
    [LEASE],
  );
  return rows.map(({ id }) => id);
}

type Answer = (queue: TrackingQueue, ids: readonly string[]) => Promise<unknown>;

const ANSWERS = {
  complete: (queue, ids) => queue.completeConversions({ ids }),
  fail: (queue, ids) => queue.failConversions({ ids, lease_id: LEASE, error: 'no answer' }),
  'give up': (queue, ids) =>
    queue.failConversions({ ids, lease_id: LEASE, error: 'refused', permanent: true }),
} satisfies Readonly<Record<string, Answer>>;

type Kind = keyof typeof ANSWERS;

/** Two workers answer for the same entries, one from the first to the last, one the other way. */
async function deadlocks(one: Kind, other: Kind): Promise<number> {
  const clients = [new pg.Client(db.url), new pg.Client(db.url)] as const;
  await Promise.all(clients.map((client) => client.connect()));
  const [first, second] = clients.map((client) => trackingQueue(client)) as [
    TrackingQueue,
    TrackingQueue,
  ];
  let count = 0;
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const ids = await afresh();
      const overlap = ids.slice(round % 10);
      const results = await Promise.allSettled([
        ANSWERS[one](first, ids),
        ANSWERS[other](second, overlap.toReversed()),
      ]);
      for (const result of results) {
        if (result.status === 'fulfilled') continue;
        expect(result.reason).toMatchObject({ code: DEADLOCK_DETECTED });
        count += 1;
      }
    }
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
  return count;
}

const PAIRS: readonly (readonly [Kind, Kind])[] = [
  ['complete', 'complete'],
  ['complete', 'fail'],
  ['fail', 'fail'],
  ['fail', 'give up'],
];

test.each(PAIRS)(
  '%s and %s of the same entries in opposite orders never deadlock',
  async (...pair) => {
    expect(await deadlocks(...pair)).toBe(0);
  },
);
