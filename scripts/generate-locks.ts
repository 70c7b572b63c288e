import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startEmbeddedServer } from './embedded-server.ts';
import { measureLocks } from './measure-locks.ts';

// Writes src/plan/migration-locks.ts: the locks that migrations take, from a real server.
// Usage: npm run generate

const TARGET = fileURLToPath(new URL('../src/plan/migration-locks.ts', import.meta.url));
const server = await startEmbeddedServer();
try {
  const locks = await measureLocks(server.url);
  writeFileSync(
    TARGET,
    `// Generated: npm run generate.

/** By migration and direction: tables, and the locks on them as LOCK TABLE names them. */
export type MigrationLocks = Readonly<
  Record<string, Readonly<Record<'up' | 'down', Readonly<Record<string, string>>>>>
>;

/**
 * The strongest lock that a migration holds in the end on each table that was there before it, as
 * measured on a server, with a leads table of the application's and with the placeholder. Locks that a plain
 * write would take are left out.
 */
export const MIGRATION_LOCKS: MigrationLocks = ${JSON.stringify(locks, null, 2)};
`,
  );
  execFileSync('npx', ['biome', 'check', '--write', TARGET], { stdio: 'inherit' });
} finally {
  await server.stop();
}
