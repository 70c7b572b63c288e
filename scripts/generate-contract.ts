import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Clock } from '../src/clock.ts';
import { withConnection } from '../src/connection.ts';
import { runMigrations } from '../src/index.ts';
import { CONTRACT_MIGRATIONS, CONTRACT_TABLES } from '../src/migrations.ts';
import { resolveOptions } from '../src/settings.ts';
import { readCatalogue } from '../src/verify/catalogue.ts';
import { startEmbeddedServer } from './embedded-server.ts';

// Writes src/verify/contract.ts: the catalogue of the contract's tables, from a real server.
// Usage: npm run generate

const TARGET = fileURLToPath(new URL('../src/verify/contract.ts', import.meta.url));
const dataFolder = mkdtempSync(join(tmpdir(), 'tracking-schema-generate-'));
const server = await startEmbeddedServer({ dataFolder, keepData: false });
try {
  const options = { databaseUrl: server.url, count: CONTRACT_MIGRATIONS };
  await runMigrations(options);
  const settings = resolveOptions(options);
  const catalogue = await withConnection(settings, new Clock(settings), (connection) =>
    readCatalogue(connection, 'public', CONTRACT_TABLES),
  );
  writeFileSync(
    TARGET,
    `import type { Catalogue } from './catalogue.ts';

/** The contract's four tables as a server describes them. Generated: npm run generate. */
export const CONTRACT: Catalogue = ${JSON.stringify(catalogue, null, 2)};
`,
  );
  execFileSync('npx', ['biome', 'check', '--write', TARGET], { stdio: 'inherit' });
} finally {
  await server.stop();
  rmSync(dataFolder, { recursive: true, force: true });
}
