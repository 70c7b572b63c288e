import { afterEach, describe, expect, test } from 'vitest';
import { trackingQueue } from '../../src/queue/index.ts';
import { createRole, withClient } from '../support/database.ts';
import { emptyQueueDatabase, type QueueDatabase } from '../support/queue.ts';

/** Visitors last seen so many days ago, each with events of so many days ago. */
async function seed(
  { db }: QueueDatabase,
  visitors: Readonly<Record<string, readonly [seen: number, ...events: number[]]>>,
): Promise<void> {
  for (const [cookie, [seen, ...events]] of Object.entries(visitors)) {
    await db.query(
      `WITH v AS (INSERT INTO visitors (visitor_id, last_seen_at) VALUES ($1, now() - $2 * interval '1 day') RETURNING id)
       INSERT INTO tracking_events (visitor_id, event_name, created_at)
       SELECT v.id, $1 || ' ' || d, now() - d * interval '1 day' FROM v, unnest($3::int[]) d`,
      [cookie, seen, events],
    );
  }
}

async function left({ db }: QueueDatabase): Promise<readonly string[]> {
  const rows = await db.query<{ name: string }>(
    `SELECT visitor_id AS name FROM visitors UNION ALL SELECT event_name FROM tracking_events ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

test('old events go first, then visitors to whom nothing refers, and nothing else', async () => {
  const one = await emptyQueueDatabase();
  await one.record(2);
  await seed(one, { gone: [40, 50, 40], back: [1, 50, 1], lingering: [40, 40, 5], fresh: [1] });
  const before = await one.db.query('SELECT count(*)::int FROM conversion_queue, leads');
  expect(await one.queue.purgeTrackingData({ older_than: '30 days' })).toEqual({
    deleted_events: 4,
    deleted_visitors: 1,
    deleted_requests: 0,
    done: true,
  });
  expect(await left(one)).toEqual(['back', 'back 1', 'fresh', 'lingering', 'lingering 5']);
  expect(await one.db.query('SELECT count(*)::int FROM conversion_queue, leads')).toEqual(before);
});

test('a batch deletes no more rows than asked for, and a job repeats it until done', async () => {
  const one = await emptyQueueDatabase();
  await seed(one, { a: [40, 50, 49, 48], b: [40], c: [40], fresh: [1, 1] });
  const batches = [];
  do {
    batches.push(await one.queue.purgeTrackingData({ older_than: '30 days', limit: 2 }));
  } while (!batches.at(-1)?.done);
  expect(batches).toEqual([
    { deleted_events: 2, deleted_visitors: 0, deleted_requests: 0, done: false },
    { deleted_events: 1, deleted_visitors: 1, deleted_requests: 0, done: false },
    { deleted_events: 0, deleted_visitors: 2, deleted_requests: 0, done: false },
    { deleted_events: 0, deleted_visitors: 0, deleted_requests: 0, done: true },
  ]);
  expect(await left(one)).toEqual(['fresh', 'fresh 1']);
});

test('two jobs at once share the work', async () => {
  const one = await emptyQueueDatabase();
  await seed(
    one,
    Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`v${n}`, [40, 40, 41]])),
  );
  const work = async () => {
    let deleted = 0;
    for (;;) {
      const batch = await one.queue.purgeTrackingData({ older_than: '30 days', limit: 3 });
      deleted += batch.deleted_events + batch.deleted_visitors;
      if (batch.done && (await left(one)).length === 0) return deleted;
    }
  };
  const [a = 0, b = 0] = await Promise.all([work(), work()]);
  expect(a + b).toBe(60);
});

describe("rows of the application's own that refer to visitors", () => {
  afterEach(async () => {
    const { db } = await emptyQueueDatabase();
    await db.query('DROP SCHEMA IF EXISTS host CASCADE');
  });

  test.each(['CASCADE', 'SET NULL', 'NO ACTION'])(
    'are left as they are: ON DELETE %s',
    async (action) => {
      const one = await emptyQueueDatabase();
      await seed(one, { referred: [40], free: [40] });
      await one.db.query(`
      CREATE SCHEMA host;
      CREATE TABLE host."Sessions" (id int, "Visitor" uuid REFERENCES visitors ON DELETE ${action},
        cookie text REFERENCES visitors (visitor_id) ON DELETE ${action});
      INSERT INTO host."Sessions" ("Visitor") SELECT id FROM visitors WHERE visitor_id = 'referred'`);
      const before = await one.db.query('SELECT * FROM host."Sessions"');
      expect(await one.queue.purgeTrackingData({ older_than: '30 days' })).toMatchObject({
        deleted_visitors: 1,
        deleted_requests: 0,
      });
      expect(await left(one)).toEqual(['referred']);
      expect(await one.db.query('SELECT * FROM host."Sessions"')).toEqual(before);
    },
  );

  test('and that row level security hides are an error, and nothing is deleted', async () => {
    const one = await emptyQueueDatabase();
    await seed(one, { referred: [40] });
    const role = await createRole();
    await one.db.query(`
      CREATE SCHEMA host;
      CREATE TABLE host.sessions (visitor uuid REFERENCES visitors ON DELETE CASCADE);
      INSERT INTO host.sessions SELECT id FROM visitors;
      ALTER TABLE host.sessions ENABLE ROW LEVEL SECURITY;
      GRANT USAGE ON SCHEMA host TO ${role.name};
      GRANT SELECT ON host.sessions TO ${role.name};
      GRANT SELECT, UPDATE, DELETE ON visitors, tracking_events TO ${role.name};
      CREATE POLICY ${role.name} ON visitors TO ${role.name} USING (true);
      CREATE POLICY ${role.name} ON tracking_events TO ${role.name} USING (true);
      GRANT EXECUTE ON FUNCTION purge_tracking_data TO ${role.name};`);
    try {
      await withClient(one.db.urlFor(role.name, role.password), async (client) => {
        const purging = trackingQueue(client).purgeTrackingData({ older_than: '30 days' });
        await expect(purging).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
      });
      expect(await left(one)).toEqual(['referred']);
    } finally {
      await one.db.query(`DROP OWNED BY ${role.name}`);
    }
  });
});

test.each([
  [{ older_than: '-1 day' }, /older_than is -1 days and must be at least 1 day/],
  [
    { older_than: '13 seconds' },
    /older_than is 00:00:13 and must be at least 1 day; a number without a unit means seconds/,
  ],
  [{ older_than: '23:59:59' }, /older_than is 23:59:59/],
  [{ older_than: '30 days', limit: 0 }, /limit is 0 and must be at least 1/],
  [{ older_than: 'always' }, /interval/],
])('%j is refused, and nothing is deleted', async (what, message) => {
  const one = await emptyQueueDatabase();
  await seed(one, { old: [40] });
  await expect(one.queue.purgeTrackingData(what)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(message),
  });
  expect(await left(one)).toEqual(['old']);
});
