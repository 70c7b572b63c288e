import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  exportSql,
  type RunMigrationsOptions,
  runMigrations,
  verifySchema,
} from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { ALL_CASES, onThisMajor } from '../support/cases.ts';
import { withClient } from '../support/database.ts';
import { HAND_MADE, HAND_MADE_ROWS } from '../support/hand-made.ts';
import {
  type SupabaseProject,
  type SupabaseServer,
  startSupabase,
  type World,
} from '../support/supabase.ts';

let supabase: SupabaseServer;

beforeAll(async () => {
  supabase = await startSupabase();
});
afterAll(() => supabase.stop());

type Options = Pick<RunMigrationsOptions, 'databaseUrl' | 'schema' | 'createSchema'>;

/** Ways in which a schema comes about; each leaves it complete. */
const WAYS: Readonly<
  Record<string, (project: SupabaseProject, options: Options) => Promise<unknown>>
> = {
  'a fresh install': (_, options) => runMigrations(options),
  'an install step by step': async (_, options) => {
    for (const { name } of migrations) {
      await runMigrations({ ...options, target: name });
      const { schema, databaseUrl } = options;
      if (schema !== 'public' && !ALL_CASES) continue;
      const { ok, head } = await verifySchema({ schema, databaseUrl });
      expect([ok, head]).toEqual([true, name]);
    }
  },
  'down and up again': async (_, options) => {
    await runMigrations(options);
    await runMigrations({ ...options, direction: 'down', count: Number.POSITIVE_INFINITY });
    await runMigrations(options);
  },
  'the adoption of tables made by hand': async (project, options) => {
    await inSchema(project, options, `${HAND_MADE} ${HAND_MADE_ROWS}`);
    const { adopted } = await runMigrations(options);
    expect(adopted).not.toEqual([]);
  },
  'the adoption of a schema whose migrations table was lost': async (project, options) => {
    await runMigrations(options);
    await inSchema(project, options, 'DROP TABLE tracking_migrations');
    const { adopted, ran } = await runMigrations(options);
    expect([adopted, ran]).toEqual([migrations.map(({ name }) => name), []]);
  },
  'the exported SQL': async (project, options) => {
    for (const { sql } of await exportSql()) await inSchema(project, options, sql);
    const { ran, adopted } = await runMigrations(options);
    expect([ran, adopted]).toEqual([[], []]);
  },
  'the exported SQL under quote_all_identifiers': async (project, options) => {
    for (const { sql } of await exportSql()) {
      await inSchema(project, options, `SET quote_all_identifiers = on; ${sql}`);
    }
  },
};

async function inSchema(project: SupabaseProject, options: Options, sql: string): Promise<void> {
  const schema = String(options.schema);
  await withClient(project.url, async (client) => {
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema};
      GRANT USAGE ON SCHEMA ${schema} TO service_role; SET search_path = ${schema}`);
    await client.query(sql);
  });
}

const PLACES: readonly { world: World; schema: string }[] = [
  { world: 'legacy', schema: 'public' },
  { world: '2026', schema: 'tracking' },
  ...(ALL_CASES
    ? ([
        { world: 'legacy', schema: 'tracking' },
        { world: '2026', schema: 'public' },
      ] as const)
    : []),
];

const CASES = Object.entries(WAYS).flatMap(([way, make]) =>
  PLACES.map((place) => ({ way, make, ...place })),
);

describe('verifySchema() finds nothing', () => {
  test.each(onThisMajor(CASES))(
    'after $way in $schema, Supabase of $world',
    async ({ make, world, schema }) => {
      const project = await supabase.createProject(world);
      const at = { databaseUrl: project.url, schema };
      await make(project, { ...at, createSchema: true });
      expect(await verifySchema(at)).toEqual({
        ok: true,
        head: migrations.at(-1)?.name,
        findings: [],
      });
    },
  );
});
