import { rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { CONTRACT_TABLES, migrations } from '../../src/schema/migrations.ts';
import { makeCheckout, npmStart, npmStartKeep, openFolder } from '../support/checkout.ts';
import { createDatabase } from '../support/database.ts';

const CHECKOUT = join(openFolder(), 'checkout');

beforeAll(() => {
  makeCheckout(CHECKOUT);
});

/** What the story has to tell, in order. */
const TOLD = [
  'A visitor arrives from a Google ad',
  'gclid: EAIaIQobChMI-story-gclid-0001',
  'events_recorded: 1',
  'The application has a lead',
  'conversion_type: qualified',
  'The CRM reports the same again, and nothing is recorded:\n  is_new: false',
  'gclid: EAIaIQobChMI-story-gclid-0001, conversion_value: 250.00, retry_count: 0',
  'Another worker finds that nothing is due:\n  (no row)',
  'status: failed, retry_count: 1',
  'status: uploaded',
  'status: uploaded, entries: ',
  'refused (42501): permission denied for table visitors',
  'refused (42501): permission denied for function claim_conversions',
  'no sample row stays',
];

async function start(databaseUrl?: string): Promise<string> {
  const flags = databaseUrl === undefined ? [] : ['--database-url', databaseUrl];
  const { code, stdout, stderr } = await npmStart(CHECKOUT, { flags });
  expect([code, stderr]).toEqual([0, '']);
  let from = 0;
  for (const words of TOLD) {
    const at = stdout.indexOf(words, from);
    expect([words, at >= 0]).toEqual([words, true]);
    from = at;
  }
  return stdout;
}

describe('npm start', () => {
  test('uses an embedded server whose data stays from one start to the next', async () => {
    const first = await start();
    for (const { name } of migrations) expect(first).toMatch(new RegExp(`${name} +[\\d.]+ ms`));
    expect(await start()).toContain(`Nothing pending: ${migrations.length} migrations were there`);
  }, 120_000);

  test('uses the database of --database-url, leaves no sample row and prints no password', async () => {
    const db = await createDatabase();
    const told = await start(db.url);
    expect(told).not.toContain(new URL(db.url).password);
    const counts = ['leads', ...CONTRACT_TABLES].map((table) => `SELECT FROM ${table}`);
    expect(await db.query(counts.join(' UNION ALL '))).toEqual([]);
    expect(await db.query("SELECT FROM pg_roles WHERE rolname = 'anon'")).toEqual([]);
  }, 120_000);

  test('accepts a leads table of the application that requires more than an id', async () => {
    const db = await createDatabase();
    await db.query(`
      CREATE TABLE leads (id uuid PRIMARY KEY, email text NOT NULL);
      INSERT INTO leads VALUES (gen_random_uuid(), 'someone@example.com')`);
    await start(db.url);
    expect(await db.query('SELECT email FROM leads')).toEqual([{ email: 'someone@example.com' }]);
  }, 120_000);

  test('keeps the server and the rows until Ctrl-C with --keep, next to which another run works', async () => {
    const kept = await npmStartKeep(CHECKOUT);
    expect(kept.stdout).toMatch(/^conversion_queue:\n.*\n.* uploaded +1$/m);
    expect(await start()).toContain('another run uses');
    const client = new pg.Client(kept.url);
    await client.connect();
    const { rows } = await client.query('SELECT gclid FROM visitors');
    await client.end();
    expect(rows).toEqual([{ gclid: 'EAIaIQobChMI-story-gclid-0001' }]);
    await kept.end('SIGINT');
    await expect(new pg.Client(kept.url).connect()).rejects.toThrow('ECONNREFUSED');
  });

  test('ends the server of a run that was killed, and goes on with its data', async () => {
    const kept = await npmStartKeep(CHECKOUT);
    await kept.end('SIGKILL');
    expect(await start()).toContain(`Data: ${join(CHECKOUT, '.data', 'story')}`);
    await expect(new pg.Client(kept.url).connect()).rejects.toThrow('ECONNREFUSED');
  });

  test('works twice at once, with nothing there yet', async () => {
    rmSync(join(CHECKOUT, '.data'), { recursive: true });
    await Promise.all([start(), start()]);
  });
});
