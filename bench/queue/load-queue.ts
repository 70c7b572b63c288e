import type pg from 'pg';

/** Of a hundred entries: 97 uploaded, 1 pending, 1 failed (every second one due), 1 dead letter. */
const MIXED = `CASE i % 100 WHEN 0 THEN 'pending' WHEN 33 THEN 'failed' WHEN 66 THEN 'dead_letter' ELSE 'uploaded' END`;
const STATUS = { mixed: MIXED, pending: "'pending'" } as const;
const TIMES = `CROSS JOIN LATERAL (SELECT now() - interval '30 days' + i * (interval '29 days' / $1) AS at) t`;

/**
 * Fills conversions and conversion_queue of an owner who is a superuser, whatever they held before.
 * Triggers and foreign keys are left out and the indexes built in the end; nothing is analysed.
 */
export async function loadQueue(
  client: pg.Client,
  rows: number,
  mix: keyof typeof STATUS,
): Promise<void> {
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
       FROM leads l, generate_series(1, $1::integer) i ${TIMES}`,
    [rows],
  );
  await client.query(
    `INSERT INTO conversion_queue (id, conversion_id, status, retry_count, next_retry_at, last_error,
       uploaded_at, created_at, updated_at)
     SELECT md5('entry ' || i)::uuid, md5('conversion ' || i)::uuid, s.status,
       CASE s.status WHEN 'failed' THEN 1 WHEN 'dead_letter' THEN 5 ELSE 0 END,
       CASE WHEN s.status = 'failed' THEN now() + CASE WHEN i % 200 < 100 THEN interval '-1 day' ELSE interval '1 day' END END,
       CASE WHEN s.status IN ('failed', 'dead_letter') THEN 'Rate limit exceeded.' END,
       CASE WHEN s.status = 'uploaded' THEN t.at END, t.at, t.at
       FROM generate_series(1, $1::integer) i ${TIMES}
      CROSS JOIN LATERAL (SELECT ${STATUS[mix]} AS status) s`,
    [rows],
  );
  await client.query('REINDEX TABLE conversions');
  await client.query('REINDEX TABLE conversion_queue');
  await client.query('RESET session_replication_role');
}
