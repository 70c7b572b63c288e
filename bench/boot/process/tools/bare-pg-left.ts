import pg from 'pg';

/** The least that an application does which does not wait until the server has closed the connection. */
export async function boot(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('SELECT 1');
  void client.end();
}
