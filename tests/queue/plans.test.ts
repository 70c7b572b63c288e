import pg from 'pg';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { emptyQueueDatabase, type QueueDatabase } from '../support/queue.ts';

/** Entries that differ in age, most of them uploaded, in a table that the planner would rather scan. */
const FILL = `
  INSERT INTO conversions (lead_id, conversion_type, idempotency_key, crm_deal_id)
  SELECT $1, 'closed', 'P-' || n || ':closed', 'P-' || n FROM generate_series(1, 5000) n`;
const QUEUE = (status: string) => `
  INSERT INTO conversion_queue (conversion_id, status, created_at)
  SELECT id, ${status}, now() - (row_number() OVER ()) * interval '1 second' FROM conversions`;

/** The plans of the statements within a call, as the server says that it ran them. */
async function plansOf(url: string, call: string, before = ''): Promise<readonly string[]> {
  const client = new pg.Client(url);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(`LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0;
    SET auto_explain.log_nested_statements = on; SET auto_explain.log_analyze = on; ${before}`);
  const plans: string[] = [];
  client.on('notice', ({ message = '' }) => {
    if (message.includes('Query Text')) plans.push(message);
  });
  // Often enough for a plan that is kept, and knows none of the values.
  for (let i = 0; i < 8; i += 1) await client.query(call);
  await client.query('SET client_min_messages = log');
  await client.query(call);
  return plans.filter((plan) => !plan.includes('Function Scan on') || plan.includes('unnest'));
}

describe('a claim reads due entries in their order, and sorts and scans nothing,', () => {
  let one: QueueDatabase;
  const STATES = {
    'in a table that was never analysed': async () => {
      await one.db.query(QUEUE("CASE WHEN random() < 0.97 THEN 'uploaded' ELSE 'pending' END"));
    },
    'where all were pending when it was analysed': async () => {
      await one.db.query(QUEUE("'pending'"));
      await one.db.query('ANALYZE conversion_queue');
      await one.db.query("UPDATE conversion_queue SET status = 'uploaded' WHERE random() < 0.97");
    },
    'where none were when it was analysed': async () => {
      await one.db.query(QUEUE("'uploaded'"));
      await one.db.query('ANALYZE conversion_queue');
      await one.db.query("UPDATE conversion_queue SET status = 'pending'");
    },
    'in a table of a few rows': async () => {
      await one.db.query(`${QUEUE("'pending'")} LIMIT 3`);
      await one.db.query('ANALYZE conversion_queue');
    },
  };

  beforeAll(async () => {
    one = await emptyQueueDatabase();
    await one.db.query(FILL, [one.lead]);
  });

  test.each(Object.entries(STATES))('%s', async (_, make) => {
    await one.db.query('TRUNCATE conversion_queue');
    await make();
    // Those before have taken theirs; leases of no time leave them due.
    const call = "SELECT count(*) FROM claim_conversions('google_ads', 20, '1 microsecond')";
    await one.db.query('UPDATE conversion_queue SET max_retries = 100');
    const plans = await plansOf(one.db.url, call);
    const [search, update] = plans;
    expect(plans.length).toBeGreaterThanOrEqual(2);
    expect(search).toContain('Index Scan using idx_queue_due on conversion_queue');
    expect(update).toContain('Tid Scan on conversion_queue');
    expect(update).toContain('conversions_pkey');
    for (const plan of plans) {
      expect(plan).not.toMatch(/Seq Scan|Sort|Bitmap|Hash|Merge Join/);
    }
  });
});

describe.each([1, 3, 30])(
  'where there are %i entries and conversions, vacuumed and analysed,',
  (rows) => {
    let one: QueueDatabase;
    beforeAll(async () => {
      one = await emptyQueueDatabase();
      await one.record(rows);
      await one.db.query('VACUUM ANALYZE conversions, conversion_queue');
    });

    test('a claim finds them one by one, in their order', async () => {
      await one.db.query('UPDATE conversion_queue SET max_retries = 100');
      const [, update] = await plansOf(
        one.db.url,
        "SELECT count(*) FROM claim_conversions('google_ads', 20, '1 microsecond')",
      );
      expect(update).toContain('Tid Scan on conversion_queue');
      expect(update).toContain('Index Scan using conversions_pkey');
      expect(update).not.toContain('Materialize');
      expect(update).not.toContain('idx_queue_conversion_id');
    });

    test.each([
      ['complete_conversions', "complete_conversions(ARRAY['$1']::uuid[])"],
      ['fail_conversions', "fail_conversions(ARRAY['$1']::uuid[], 'late')"],
    ])('%s finds them by their ids, in the order of these', async (_, call) => {
      const [entry] = await one.db.query<{ id: string }>('SELECT id FROM conversion_queue LIMIT 1');
      const id = entry?.id ?? '';
      const [lock, update] = await plansOf(
        one.db.url,
        `SELECT count(*) FROM ${call.replace('$1', id)}`,
      );
      expect(lock).toContain('Index Scan using conversion_queue_pkey');
      expect(lock).not.toMatch(/Seq Scan|Sort|Bitmap/);
      expect(update).toContain('Tid Scan on conversion_queue');
      // The plan that is kept knows none of the ids.
      expect(lock).toContain('ANY ($');
    });
  },
);

test.each([
  ['no statistics', ''],
  ['statistics of an empty queue', 'ANALYZE conversion_queue, upload_requests'],
])('health reads at most 10,001 entries of an index, with %s', async (_, before) => {
  const { db, lead } = await emptyQueueDatabase();
  await db.query(FILL, [lead]);
  await db.query(before);
  await db.query(`
    INSERT INTO conversion_queue (conversion_id, status)
    SELECT c.id, s FROM conversions c, unnest(ARRAY['pending', 'dead_letter', 'uploaded', 'uploaded']) s, generate_series(1, 3)`);
  await db.query(`
    INSERT INTO upload_requests (platform, request_id, entry_ids, entry_count, status, next_check_at)
    SELECT 'google_ads', s || n, '{}', 0, s, CASE s WHEN 'processing' THEN now() END
      FROM generate_series(1, 15000) n, unnest(ARRAY['processing', 'expired']) s`);
  const plans = await plansOf(db.url, 'SELECT count(*) FROM conversion_queue_health()');
  const text = plans.join('\n');
  expect(text).not.toMatch(/Seq Scan|Sort|Bitmap/);
  const rows = [...text.matchAll(/Scan using idx_(\w+) on [^\n]*actual [^\n]*?rows=(\d+)/g)];
  const most = (index: string) =>
    Math.max(...rows.filter(([, name]) => name === index).map(([, , count]) => Number(count)));
  expect(most('queue_due')).toBe(10_001);
  expect(most('queue_dead_letter')).toBe(10_001);
  expect(most('queue_platform')).toBe(10_001);
  expect(most('upload_requests_open')).toBe(10_000);
});
