import type pg from 'pg';

/** What pg_stat_statements says of the statements that contain a text, since it was last asked. */
export interface StatementCost {
  readonly calls: number;
  /** Buffers found in memory or read, with those of the statements inside. */
  readonly buffers: number;
  readonly walBytes: number;
}

/** To be called once in each database that is asked. */
export async function trackStatements(client: pg.Client): Promise<void> {
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  await client.query('SELECT pg_stat_statements_reset()');
}

export async function takeCosts(
  client: pg.Client,
  texts: readonly string[],
): Promise<StatementCost[]> {
  const { rows } = await client.query<StatementCost>(
    `SELECT coalesce(sum(s.calls), 0)::float AS calls,
            coalesce(sum(s.shared_blks_hit + s.shared_blks_read), 0)::float AS buffers,
            coalesce(sum(s.wal_bytes), 0)::float AS "walBytes"
       FROM unnest($1::text[]) WITH ORDINALITY t (text, place)
       LEFT JOIN pg_stat_statements s
         ON s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND strpos(s.query, t.text) > 0
      GROUP BY t.place
      ORDER BY t.place`,
    [texts],
  );
  await client.query('SELECT pg_stat_statements_reset()');
  return rows;
}
