import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTRACT_TABLES, migrations } from '../../src/schema/migrations.ts';
import { createDatabase } from '../support/database.ts';
import { run } from '../support/process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A checkout of its own, with data of its own, where the user postgres may enter. */
const CHECKOUT = join(ROOT, 'node_modules', '.cache', `story-${process.pid}`);
const PARTS = ['package.json', 'tsconfig.json', 'src', 'migrations', 'examples', 'scripts'];

beforeAll(() => {
  mkdirSync(CHECKOUT, { recursive: true });
  for (const part of PARTS) cpSync(join(ROOT, part), join(CHECKOUT, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(CHECKOUT, 'node_modules'), 'junction');
});
afterAll(() => rmSync(CHECKOUT, { recursive: true, force: true }));

/** What the story has to tell, in order. */
const TOLD = [
  'A visitor arrives from a Google ad',
  '"gclid":"EAIaIQobChMI-story-gclid-0001"',
  '"events_recorded":1',
  'The application has a lead',
  '"conversion_type":"qualified"',
  'The CRM reports the same again, and nothing is recorded:\n  {"is_new":false',
  '"gclid":"EAIaIQobChMI-story-gclid-0001","conversion_value":"250.00","retry_count":0',
  'Another worker finds that nothing is due:\n  (no row)',
  '"status":"failed","retry_count":1',
  '"status":"uploaded"',
  '{"status":"uploaded","entries":"1","overdue":"0"}',
  'refused (42501): permission denied for table visitors',
  'refused (42501): permission denied for function claim_conversions',
  'no sample row stays',
];

async function start(databaseUrl?: string): Promise<string> {
  const { code, stdout, stderr } = await run('npm', ['start', '--silent'], {
    cwd: CHECKOUT,
    env: { DATABASE_URL: databaseUrl ?? '' },
  });
  expect([code, stderr.replace(/^npm warn .*\n/gm, '')]).toEqual([0, '']);
  let from = 0;
  for (const words of TOLD) {
    const at = stdout.indexOf(words, from);
    expect([words, at >= 0]).toEqual([words, true]);
    from = at;
  }
  return stdout;
}

describe('npm start', () => {
  test('without settings uses an embedded server, whose data stay from one start to the next', async () => {
    const first = await start();
    for (const { name } of migrations) expect(first).toMatch(new RegExp(`${name} +[\\d.]+ ms`));
    expect(await start()).toContain(`Nothing pending: ${migrations.length} migrations were there`);
  }, 120_000);

  test('with DATABASE_URL uses that database, and leaves no sample row and no password', async () => {
    const db = await createDatabase();
    const told = await start(db.url);
    expect(told).not.toContain(new URL(db.url).password);
    const counts = ['leads', ...CONTRACT_TABLES].map((table) => `SELECT FROM ${table}`);
    expect(await db.query(counts.join(' UNION ALL '))).toEqual([]);
    expect(await db.query("SELECT FROM pg_roles WHERE rolname = 'anon'")).toEqual([]);
  }, 120_000);

  test("goes well with a leads table of the application's own that needs more than an id", async () => {
    const db = await createDatabase();
    await db.query(`
      CREATE TABLE leads (id uuid PRIMARY KEY, email text NOT NULL);
      INSERT INTO leads VALUES (gen_random_uuid(), 'someone@example.com')`);
    await start(db.url);
    expect(await db.query('SELECT email FROM leads')).toEqual([{ email: 'someone@example.com' }]);
  }, 120_000);
});
