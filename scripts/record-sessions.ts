import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startEmbeddedServer } from './embedded-server.ts';
import { recordSessions, withSessions } from './sessions.ts';

// Writes the terminal sessions in docs/cli.md, recorded on a real server.
// Usage: npm run generate:sessions

const TARGET = fileURLToPath(new URL('../docs/cli.md', import.meta.url));
const MAIN = [
  '--import',
  import.meta.resolve('tsx'),
  fileURLToPath(new URL('../src/cli/main.ts', import.meta.url)),
];
const server = await startEmbeddedServer();
try {
  const sessions = await recordSessions(server.url, MAIN);
  writeFileSync(TARGET, withSessions(readFileSync(TARGET, 'utf8'), sessions));
} finally {
  await server.stop();
}
