import { promises as fs } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { importLibrary } from '../tool.ts';

interface KyselyModule {
  readonly Kysely: new (options: { dialect: object }) => { destroy(): Promise<void> };
  readonly PostgresDialect: new (options: { pool: pg.Pool }) => object;
}

interface MigrationModule {
  readonly FileMigrationProvider: new (options: object) => object;
  readonly Migrator: new (options: {
    db: object;
    provider: object;
  }) => {
    migrateToLatest(): Promise<{ readonly error?: unknown }>;
  };
}

const { Kysely, PostgresDialect } = await importLibrary<KyselyModule>('kysely');
const { FileMigrationProvider, Migrator } =
  await importLibrary<MigrationModule>('kysely/migration');
const migrationFolder = fileURLToPath(new URL('migrations/kysely', import.meta.url));

export async function boot(url: string): Promise<void> {
  const db = new Kysely({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }),
  });
  const provider = new FileMigrationProvider({ fs, path, migrationFolder });
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  await db.destroy();
  if (error !== undefined) throw error;
}
