import { readFileSync } from 'node:fs';
import pg from 'pg';

const script = readFileSync(new URL('migrations/script.sql', import.meta.url), 'utf8');

/**
 * The least that brings these migrations into a database which others bring them into, too: whoever
 * has the lock first sends all of them in one message, and the others wait in the server.
 */
export async function boot(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('SELECT pg_advisory_lock(1)');
  const { rows } = await client.query(
    "SELECT to_regclass('tracking_migrations') IS NULL AS missing",
  );
  if (rows[0].missing) await client.query(script);
  await client.end();
}
