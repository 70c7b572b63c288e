import { expect, test } from 'vitest';
import { createMigratedDatabase, withClient } from '../support/database.ts';
import { section } from './guide.ts';

const VISITORS = 10_000;
const EVENTS_OF_EACH = 10;
const BATCH = 500;
/** Pages are not filled alike at every size, nor by every major. */
const TOLERANCE = 0.15;

/** As long as those of Google and of browsers are. */
const CLICK = "'Cj0KCQiA' || substr(md5(n::text) || md5(n || 'x') || md5(n || 'y'), 1, 83)";
const HASH = "encode(sha256(n::text::bytea), 'hex')";
const CAMPAIGN = "utm_source => 'google', utm_medium => 'cpc', utm_campaign => 'spring-sale-2026'";
const AGENT =
  "'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'";
const PAGE = "'https://www.example.com/products/category/item?id=' || n";

/** Visitors, then their events, then conversions; each in a transaction of its own, at its own time. */
const FILL = [
  `DO $$ BEGIN FOR n IN 1..${VISITORS} LOOP
     PERFORM upsert_visitor('visitor-' || gen_random_uuid(), CASE WHEN n % 2 = 0 THEN ${CLICK} END, ${CAMPAIGN},
       ip_hash => ${HASH}, user_agent => ${AGENT}, landing_page => ${PAGE}, referrer => 'https://www.google.com/');
     COMMIT;
   END LOOP; END $$`,
  'ANALYZE visitors',
  `SELECT record_events(jsonb_agg(e.event)) FROM (
     SELECT v.n, jsonb_build_object('visitor_id', v.visitor_id, 'event_name', 'page_view', 'event_id', gen_random_uuid(),
       'params', jsonb_build_object('title', 'An item of the shop', 'engagement_ms', 1200, 'session', n),
       'page_url', ${PAGE}, 'created_at', clock_timestamp()) AS event
       FROM (SELECT visitor_id, row_number() OVER () AS n FROM visitors) v, generate_series(1, ${EVENTS_OF_EACH})) e
    GROUP BY e.n / 500`,
  `INSERT INTO leads SELECT FROM generate_series(1, ${VISITORS})`,
];

/** Conversions up to the one given, which is a multiple of BATCH. */
const convert = (last: number) =>
  `DO $$ DECLARE leads CONSTANT uuid[] := (SELECT array_agg(id) FROM leads); BEGIN FOR n IN ${last - BATCH + 1}..${last} LOOP
     PERFORM record_conversion(leads[n], 'closed', '50064000001' || lpad(n::text, 7, '0'), 199.90, gclid => ${CLICK},
       email_hash => ${HASH}, ${CAMPAIGN}, converted_at => now());
     COMMIT;
   END LOOP; END $$`;

const upload = (request: number) =>
  `SELECT complete_conversions((SELECT array_agg(id) FROM claim_conversions()), 'request-${String(request).padStart(10, '0')}')`;

/** What a row takes, from the guide. */
function figures(): Map<string, readonly number[]> {
  const rows = section('How big it gets').matchAll(
    /^\| `(\w+)`.*? \| (\d+) \| (\d+) \| (\d+) MB \|$/gm,
  );
  return new Map([...rows].map(([, table = '', ...cells]) => [table, cells.map(Number)]));
}

test('a row takes what the guide says', async () => {
  const db = await createMigratedDatabase();
  await withClient(db.url, async (client) => {
    for (const sql of FILL) await client.query(sql);
    for (let n = BATCH; n <= VISITORS; n += BATCH) {
      await client.query(convert(n));
      for (let done = 0; done < BATCH; done += 100) await client.query(upload(n + done));
      await client.query('VACUUM (ANALYZE) conversions, conversion_queue');
    }
  });
  const open = "SELECT FROM conversion_queue WHERE status <> 'uploaded'";
  expect(await db.query(open)).toEqual([]);
  const said = figures();
  expect(said.size).toBe(4);
  for (const [table, [heap = 0, indexes = 0, million]] of said) {
    const [size] = await db.query<{ heap: number; indexes: number }>(
      `SELECT pg_table_size('${table}') / count(*)::float8 AS heap,
              pg_indexes_size('${table}') / count(*)::float8 AS indexes FROM ${table}`,
    );
    const off = [(size?.heap ?? 0) / heap - 1, (size?.indexes ?? 0) / indexes - 1].map(Math.abs);
    expect(Math.max(...off), `${table}: ${JSON.stringify(size)}`).toBeLessThan(TOLERANCE);
    expect(million).toBe(heap + indexes);
  }
});
