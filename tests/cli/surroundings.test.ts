import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../support/database.ts';
import { run } from '../support/process.ts';
import { inChild, inProcess, MAIN } from './cli.ts';

const NOBODY = 'postgres://nobody@127.0.0.1:1/nowhere';

let folder: string;
let db: TestDatabase;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tracking-schema-env-'));
  db = await createMigratedDatabase();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of settings. */
function envFile(text: string): string {
  const path = join(folder, 'settings.env');
  writeFileSync(path, text);
  return path;
}

describe('settings', () => {
  test('come from DATABASE_URL, and a flag overrides it', async () => {
    expect((await inChild(['status'], { DATABASE_URL: db.url })).code).toBe(0);
    const args = ['status', '--database-url', db.url];
    expect((await inChild(args, { DATABASE_URL: NOBODY })).code).toBe(0);
  });

  test('come from a file if the environment does not set them', async () => {
    const path = envFile(`DATABASE_URL="${db.url}"\n`);
    const { DATABASE_URL: _, ...env } = process.env;
    const cli = [...MAIN, 'status', '--env-file', path];
    const bare = ['-u', 'DATABASE_URL', process.execPath, ...cli];
    expect((await run('env', bare, { cwd: folder, env })).code).toBe(0);
    const other = await inChild(['status', '--env-file', path], { DATABASE_URL: NOBODY });
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('CONNECTION_FAILED')]);
  });

  test('name the schema in TRACKING_SCHEMA, and a flag overrides it', async () => {
    const settings = { DATABASE_URL: db.url, TRACKING_SCHEMA: 'nowhere, public' };
    const { code, stderr } = await inChild(['up', '--dry-run'], settings);
    expect([code, stderr]).toEqual([1, expect.stringContaining('CREATE SCHEMA "nowhere"')]);
    const up = await inChild(['up', '--dry-run', '--schema', 'public'], settings);
    expect(up.code).toBe(0);
  });

  test('from a missing file are an error that names it', async () => {
    const args = ['status', '--database-url', db.url, '--env-file', '/nowhere/.env'];
    const { code, stderr } = await inProcess(...args);
    expect(code).toBe(2);
    expect(stderr).toContain('The file of --env-file cannot be read: /nowhere/.env (ENOENT).');
    // Node looks at that flag itself, wherever it stands, and ends before the program begins.
    const byNode = await inChild(args, {});
    expect([byNode.code, byNode.stdout]).toEqual([9, '']);
    expect(byNode.stderr).toContain('/nowhere/.env: not found');
  });

  test('that are missing are an error that names them', async () => {
    const env = { DATABASE_URL: '', PGHOST: '', PGPORT: '', PGUSER: '', PGDATABASE: '' };
    const { code, stderr } = await inChild(['status'], env);
    expect(code).toBe(2);
    expect(stderr).toContain('neither DATABASE_URL nor a PG* variable is set');
    expect(stderr).toContain('flag:  --database-url <url>  ');
    expect(stderr).toContain('DATABASE_URL=postgres://user:password@host:5432/database');
  });
});

describe('a closed pipe', () => {
  test('prints no stack trace', async () => {
    const cli = [process.execPath, ...MAIN, 'sql'].map((word) => `'${word}'`).join(' ');
    // The first reader is gone before anything is written.
    const { stdout, stderr } = await run('sh', ['-c', `${cli} | true; ${cli} | head -n 1`], {
      cwd: folder,
    });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^-- conversion-tracking-schema [\d.]+\n$/);
  });

  test.skipIf(process.platform !== 'linux')('prints an error when the disk is full', async () => {
    const cli = [process.execPath, ...MAIN, 'sql'].map((word) => `'${word}'`).join(' ');
    const { code, stderr } = await run('sh', ['-c', `${cli} > /dev/full`], { cwd: folder });
    expect([code, stderr]).toEqual([2, 'error: The result cannot be written (ENOSPC).\n']);
  });
});
