import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { install, type Project } from '../package/installed.ts';
import { withClient } from '../support/database.ts';
import { type PostgRest, startPostgRest } from '../support/postgrest.ts';
import { type SupabaseProject, type SupabaseServer, startSupabase } from '../support/supabase.ts';
import { linkSupabase, needTool, runTool } from '../support/tools.ts';
import { AROUND, AROUND_TYPES, forNode } from './edge-function.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { blockOf, textOf } from './guide.ts';

const installed = [needTool('supabase-js'), needTool('postgrest'), needTool('supabase')].every(
  Boolean,
);

let server: SupabaseServer;
let project: SupabaseProject;
let api: PostgRest;
let gateway: Gateway;
let application: Project;
let leadId: string;

beforeAll(async () => {
  if (!installed) return;
  [server, application] = await Promise.all([
    startSupabase(),
    install('pg', 'typescript', '@types/node'),
  ]);
  linkSupabase(application.folder);
  project = await server.createProject('2026');
  // An application with a leads table of its own, as most have one; GraphQL's schema is every project's.
  await withClient(project.url, (client) =>
    client.query(`
      CREATE SCHEMA graphql_public;
      CREATE TABLE leads (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text NOT NULL);
      ALTER TABLE leads ENABLE ROW LEVEL SECURITY;
      GRANT SELECT, INSERT ON leads TO service_role;
      INSERT INTO leads (email) VALUES ('jane@example.com')`),
  );
  const [lead] = await project.query<{ id: string }>('SELECT id FROM leads');
  leadId = lead?.id ?? '';
  await application.run('node', ['node_modules/.bin/conversion-tracking-schema', 'up'], {
    DATABASE_URL: project.url,
  });
  const [, schemas = '[]'] =
    /schemas = (\[.*\])/.exec(blockOf('supabase.md', 'A schema of its own', 'toml')) ?? [];
  // The guide's own call, which makes the schema that its settings expose.
  const [, call] = /`(runMigrations\(\{.*\}\))`/.exec(textOf('supabase.md')) ?? [];
  application.write(
    'own.mjs',
    `import { runMigrations } from 'conversion-tracking-schema';\nawait ${call};`,
  );
  await application.run('node', ['own.mjs'], { DATABASE_URL: project.url });
  const generated = await runTool(
    'supabase',
    ['--agent=no', 'gen', 'types', `--remote=${project.url}?sslmode=disable`, '--schema', 'public'],
    application.folder,
  );
  application.write('database.types.ts', generated.stdout);
  api = await startPostgRest({
    databaseUrl: project.urlFor('authenticator'),
    schemas: JSON.parse(schemas),
  });
  gateway = await startGateway(api);
  application.write('around.d.ts', AROUND_TYPES);
  application.write('around.mjs', AROUND);
}, 180_000);
afterAll(async () => {
  await gateway?.stop();
  await api?.stop();
  await server?.stop();
});

const STRICT = {
  target: 'es2023',
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  // The declarations of supabase-js do not pass themselves under the option before.
  skipLibCheck: true,
  noEmitOnError: true,
  outDir: 'out',
};

/** Type-checks a module strictly, and gives what the compiler says of it. */
async function compile(name: string, source: string, resolution: object): Promise<string> {
  application.write(`${name}.mts`, source);
  const compilerOptions = { ...STRICT, ...resolution };
  application.write(
    `tsconfig.${name}.json`,
    JSON.stringify({ compilerOptions, files: [`${name}.mts`, 'around.d.ts'] }),
  );
  const args = ['--no-install', 'tsc', '-p', `tsconfig.${name}.json`];
  return (await application.run('npx', args)).stdout;
}

/** The same, and runs it; gives what it prints. */
async function compileAndRun(
  name: string,
  source: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  expect(await compile(name, source, { module: 'nodenext' })).toBe('');
  const key = api.token('service_role');
  const args = ['--import', './around.mjs', `out/${name}.mjs`];
  const { code, stdout, stderr } = await application.run('node', args, {
    SUPABASE_URL: gateway.url,
    SUPABASE_SECRET_KEY: key,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: key }),
    ...env,
  });
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

/** What is declared before a snippet that goes on from another. */
const BEFORE = `
import { createClient } from '@supabase/supabase-js';
import type { Database, WithTracking } from 'conversion-tracking-schema/supabase';
import type { Database as Own } from './database.types.js';
const { SUPABASE_URL: url = '', SUPABASE_SECRET_KEY: secretKey = '' } = process.env;
`;

describe('the guides for supabase-js', () => {
  test('have an Edge Function that records what the CRM reports, once, and asks who calls', async () => {
    const source = forNode(blockOf('supabase.md', 'Calling the functions', 'ts'));
    const headers = { 'x-webhook-secret': 'a secret of the tests' };
    const body = { leadId, id: 'D-1', amount: 250 };
    const answers = await compileAndRun('edge', source, {
      CRM_WEBHOOK_SECRET: headers['x-webhook-secret'],
      REQUESTS: JSON.stringify([
        { headers: {}, body },
        { headers, body },
        { headers, body },
        { headers, body: { ...body, id: '' } },
      ]),
    });
    expect(JSON.parse(answers)).toEqual([
      [401, ''],
      [200, '{"is_new":true}'],
      [200, '{"is_new":false}'],
      [500, expect.stringContaining('"code":"22023"')],
    ]);
  });

  test("have a query over the application's own tables and these, with the Database that the application has generated", async () => {
    await project.query(
      `WITH c AS (INSERT INTO conversions (lead_id, conversion_type, idempotency_key, crm_deal_id)
         VALUES ($1, 'closed', 'D-2:closed', 'D-2') RETURNING id)
       INSERT INTO conversion_queue (conversion_id, status, last_error) SELECT id, 'dead_letter', 'down' FROM c`,
      [leadId],
    );
    const source = blockOf('orms.md', 'supabase-js', 'ts');
    expect(await compileAndRun('orms', source)).toBe('D-2 jane@example.com down\n');
    const bundler = { module: 'esnext', moduleResolution: 'bundler' };
    expect(await compile('bundled', source, bundler)).toBe('');
    const wrong = source.replace('leads(email)', 'leads(phone)');
    expect(await compile('wrong', wrong, bundler)).toContain("'email'");
  });

  test('have a schema of its own, exposed as the guide says', async () => {
    const snippet = blockOf('supabase.md', 'A schema of its own', 'ts');
    const source = `${BEFORE}${snippet}
      await tracking.rpc('upsert_visitor', { visitor_id: 'cookie' }).throwOnError();
      const { data } = await tracking.from('visitors').select('visitor_id').throwOnError();
      console.log(JSON.stringify({ health, data }));`;
    const said = JSON.parse(await compileAndRun('own-schema', source));
    expect(said).toEqual({ health: [], data: [{ visitor_id: 'cookie' }] });
    expect(await project.query('SELECT visitor_id FROM tracking.visitors')).toEqual(said.data);
  });

  test("name types that are exact where the generator's are not", async () => {
    const source = `${BEFORE}
      const supabase = createClient<WithTracking<Own>>(url, secretKey);
      const { data: claimed } = await supabase.rpc('claim_conversions').throwOnError();
      const gclid: string | null | undefined = claimed[0]?.gclid;
      const args = { lead_id: ${JSON.stringify(leadId)}, crm_deal_id: 'D-3' };
      const { data } = await supabase
        .rpc('record_conversion', { ...args, conversion_type: 'qualified' })
        .throwOnError();
      const isNew: boolean = data.is_new;
      // @ts-expect-error There is no such type.
      const { error } = await supabase.rpc('record_conversion', { ...args, conversion_type: 'won' });
      const lead: { id: string; email: string } = (await supabase.from('leads').select().single().throwOnError()).data;
      console.log(JSON.stringify({ gclid, isNew, code: error?.code, email: lead.email }));`;
    expect(JSON.parse(await compileAndRun('exact', source))).toEqual({
      gclid: null,
      isNew: true,
      code: '22023',
      email: 'jane@example.com',
    });
  });

  test('import types alone, which cost nothing when the program runs', () => {
    const folder = join(
      application.folder,
      'node_modules',
      'conversion-tracking-schema',
      'dist',
      'src',
    );
    expect(readFileSync(join(folder, 'supabase.js'), 'utf8')).toMatch(/^(export {};)?\s*$/);
  });
});
