import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import {
  DataFolderInUse,
  type EmbeddedServer,
  startEmbeddedServer,
} from '../../scripts/embedded-server.ts';
import { prepareDataFolder, sharedFolders } from '../../scripts/server-folders.ts';
import { runMigrations, TrackingSchemaError } from '../../src/index.ts';
import { tellRows, tellStory } from './story.ts';

/** Migrates an embedded server, or another database, and tells a story through the schema. */
async function main(): Promise<void> {
  const { keep, databaseUrl } = readFlags();
  if (databaseUrl !== undefined) {
    console.log('Database: the one of --database-url');
    return migrateAndTell(databaseUrl, keep);
  }
  const server = await startServer();
  try {
    await migrateAndTell(server.url, keep);
    if (keep) await waitForEnd(server);
  } finally {
    await server.stop();
  }
}

function readFlags(): { keep: boolean; databaseUrl: string | undefined } {
  const options = { keep: { type: 'boolean' }, 'database-url': { type: 'string' } } as const;
  const { keep = false, 'database-url': databaseUrl } = parseArgs({ options }).values;
  if (keep && databaseUrl !== undefined) {
    throw new Error('--keep is for the embedded server: leave out --keep or --database-url.');
  }
  return { keep, databaseUrl };
}

/** The server whose data stays from one start to the next, or one of its own while that is in use. */
async function startServer(): Promise<EmbeddedServer> {
  const folder = dataFolder();
  let note = 'delete it to start anew';
  const server = await startEmbeddedServer({ dataFolder: folder }).catch((error: unknown) => {
    if (!(error instanceof DataFolderInUse)) throw error;
    note = `deleted when this run ends: another run uses ${folder}`;
    return startEmbeddedServer();
  });
  console.log(`Database: an embedded PostgreSQL 18\nData: ${server.dataFolder} (${note})`);
  return server;
}

/** In the checkout, or outside where the server's user cannot work in the checkout. */
function dataFolder(): string {
  const checkout = fileURLToPath(new URL('../..', import.meta.url));
  const inside = join(checkout, '.data', 'story');
  if (prepareDataFolder(inside)) return inside;
  const [shared = ''] = sharedFolders();
  const name = createHash('sha256').update(checkout).digest('hex').slice(0, 12);
  return join(shared, `story-${name}`);
}

async function migrateAndTell(databaseUrl: string, keep: boolean): Promise<void> {
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
    await tellStory(client, console.log, keep);
    if (keep) await tellRows(client, console.log);
  } finally {
    await client.end();
  }
}

async function waitForEnd({ url }: EmbeddedServer): Promise<void> {
  console.log(`\nThe server runs until Ctrl-C. To look around:\n  psql ${url}`);
  await new Promise<void>((resolve) => {
    // They stay: npm and tsx may pass the same signal on once more.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve());
  });
}

// A reader like head may have seen enough.
process.stdout.on('error', () => process.exit(1));
main().catch((error: unknown) => {
  const { message } = error as Error;
  console.error(error instanceof TrackingSchemaError ? `${error.code}: ${message}` : message);
  process.exitCode = 1;
});
