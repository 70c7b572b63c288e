import type pg from 'pg';

const LOADED = "'visitors'::regclass, 'tracking_events'::regclass";

/**
 * So many visitors with an event each, in the order of time: those of the last 14 months, so that one in
 * fourteen is to be purged. The indexes are built in the end; nothing is analysed.
 */
export async function loadVisitors(client: pg.Client, rows: number): Promise<void> {
  await client.query('TRUNCATE visitors, tracking_events');
  await client.query('SET session_replication_role = replica');
  await client.query(
    `UPDATE pg_index SET indisready = false, indisvalid = false WHERE indrelid IN (${LOADED})`,
  );
  const at = "now() - interval '14 months' + i * (interval '14 months' / $1)";
  await client.query(
    `INSERT INTO visitors (id, visitor_id, first_seen_at, last_seen_at, created_at)
     SELECT md5('visitor ' || i)::uuid, 'visitor ' || i, t.at, t.at, t.at
       FROM generate_series(1, $1::integer) i CROSS JOIN LATERAL (SELECT ${at} AS at) t`,
    [rows],
  );
  await client.query(
    `INSERT INTO tracking_events (visitor_id, event_name, page_url, created_at)
     SELECT md5('visitor ' || i)::uuid, 'page_view', 'https://example.com/', ${at}
       FROM generate_series(1, $1::integer) i`,
    [rows],
  );
  await client.query('REINDEX TABLE visitors');
  await client.query('REINDEX TABLE tracking_events');
  await client.query('RESET session_replication_role');
}
