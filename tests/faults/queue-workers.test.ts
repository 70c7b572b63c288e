import { beforeAll, expect, test } from 'vitest';
import { createMigratedDatabase, type TestDatabase, withClient } from '../support/database.ts';
import { QueueWorkers } from '../support/queue-workers.ts';
import { tally } from '../support/tally.ts';

const WORKERS = 8;
const ENTRIES = 20_000;
const LIMIT = 40;
/** So short that many a lease passes, and so long that most workers are faster. */
const LEASE = '1 second';
/** Some answer after that, when another has the entries already. */
const SLOW = { slowness: 0.03, slowMs: 1_500 };
/** One of so many claims is somebody's end, on average. */
const CLAIMS_PER_KILL = 4;

let db: TestDatabase;

beforeAll(async () => {
  db = await createMigratedDatabase();
  await db.query(`
    WITH l AS (INSERT INTO leads DEFAULT VALUES RETURNING id),
    c AS (
      INSERT INTO conversions (lead_id, conversion_type, idempotency_key)
      SELECT l.id, 'closed', n::text FROM l, generate_series(1, ${ENTRIES}) n RETURNING id)
    INSERT INTO conversion_queue (conversion_id) SELECT id FROM c;
    ANALYZE;

    CREATE TABLE uploads (n bigint GENERATED ALWAYS AS IDENTITY, id uuid, lease_id uuid,
      leased_from timestamptz, leased_until timestamptz);
    CREATE TABLE completions (id uuid, applied boolean);

    -- What has become of each entry, whether or not the worker lived to see it.
    CREATE TABLE changes (n bigint GENERATED ALWAYS AS IDENTITY, was conversion_queue, became conversion_queue);
    CREATE FUNCTION keep_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO public.changes (was, became) VALUES (OLD, NEW);
      RETURN NULL;
    END $$;
    CREATE TRIGGER keep_change AFTER UPDATE ON conversion_queue FOR EACH ROW EXECUTE FUNCTION keep_change();`);
});

/** Statuses that may follow each other, of an entry that nobody requeues. */
const EDGES = [
  'dead_letter -> uploaded',
  'failed -> dead_letter',
  'failed -> failed',
  'failed -> uploaded',
  'pending -> dead_letter',
  'pending -> failed',
  'pending -> pending',
  'pending -> uploaded',
];

const CLAIMS = `
  SELECT n, (became).id, (became).lease_id, (became).leased_until - interval '${LEASE}' AS leased_from,
         (became).retry_count, (was).lease_id AS before, (was).leased_until AS until
    FROM changes
   WHERE (became).lease_id IS DISTINCT FROM (was).lease_id AND (became).lease_id IS NOT NULL`;

const RELEASES = `
  SELECT (was).id, (was).lease_id FROM changes
   WHERE (was).lease_id IS NOT NULL AND (became).leased_until IS NULL`;

/** Each counts what must not be there. */
const FAULTS = {
  'entries that are lost': `SELECT ${ENTRIES} - count(*) AS count FROM conversion_queue`,
  'entries that are neither uploaded nor given up': `
    SELECT count(*) FROM conversion_queue WHERE status NOT IN ('uploaded', 'dead_letter')`,
  'entries said to be uploaded that no worker has uploaded': `
    SELECT count(*) FROM conversion_queue q
     WHERE q.status = 'uploaded' AND NOT EXISTS (SELECT FROM uploads u WHERE u.id = q.id)`,
  'entries that a worker has completed, and are not uploaded': `
    SELECT count(*) FROM completions
     WHERE id NOT IN (SELECT id FROM conversion_queue WHERE status = 'uploaded')`,
  'entries that several have completed': `
    SELECT count(*) FROM (SELECT FROM completions WHERE applied GROUP BY id HAVING count(*) > 1) twice`,
  'claims within the lease of another': `
    SELECT count(*) FROM (${CLAIMS}) c WHERE c.before IS NOT NULL AND c.leased_from < c.until`,
  'uploads within the lease of another': `
    SELECT count(*)
      FROM (SELECT id, leased_from, lag(leased_until) OVER w AS until, lag(lease_id) OVER w AS before
              FROM uploads WINDOW w AS (PARTITION BY id ORDER BY leased_from)) u
     WHERE u.leased_from < u.until
       AND NOT EXISTS (SELECT FROM (${RELEASES}) r WHERE (r.id, r.lease_id) = (u.id, u.before))`,
  'uploads with a lease that was never given': `
    SELECT count(*) FROM uploads u
     WHERE NOT EXISTS (SELECT FROM (${CLAIMS}) c WHERE (c.id, c.lease_id) = (u.id, u.lease_id))`,
  'claims whose tries do not add up': `
    SELECT count(*)
      FROM (SELECT retry_count, row_number() OVER (PARTITION BY id ORDER BY n) - 1 AS before FROM (${CLAIMS}) c) c
     WHERE c.retry_count <> c.before`,
  'entries whose tries do not add up': `
    SELECT count(*)
      FROM conversion_queue q
      JOIN (SELECT id, count(*) AS claims FROM (${CLAIMS}) c GROUP BY id) c USING (id)
     WHERE q.retry_count NOT IN (claims, claims - 1) OR q.status = 'dead_letter' AND q.retry_count <> claims`,
  'entries given up too early': `
    SELECT count(*) FROM conversion_queue
     WHERE status = 'dead_letter' AND retry_count < max_retries AND last_error <> 'refused'`,
};

const FIGURES = {
  claims: `SELECT count(*) FROM (${CLAIMS}) c`,
  'leases passed': `
    SELECT count(*) FROM changes WHERE (became).error_code = 'LEASE_EXPIRED' AND (became).retry_count > (was).retry_count`,
  uploaded: `SELECT count(*) FROM conversion_queue WHERE status = 'uploaded'`,
  'dead letters': `SELECT count(*) FROM conversion_queue WHERE status = 'dead_letter'`,
};

test('workers that are killed at any moment lose nothing, and none has what another has', async () => {
  const kills = await workAmongKills();
  const found = await counts(FAULTS);
  const figures = Object.entries({
    ...(await counts(FIGURES)),
    doubles: found['claims within the lease of another'],
  }).map(([what, count]) => `${count} ${what}`);
  const lost = Object.values(found).reduce((sum, count) => sum + count, 0);
  for (const [fault, tried] of Object.entries(kills)) {
    tally({ fault, tried, survived: tried - Math.min(lost, tried), note: figures.join(', ') });
  }
  expect(found).toEqual(Object.fromEntries(Object.keys(FAULTS).map((name) => [name, 0])));
  const edges = await db.query<{ edge: string }>(
    `SELECT DISTINCT format('%s -> %s', (was).status, (became).status) AS edge FROM changes`,
  );
  expect(EDGES).toEqual(expect.arrayContaining(edges.map(({ edge }) => edge)));
  for (const times of Object.values(kills)) expect(times).toBeGreaterThan(0);
}, 300_000);

async function workAmongKills(): Promise<{ readonly [fault: string]: number }> {
  const kills = { 'SIGKILL of a worker of the queue': 0, 'pg_terminate_backend of one': 0 };
  await withClient(db.url, async (client) => {
    const killing: Promise<unknown>[] = [];
    const workers = await QueueWorkers.start(
      WORKERS,
      { url: db.url, limit: LIMIT, lease: LEASE, ...SLOW },
      () => {
        if (Math.random() * CLAIMS_PER_KILL > 1) return;
        if (Math.random() < 0.6) {
          // At some moment of what it does with what it has taken.
          setTimeout(() => {
            if (workers.kill()) kills['SIGKILL of a worker of the queue'] += 1;
          }, Math.random() * 20);
          return;
        }
        killing.push(
          client.query(TERMINATE_ONE).then(({ rowCount }) => {
            kills['pg_terminate_backend of one'] += rowCount ?? 0;
          }),
        );
      },
    );
    await workers.done;
    await Promise.all(killing);
  });
  return kills;
}

const TERMINATE_ONE = `
  SELECT pg_terminate_backend(pid)
    FROM (SELECT pid FROM pg_stat_activity
           WHERE datname = current_database() AND application_name = 'queue worker'
           ORDER BY random() LIMIT 1) one`;

async function counts<Name extends string>(
  questions: Readonly<Record<Name, string>>,
): Promise<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const [name, sql] of Object.entries<string>(questions)) {
    const [row] = await db.query<{ count: string }>(sql);
    counted[name] = Number(row?.count);
  }
  return counted;
}
