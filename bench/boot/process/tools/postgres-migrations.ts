import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { importLibrary } from '../tool.ts';

interface PostgresMigrations {
  migrate(options: { client: pg.Client }, folder: string): Promise<unknown>;
}

const { migrate } = await importLibrary<PostgresMigrations>('postgres-migrations');
const folder = fileURLToPath(new URL('migrations/postgres-migrations', import.meta.url));

export async function boot(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await migrate({ client }, folder);
  } finally {
    await client.end();
  }
}
