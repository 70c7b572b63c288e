import { readFileSync } from 'node:fs';
import pg from 'pg';

const script = readFileSync(new URL('migrations/script.sql', import.meta.url), 'utf8');

/** All that runMigrations() sends to an empty database, from BEGIN to COMMIT, in one message. */
export async function boot(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(script);
  await client.end();
}
