import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startEmbeddedServer } from './embedded-server.ts';
import { measureManifest } from './measure-manifest.ts';

// Writes src/schema/manifest.ts: what the schema consists of after each migration, from a real
// server. Usage: npm run generate

const TARGET = fileURLToPath(new URL('../src/schema/manifest.ts', import.meta.url));
const server = await startEmbeddedServer();
try {
  const client = new pg.Client(server.url);
  await client.connect();
  await client.query('CREATE ROLE service_role NOLOGIN BYPASSRLS');
  await client.end();
  const steps = await measureManifest(server.url);
  writeFileSync(
    TARGET,
    `import type { ManifestStep } from './catalogue.ts';

/** What each migration changes in the schema, as a server describes it. Generated: npm run generate. */
export const MANIFEST: readonly ManifestStep[] = ${JSON.stringify(steps, null, 2)};
`,
  );
  execFileSync('npx', ['biome', 'check', '--write', TARGET], { stdio: 'inherit' });
} finally {
  await server.stop();
}
