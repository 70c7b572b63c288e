import pg, { type QueryConfig } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { FINDINGS, runMigrations, type VerifySchemaResult } from '../../src/index.ts';
import { onThisMajor } from '../support/cases.ts';
import { type Migrator, type SupabaseServer, startSupabase } from '../support/supabase.ts';
import { OF_ACCESS } from './drifts/access.ts';
import type { Drift } from './drifts/drift.ts';
import { OF_STRUCTURE } from './drifts/structure.ts';
import { AS_SUPERUSER } from './drifts/superuser.ts';
import { verifyOnClient } from './verify-on-client.ts';

const DRIFTS: Readonly<Record<string, Drift>> = { ...OF_STRUCTURE, ...OF_ACCESS };

let supabase: SupabaseServer;
let clients: Readonly<Record<Migrator, pg.Client>>;

beforeAll(async () => {
  supabase = await startSupabase();
  const project = await supabase.createProject('legacy');
  await runMigrations({ databaseUrl: project.url });
  clients = {
    supabase_postgres: new pg.Client(project.urlFor('supabase_postgres')),
    supabase_admin: new pg.Client(project.urlFor('supabase_admin')),
  };
  for (const client of Object.values(clients)) await client.connect();
});
afterAll(async () => {
  for (const client of Object.values(clients)) await client.end();
  await supabase.stop();
});

/** Verifies as the project's own role, which is no superuser. */
async function verify(client: pg.Client): Promise<VerifySchemaResult> {
  await client.query('SET LOCAL ROLE supabase_postgres');
  const result = await verifyOnClient(client);
  await client.query('RESET ROLE');
  return result;
}

const inShort = (findings: readonly { code: string; object: string }[]) =>
  findings.map(({ code, object }) => `${code} ${object}`);

const drifts = (all: typeof DRIFTS, as: Migrator) =>
  Object.entries(all).map(([name, drift]) => ({ name, ...drift, as }));

const ALL_DRIFTS = [
  ...drifts(DRIFTS, 'supabase_postgres'),
  ...drifts(AS_SUPERUSER, 'supabase_admin'),
];

describe('verifySchema() finds, and its fixes fix', () => {
  test.each(onThisMajor(ALL_DRIFTS))('$name', async ({ sql, finds, byHand, as }) => {
    const client = clients[as];
    onTestFinished(async () => {
      await client.query('ROLLBACK');
    });
    await client.query('BEGIN');
    await client.query(sql);
    const { ok, findings } = await verify(client);
    expect(inShort(findings)).toEqual(finds);
    expect(ok).toBe(findings.every(({ level }) => level === 'info'));

    const fixes = byHand ? [byHand] : findings.flatMap(({ fix }) => fix ?? []);
    for (const text of fixes) {
      // What takes something away first is one statement: the extended protocol takes no more.
      const isOne = byHand === undefined && /^(DELETE|DROP|ALTER .* DROP) /.test(text);
      await client.query((isOne ? { text, queryMode: 'extended' } : { text }) as QueryConfig);
    }
    const again = await verify(client);
    // What has no fix is the application's own, and stays; so does a conflicting column.
    const stay = finds.flatMap((text, position) => {
      if (text.startsWith('COLUMN_CONFLICT')) return [text.replace('CONFLICT', 'ADDED')];
      return findings[position]?.fix === undefined ? [text] : [];
    });
    expect(inShort(again.findings)).toEqual(stay);
    expect(again.ok).toBe(true);
  });
});

test('every kind of finding has a drift above that makes it', () => {
  const made = Object.values({ ...DRIFTS, ...AS_SUPERUSER }).flatMap(({ finds }) =>
    finds.map((text) => text.split(' ')[0] ?? ''),
  );
  expect([...new Set([...made, 'NOT_INSTALLED'])].sort()).toEqual(Object.keys(FINDINGS).sort());
});
