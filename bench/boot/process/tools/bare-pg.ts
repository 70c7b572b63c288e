import pg from 'pg';

/** The least that an application does: all else is compared with it. */
export async function boot(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('SELECT 1');
  await client.end();
}
