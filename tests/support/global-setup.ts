import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { withClient } from '../../scripts/with-client.ts';
import { copyStrategy, startServer } from './server.ts';
import { tallyTable } from './tally.ts';

declare module 'vitest' {
  interface ProvidedContext {
    serverUrl: string;
    serverLog: string | undefined;
    tallyFile: string;
    /** Of this run alone, and gone with it. */
    runFolder: string;
    /** The database that has all migrations, once a test file has asked for it. */
    template: string;
    copyStrategy: string;
  }
}

/** One server a run; each test file makes databases of its own on it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer();
  process.stderr.write(`Tests run on ${server.description}.\n`);
  const folder = mkdtempSync(join(tmpdir(), 'tracking-schema-run-'));
  const tallyFile = join(folder, 'tally.jsonl');
  writeFileSync(tallyFile, '');
  project.provide('serverUrl', server.url);
  project.provide('serverLog', server.logFile);
  project.provide('tallyFile', tallyFile);
  project.provide('runFolder', folder);
  const template = `template_${randomBytes(6).toString('hex')}`;
  project.provide('template', template);
  project.provide('copyStrategy', copyStrategy(await majorOf(server.url)));
  return async () => {
    await drop(server.url, template, `${template}_new`);
    await server.stop();
    process.stderr.write(tallyTable(readFileSync(tallyFile, 'utf8')));
    rmSync(folder, { recursive: true, force: true });
  };
}

async function majorOf(serverUrl: string): Promise<number> {
  return withClient(serverUrl, async (client) => {
    const { rows } = await client.query('SHOW server_version_num');
    return Math.floor(Number(rows[0].server_version_num) / 10_000);
  });
}

async function drop(serverUrl: string, ...databases: readonly string[]): Promise<void> {
  await withClient(serverUrl, async (client) => {
    for (const name of databases) await client.query(`DROP DATABASE IF EXISTS ${name}`);
  });
}
