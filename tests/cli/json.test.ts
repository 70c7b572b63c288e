import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { migrations } from '../../src/schema/migrations.ts';
import { createDatabase } from '../support/database.ts';
import { inProcess } from './cli.ts';

const GUIDE = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

/** The keys that the guide names for a command, and those of list members by the list's key. */
function documented(command: string): { keys: string[]; members: Record<string, string[]> } {
  const row = GUIDE.split('\n').find((line) => line.startsWith(`| ${command} |`)) ?? '';
  const members: Record<string, string[]> = {};
  const words = (text: string) => [...text.matchAll(/`(\w+)`/g)].map(([, word]) => word ?? '');
  const outer = row.replace(/`(\w+)` \(a list of ([^)]*)\)/g, (_, list: string, of: string) => {
    members[list] = words(of);
    return `\`${list}\``;
  });
  return { keys: words(outer), members };
}

/** Returns the document on stdout, and expects an empty stderr. */
async function documentOf(...args: string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await inProcess(...args, '--json');
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

function expectKeys(document: Record<string, unknown>, command: string): void {
  const { keys, members } = documented(command);
  expect(keys.length).toBeGreaterThan(1);
  expect(Object.keys(document).sort()).toEqual([...keys].sort());
  for (const [list, ofMembers] of Object.entries(members)) {
    const found = document[list];
    if (!Array.isArray(found)) throw new Error(`${list} is not a list`);
    for (const member of found) {
      expect(Object.keys(member).sort()).toEqual([...ofMembers].sort());
    }
  }
}

test('every command prints one document, with the keys that the guide names', async () => {
  const db = await createDatabase();
  const url = ['--database-url', db.url];
  const planned = await documentOf('plan', ...url);
  expectKeys(planned, 'plan');
  expect(planned.statements).not.toEqual([]);

  const up = await documentOf('up', ...url);
  expectKeys(up, 'up, down');
  expect(up.ran).toHaveLength(migrations.length);
  expect(JSON.stringify(up)).toMatch(/"durationMs":\d+(\.\d)?[,}]/);
  expect(JSON.stringify(up)).not.toMatch(/"durationMs":\d+\.\d\d/);

  const down = await documentOf('down', ...url, '--count', '1');
  expectKeys(down, 'up, down');
  expect(down).toMatchObject({ direction: 'down', ran: [{ name: migrations.at(-1)?.name }] });

  const status = await documentOf('status', ...url);
  expectKeys(status, 'status');
  expect(status).toMatchObject({ verdict: 'pending' });
  const { migrations: all } = status;
  if (!Array.isArray(all)) throw new Error('no list');
  expect(new Date(all[0].ranAt).toISOString()).toBe(all[0].ranAt);
  expect(all.at(-1).ranAt).toBeNull();

  await db.query('ALTER TABLE visitors DISABLE ROW LEVEL SECURITY');
  const verify = await documentOf('verify', ...url);
  expectKeys(verify, 'verify');
  expect(verify).toMatchObject({ ok: false });
  expect(verify.findings).not.toEqual([]);

  const fixed = await documentOf('fix-access', ...url);
  expectKeys(fixed, 'fix-access');
  if (!Array.isArray(verify.findings)) throw new Error('no list');
  expect(fixed).toMatchObject({ fixed: [verify.findings[0]], verified: { ok: true } });

  await db.query(`
    INSERT INTO leads DEFAULT VALUES;
    SELECT record_conversion((SELECT id FROM leads), 'closed', 'D-1');
    UPDATE conversion_queue SET created_at = now() - interval '1 hour'`);
  const health = await documentOf('health', ...url, '--max-overdue-minutes', '5');
  expectKeys(health, 'health');
  expect(health).toMatchObject({ ok: false, exceeded: [{ platform: 'google_ads', value: 60 }] });
});

test('sql prints the files, or with --out their paths', async () => {
  const { stdout } = await inProcess('sql', '--format', 'numbered', '--json');
  const files = JSON.parse(stdout);
  expect(files).toHaveLength(migrations.length);
  for (const file of files) expect(Object.keys(file)).toEqual(['fileName', 'sql']);

  const folder = mkdtempSync(join(tmpdir(), 'tracking-schema-json-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const result = await documentOf('sql', '--out', folder);
  expectKeys(result, 'sql --out');
  const check = await documentOf('sql', '--out', folder, '--check');
  expectKeys(check, 'sql --out --check');
});

test('an error is a document with the fields of its class and without its cause', async () => {
  const db = await createDatabase();
  const preflight = await documentOf('up', '--database-url', db.url, '--schema', 'nowhere');
  expect(preflight).toEqual({
    error: {
      code: 'PREFLIGHT_FAILED',
      message: expect.stringContaining('Nothing was changed. Run: CREATE SCHEMA'),
      hint: expect.stringContaining('Run: CREATE SCHEMA'),
      retryable: false,
      failures: [
        {
          code: 'SCHEMA_NOT_FOUND',
          message: expect.any(String),
          fix: expect.stringContaining('createSchema: true'),
        },
      ],
    },
  });
  expect(await documentOf('down', '--database-url', db.url)).toEqual({
    error: expect.objectContaining({ code: 'INVALID_OPTION', option: 'count' }),
  });
  const wrongPassword = await documentOf('status', '--database-url', db.urlFor('nobody-here', 'x'));
  expect(wrongPassword).toEqual({
    error: expect.objectContaining({
      code: 'AUTHENTICATION_FAILED',
      sqlState: expect.stringMatching(/^28/),
    }),
  });
});

test.each([[['up', '--jsno', '--json']], [['nothing', '--json']], [['sql', '--force', '--json']]])(
  'a usage error is a document: %j',
  async (args) => {
    const { code, stdout, stderr } = await inProcess(...args);
    expect([code, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'USAGE',
        message: expect.any(String),
        hint: expect.any(String),
        retryable: false,
      },
    });
  },
);
