import type pg from 'pg';

/** Of a hundred entries: 97 uploaded, 1 pending, 1 failed (every second one due), 1 dead letter. */
const MIXED = `CASE i % 100 WHEN 0 THEN 'pending' WHEN 33 THEN 'failed' WHEN 66 THEN 'dead_letter' ELSE 'uploaded' END`;

/** The same with nothing due: what would be pending has been uploaded, and failed waits for long. */
const SETTLED = `CASE i % 100 WHEN 33 THEN 'failed' WHEN 66 THEN 'dead_letter' ELSE 'uploaded' END`;

/** The same shares as they come about: the oldest 97 % are done, and the rest is at the end. */
const RECENT = `CASE WHEN i <= $1 * 0.97 THEN 'uploaded' ELSE (ARRAY['pending', 'failed', 'dead_letter'])[1 + i % 3] END`;

const MIXES = {
  recent: {
    status: RECENT,
    failedFor: "CASE WHEN i % 2 = 0 THEN interval '-1 day' ELSE interval '1 day' END",
  },
  mixed: {
    status: MIXED,
    failedFor: "CASE WHEN i % 200 < 100 THEN interval '-1 day' ELSE interval '1 day' END",
  },
  settled: { status: SETTLED, failedFor: "interval '10 years'" },
  pending: { status: "'pending'", failedFor: "interval '1 day'" },
} as const;

/** What the entries of a table are like, spread evenly over it unless it says otherwise. */
export type Mix = keyof typeof MIXES;

/**
 * Fills conversions and conversion_queue of an owner who is a superuser, whatever they held before.
 * Triggers and foreign keys are left out and the indexes built in the end; nothing is analysed.
 */
export async function loadQueue(client: pg.Client, rows: number, mix: Mix): Promise<void> {
  const { status, failedFor } = MIXES[mix];
  await client.query('TRUNCATE leads CASCADE');
  await client.query('SET session_replication_role = replica');
  await client.query(
    `UPDATE pg_index SET indisready = false, indisvalid = false
      WHERE indrelid IN ('conversions'::regclass, 'conversion_queue'::regclass)`,
  );
  await client.query('INSERT INTO leads (id) VALUES (gen_random_uuid())');
  await client.query(
    `INSERT INTO conversions (id, lead_id, conversion_type, conversion_value, idempotency_key,
       crm_deal_id, gclid, created_at, updated_at)
     SELECT md5('conversion ' || i)::uuid, l.id, 'qualified', 100, 'D-' || i || ':qualified', 'D-' || i,
       'gclid-' || i, t.at, t.at
       FROM leads l, generate_series(1, $1::integer) i
      CROSS JOIN LATERAL (SELECT now() - interval '30 days' + i * (interval '29 days' / $1) AS at) t`,
    [rows],
  );
  await client.query(
    `INSERT INTO conversion_queue (id, conversion_id, status, retry_count, next_retry_at, last_error,
       uploaded_at, created_at, updated_at)
     SELECT md5('entry ' || i)::uuid, md5('conversion ' || i)::uuid, s.status,
       CASE s.status WHEN 'failed' THEN 1 WHEN 'dead_letter' THEN 5 ELSE 0 END,
       CASE WHEN s.status = 'failed' THEN now() + ${failedFor} END,
       CASE WHEN s.status IN ('failed', 'dead_letter') THEN 'Rate limit exceeded.' END,
       CASE WHEN s.status = 'uploaded' THEN t.at END, t.at, t.at
       FROM generate_series(1, $1::integer) i
      CROSS JOIN LATERAL (SELECT now() - interval '30 days' + i * (interval '29 days' / $1) AS at) t
      CROSS JOIN LATERAL (SELECT ${status} AS status) s`,
    [rows],
  );
  await client.query('REINDEX TABLE conversions');
  await client.query('REINDEX TABLE conversion_queue');
  await client.query('RESET session_replication_role');
}

/** The same for a small queue where all is pending, vacuumed and analysed. */
export async function fillQueue(client: pg.Client, entries: number): Promise<void> {
  await loadQueue(client, entries, 'pending');
  await client.query('VACUUM (ANALYZE)');
}

/** Inserts pending entries as an application would, with their conversions, in one statement. */
export async function insertEntries(client: pg.Client, entries: number): Promise<void> {
  await client.query(
    `WITH c AS (
       INSERT INTO conversions (lead_id, conversion_type, conversion_value, idempotency_key, gclid)
       SELECT l.id, 'qualified', 100, gen_random_uuid() || ':qualified', 'gclid-' || i
         FROM leads l, generate_series(1, $1::integer) i
       RETURNING id)
     INSERT INTO conversion_queue (conversion_id) SELECT c.id FROM c`,
    [entries],
  );
}
