import { beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, createMigratedDatabase, type TestDatabase } from '../support/database.ts';

const PENDING_OR_FAILED = "(status = ANY (ARRAY['pending'::text, 'failed'::text]))";

/** The thirteen names that applications rely on. */
const INDEXES = {
  idx_visitors_visitor_id: 'UNIQUE visitors (visitor_id)',
  idx_visitors_gclid: 'visitors (gclid) WHERE (gclid IS NOT NULL)',
  idx_visitors_last_seen_at: 'visitors (last_seen_at)',
  idx_conversions_lead_id: 'conversions (lead_id)',
  idx_conversions_idempotency_key: 'UNIQUE conversions (idempotency_key)',
  idx_conversions_created_at: 'conversions (created_at)',
  idx_conversions_type: 'conversions (conversion_type)',
  idx_queue_status_next_retry: `conversion_queue (status, next_retry_at) WHERE ${PENDING_OR_FAILED}`,
  idx_queue_conversion_id: 'conversion_queue (conversion_id)',
  idx_queue_platform: 'conversion_queue (platform)',
  idx_tracking_events_visitor_id: 'tracking_events (visitor_id)',
  idx_tracking_events_event_name: 'tracking_events (event_name)',
  idx_tracking_events_created_at: 'tracking_events (created_at)',
} as const;

/** Those that the queue's functions need. */
const OF_FUNCTIONS = {
  idx_queue_due: `conversion_queue (platform, COALESCE(next_retry_at, created_at)) WHERE ${PENDING_OR_FAILED}`,
  idx_queue_dead_letter:
    "conversion_queue (platform, created_at) WHERE (status = 'dead_letter'::text)",
  idx_upload_requests_due:
    "upload_requests (platform, next_check_at) WHERE (status = 'processing'::text)",
  idx_upload_requests_open:
    "upload_requests (platform, status, accepted_at) WHERE (status = ANY (ARRAY['processing'::text, 'expired'::text]))",
  idx_upload_requests_settled_at: 'upload_requests (settled_at) WHERE (settled_at IS NOT NULL)',
} as const;

const PRIMARY_KEYS = {
  visitors_pkey: 'UNIQUE visitors (id)',
  conversions_pkey: 'UNIQUE conversions (id)',
  conversion_queue_pkey: 'UNIQUE conversion_queue (id)',
  tracking_events_pkey: 'UNIQUE tracking_events (id)',
  upload_requests_pkey: 'UNIQUE upload_requests (request_id, platform)',
  leads_pkey: 'UNIQUE leads (id)',
  tracking_migrations_pkey: 'UNIQUE tracking_migrations (id)',
};

let db: TestDatabase;
let found: Record<string, string>;

beforeAll(async () => {
  db = await createMigratedDatabase();
  found = await indexes();
});

test('thirteen index names are promised', () => {
  expect(Object.keys(INDEXES)).toHaveLength(13);
});

test.each(Object.entries(INDEXES))('%s is on %s', (name, definition) => {
  expect(found[name]).toBe(definition);
});

test('there are no indexes beside those, what functions need, and the primary keys', () => {
  expect(found).toEqual({ ...INDEXES, ...OF_FUNCTIONS, ...PRIMARY_KEYS });
});

test('every index is valid, ready, a plain btree, and immediate', async () => {
  const odd = await db.query(
    `SELECT i.indexrelid::regclass::text AS name
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
      WHERE c.relnamespace = 'public'::regnamespace
        AND NOT (i.indisvalid AND i.indisready AND i.indimmediate AND m.amname = 'btree'
                 AND i.indnkeyatts = i.indnatts AND (i.indexprs IS NULL OR c.relname = 'idx_queue_due'))`,
  );
  expect(odd).toEqual([]);
});

test.each([
  ['idx_visitors_visitor_id', 'visitors', 'UNIQUE (visitor_id)'],
  ['idx_conversions_idempotency_key', 'conversions', 'UNIQUE (idempotency_key)'],
])('%s is the index behind the UNIQUE constraint of that name', async (name, table, definition) => {
  const constraints = await db.query(
    `SELECT conname AS name, conrelid::regclass::text AS table, pg_get_constraintdef(oid) AS definition
       FROM pg_constraint WHERE conindid = $1::regclass AND contype <> 'f'`,
    [name],
  );
  expect(constraints).toEqual([{ name, table, definition }]);
});

describe('two rules', () => {
  const DUPLICATES = `
    SELECT c.relname AS table, array_agg(i.indexrelid::regclass::text ORDER BY i.indexrelid::regclass::text) AS indexes
      FROM pg_index i
      JOIN pg_class c ON c.oid = i.indrelid
     CROSS JOIN LATERAL (
       SELECT array_agg(a.attname::text ORDER BY a.attname) AS columns
         FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
     ) k
     WHERE c.relnamespace = 'public'::regnamespace
     GROUP BY c.relname, k.columns, pg_get_expr(i.indexprs, i.indrelid) HAVING count(*) > 1`;

  const UNINDEXED = `
    SELECT f.conname AS name FROM pg_constraint f
     WHERE f.contype = 'f' AND f.connamespace = 'public'::regnamespace
       AND NOT EXISTS (
         SELECT FROM pg_index i
          WHERE i.indrelid = f.conrelid AND i.indisvalid AND i.indpred IS NULL
            AND (string_to_array(i.indkey::text, ' ')::int2[])[1:cardinality(f.conkey)] @> f.conkey)`;

  test('no two indexes of one table cover the same columns', async () => {
    expect(await db.query(DUPLICATES)).toEqual([]);
  });

  test('every foreign key is indexed by its leading columns', async () => {
    const [count] = await db.query(
      `SELECT count(*)::int AS keys FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace`,
    );
    expect(count).toEqual({ keys: 3 });
    expect(await db.query(UNINDEXED)).toEqual([]);
  });

  test('an application that breaks either rule would be found out by these queries', async () => {
    const copy = await createDatabase(db);
    await copy.query(
      `CREATE INDEX second_copy ON visitors (visitor_id);
       DROP INDEX idx_tracking_events_visitor_id;
       CREATE INDEX not_leading ON tracking_events (event_name, visitor_id);`,
    );
    expect(await copy.query(DUPLICATES)).toEqual([
      { table: 'visitors', indexes: ['idx_visitors_visitor_id', 'second_copy'] },
    ]);
    expect(await copy.query(UNINDEXED)).toEqual([{ name: 'tracking_events_visitor_id_fkey' }]);
  });
});

/** Index names and what they cover, without the words that all of them share. */
async function indexes(): Promise<Record<string, string>> {
  const rows = await db.query<{ name: string; definition: string }>(
    `SELECT c.relname AS name, pg_get_indexdef(c.oid) AS definition
       FROM pg_class c WHERE c.relkind = 'i' AND c.relnamespace = 'public'::regnamespace`,
  );
  return Object.fromEntries(
    rows.map(({ name, definition }) => [
      name,
      definition
        .replace(/^CREATE (UNIQUE )?INDEX \w+ ON public\./, '$1')
        .replace(' USING btree', ''),
    ]),
  );
}
