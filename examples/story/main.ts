import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startEmbeddedServer } from '../../scripts/embedded-server.ts';
import { runMigrations, TrackingSchemaError } from '../../src/index.ts';
import { tellStory } from './story.ts';

const DATA_FOLDER = fileURLToPath(new URL('../../.data/postgres-18', import.meta.url));

/** Migrates DATABASE_URL, or an embedded server, and tells a story through the schema. */
async function main(): Promise<void> {
  const { DATABASE_URL } = process.env;
  if (DATABASE_URL) {
    console.log('Database: the one of DATABASE_URL');
    return migrateAndTell(DATABASE_URL);
  }
  mkdirSync(dirname(DATA_FOLDER), { recursive: true });
  const server = await startEmbeddedServer({ dataFolder: DATA_FOLDER, keepData: true });
  console.log('Database: an embedded PostgreSQL 18, its data in .data/ (delete it to start anew)');
  try {
    await migrateAndTell(server.url);
  } finally {
    await server.stop();
  }
}

async function migrateAndTell(databaseUrl: string): Promise<void> {
  const { ran, alreadyApplied, durationMs } = await runMigrations({
    databaseUrl,
    onEvent(event) {
      if (event.type !== 'applied') return;
      console.log(`  ${event.name}  ${event.durationMs.toFixed(1)} ms`);
    },
  });
  console.log(
    ran.length === 0
      ? `Nothing pending: ${alreadyApplied.length} migrations were there (${durationMs.toFixed(1)} ms).`
      : `${ran.length} migrations applied in ${durationMs.toFixed(1)} ms.`,
  );
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    await tellStory(client, console.log);
  } finally {
    await client.end();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof TrackingSchemaError ? `${error.code}: ${error.message}` : error);
  process.exitCode = 1;
});
