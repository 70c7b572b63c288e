import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { importLibrary } from '../tool.ts';

interface DrizzleModule {
  drizzle(client: pg.Client): object;
}

interface MigratorModule {
  migrate(db: object, options: { migrationsFolder: string }): Promise<void>;
}

const { drizzle } = await importLibrary<DrizzleModule>('drizzle-orm/node-postgres');
const { migrate } = await importLibrary<MigratorModule>('drizzle-orm/node-postgres/migrator');
const migrationsFolder = fileURLToPath(new URL('migrations/drizzle', import.meta.url));

export async function boot(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await migrate(drizzle(client), { migrationsFolder });
  } finally {
    await client.end();
  }
}
