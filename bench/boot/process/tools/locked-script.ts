import { readFileSync } from 'node:fs';
import pg from 'pg';

const script = readFileSync(new URL('migrations/script.sql', import.meta.url), 'utf8');

/** The first client to take the lock sends all migrations in one message; the others wait in the server. */
export async function boot(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  if (await isMissing(client)) {
    await client.query('SELECT pg_advisory_lock(1)');
    if (await isMissing(client)) await client.query(script);
    await client.query('SELECT pg_advisory_unlock(1)');
  }
  await client.end();
}

async function isMissing(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    "SELECT to_regclass('tracking_migrations') IS NULL AS missing",
  );
  return rows[0].missing;
}
