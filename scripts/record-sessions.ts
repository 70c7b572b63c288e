import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedServer } from './embedded-server.ts';
import { recordSessions, withSessions } from './sessions.ts';

// Writes the terminal sessions in docs/cli.md, recorded on a real server.
// Usage: npm run generate:sessions

const TARGET = fileURLToPath(new URL('../docs/cli.md', import.meta.url));
const dataFolder = mkdtempSync(join(tmpdir(), 'tracking-schema-record-'));
const server = await startEmbeddedServer({ dataFolder, keepData: false });
try {
  const sessions = await recordSessions(server.url);
  writeFileSync(TARGET, withSessions(readFileSync(TARGET, 'utf8'), sessions));
} finally {
  await server.stop();
  rmSync(dataFolder, { recursive: true, force: true });
}
