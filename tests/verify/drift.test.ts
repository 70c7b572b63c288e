import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FINDINGS, runMigrations, verifySchema } from '../../src/index.ts';
import { withClient } from '../support/database.ts';
import {
  type Migrator,
  type SupabaseProject,
  type SupabaseServer,
  startSupabase,
} from '../support/supabase.ts';
import { OF_ACCESS } from './drifts/access.ts';
import type { Drift } from './drifts/drift.ts';
import { OF_STRUCTURE } from './drifts/structure.ts';
import { AS_SUPERUSER } from './drifts/superuser.ts';

const DRIFTS: Readonly<Record<string, Drift>> = { ...OF_STRUCTURE, ...OF_ACCESS };

let supabase: SupabaseServer;
let healthy: SupabaseProject;
/** A copy that the fixes have made as it was: one in which nothing new was created. */
let current: SupabaseProject | undefined;

beforeAll(async () => {
  supabase = await startSupabase();
  healthy = await supabase.createProject('legacy');
  await runMigrations({ databaseUrl: healthy.url });
});
afterAll(() => supabase.stop());

const inShort = (findings: readonly { code: string; object: string }[]) =>
  findings.map(({ code, object }) => `${code} ${object}`);

const drifts = (all: typeof DRIFTS, as: Migrator) =>
  Object.entries(all).map(([name, drift]) => ({ name, ...drift, as }));

describe('verifySchema() finds, and its fixes fix', () => {
  test.each([...drifts(DRIFTS, 'supabase_postgres'), ...drifts(AS_SUPERUSER, 'supabase_admin')])(
    '$name',
    async ({ sql, finds, byHand, as }) => {
      const project = current ?? (await supabase.copy(healthy));
      current = undefined;
      const url = project.urlFor(as);
      await withClient(url, (client) => client.query(sql));
      const { ok, findings } = await verifySchema({ databaseUrl: project.url });
      expect(inShort(findings)).toEqual(finds);
      expect(ok).toBe(findings.every(({ level }) => level === 'info'));

      const fixes = byHand ? [byHand] : findings.flatMap(({ fix }) => fix ?? []);
      for (const fix of fixes) await withClient(url, (client) => client.query(fix));
      const again = await verifySchema({ databaseUrl: project.url });
      // What has no fix is the application's own, and stays; so does a conflicting column.
      const stay = finds.flatMap((text, position) => {
        if (text.startsWith('COLUMN_CONFLICT')) return [text.replace('CONFLICT', 'ADDED')];
        return findings[position]?.fix === undefined ? [text] : [];
      });
      expect(inShort(again.findings)).toEqual(stay);
      expect(again.ok).toBe(true);
      if (stay.length === 0 && !sql.includes('CREATE')) current = project;
    },
  );
});

test('every kind of finding has a drift above that makes it', () => {
  const made = Object.values({ ...DRIFTS, ...AS_SUPERUSER }).flatMap(({ finds }) =>
    finds.map((text) => text.split(' ')[0] ?? ''),
  );
  expect([...new Set([...made, 'NOT_INSTALLED'])].sort()).toEqual(Object.keys(FINDINGS).sort());
});
