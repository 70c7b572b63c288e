import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { tablesOf } from '../support/catalogue.ts';
import { withClient } from '../support/database.ts';
import {
  type SupabaseProject,
  type SupabaseServer,
  startSupabase,
  type World,
} from '../support/supabase.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { needTool, runTool } from '../support/tools.ts';

const installed = needTool('supabase');
let server: SupabaseServer;

beforeAll(async () => {
  if (installed) server = await startSupabase();
});
afterAll(() => server?.stop());

interface Advice {
  readonly name: string;
  readonly level: 'INFO' | 'WARN' | 'ERROR';
  readonly metadata: { readonly schema?: string; readonly name?: string };
}

/** What Supabase's advisors say, as lines, and whether they warn. */
async function advise(project: SupabaseProject) {
  const address = `--remote=${project.url}?sslmode=disable`;
  const how = ['--type', 'all', '--level', 'info', '--fail-on', 'warn'];
  const { code, stdout } = await runTool(
    'supabase',
    ['--agent=no', '--output-format=json', 'db', 'advisors', address, ...how],
    temporaryFolder(),
  );
  const { results } = JSON.parse(stdout) as { results: Advice[] };
  const lines = results.map(
    ({ level, name, metadata }) => `${level} ${name} ${metadata.schema}.${metadata.name}`,
  );
  return { failed: code !== 0, lines: lines.sort() };
}

/** Nothing has been asked of these databases yet: every index counts as one without use. */
const onUse = (line: string) => line.startsWith('INFO unused_index ');

describe.each<World>(['legacy', '2026'])("Supabase's advisors, Supabase of %s", (world) => {
  let project: SupabaseProject;
  beforeAll(async () => {
    if (!installed) return;
    project = await server.createProject(world);
    await runMigrations({ databaseUrl: project.url });
    await runMigrations({ databaseUrl: project.url, schema: 'tracking', createSchema: true });
  });

  test('find that each table is closed to all, which is meant, and nothing to warn of', async () => {
    const { failed, lines } = await advise(project);
    const schemas = ['public', 'tracking'];
    const tables = await Promise.all(
      schemas.map(async (schema) =>
        (await tablesOf(project, schema)).map((table) => `${schema}.${table}`),
      ),
    );
    const closed = tables.flat().map((table) => `INFO rls_enabled_no_policy ${table}`);
    expect(closed).toHaveLength(14);
    expect(lines.filter((line) => !onUse(line))).toEqual(closed.sort());
    expect(failed).toBe(false);
  });

  test('warn of what opens or burdens a table', async () => {
    const holed = await server.copy(project);
    await withClient(holed.url, (client) =>
      client.query(`
        ALTER TABLE visitors DISABLE ROW LEVEL SECURITY; GRANT SELECT ON visitors TO anon;
        ALTER TABLE tracking_migrations DISABLE ROW LEVEL SECURITY;
        GRANT SELECT ON tracking_migrations TO anon;
        ALTER FUNCTION tracking_set_updated_at() RESET search_path;
        CREATE POLICY everybody ON conversions USING (true) WITH CHECK (true);
        CREATE INDEX again ON visitors (gclid) WHERE gclid IS NOT NULL;
        DROP INDEX idx_conversions_lead_id`),
    );
    const { failed, lines } = await advise(holed);
    expect(failed).toBe(true);
    expect(lines.filter((line) => !onUse(line) && !line.includes('no_policy'))).toEqual([
      'ERROR rls_disabled_in_public public.tracking_migrations',
      'ERROR rls_disabled_in_public public.visitors',
      'INFO unindexed_foreign_keys public.conversions',
      'WARN duplicate_index public.visitors',
      'WARN function_search_path_mutable public.tracking_set_updated_at',
      'WARN rls_policy_always_true public.conversions',
    ]);
  });
});
