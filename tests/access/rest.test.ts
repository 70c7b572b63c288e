import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { FUNCTIONS } from '../../src/queue/functions.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { onThisMajor } from '../support/cases.ts';
import { withClient } from '../support/database.ts';
import { type PostgRest, startPostgRest } from '../support/postgrest.ts';
import {
  type SupabaseProject,
  type SupabaseServer,
  startSupabase,
  type World,
} from '../support/supabase.ts';
import { needTool } from '../support/tools.ts';
import { HOLES, type Hole, reads } from './deliberate-holes.ts';
import { restFailures, restHoles } from './rest-holes.ts';
import { type Caller, clientFor, listed, TABLE_NAMES } from './rest-requests.ts';

const STRANGERS: readonly Caller[] = ['nobody', 'anon', 'authenticated'];
const SCHEMAS = ['public', 'tracking'];

const installed = needTool('postgrest');
let server: SupabaseServer;

beforeAll(async () => {
  if (installed) server = await startSupabase();
});
afterAll(() => server?.stop());

/** With the schema in public, and again in a schema of its own. */
async function migrated(world: World): Promise<SupabaseProject> {
  const project = await server.createProject(world);
  await runMigrations({ databaseUrl: project.url });
  await runMigrations({ databaseUrl: project.url, schema: 'tracking', createSchema: true });
  return project;
}

/** Served for as long as the test runs. */
async function serve(project: SupabaseProject, schemas = SCHEMAS): Promise<PostgRest> {
  const api = await startPostgRest({ databaseUrl: project.urlFor('authenticator'), schemas });
  onTestFinished(() => api.stop());
  return api;
}

describe.each<World>(onThisMajor(['legacy', '2026']))('over REST, Supabase of %s', (world) => {
  let project: SupabaseProject;
  let api: PostgRest;

  beforeAll(async () => {
    if (!installed) return;
    project = await migrated(world);
    api = await startPostgRest({ databaseUrl: project.urlFor('authenticator'), schemas: SCHEMAS });
  });
  afterAll(() => api?.stop());

  describe.each(SCHEMAS)('in schema %s', (schema) => {
    test.each(STRANGERS)(
      '%s is refused whatever it asks, and no name is listed',
      async (caller) => {
        expect(await restHoles(project, api, caller, schema)).toEqual([]);
      },
    );

    test('service_role may ask all of that about the tables, and is shown them and the functions alone', async () => {
      expect(await restFailures(api, 'service_role', schema)).toEqual([]);
      const paths = [...TABLE_NAMES, ...Object.keys(FUNCTIONS).map((name) => `rpc/${name}`)];
      expect(await listed(api, 'service_role', schema)).toEqual(
        paths.map((path) => `/${path}`).sort(),
      );
    });

    test('service_role cannot call the trigger function', async () => {
      const { status, error } = await clientFor(api, 'service_role', schema).rpc(
        'tracking_set_updated_at',
      );
      expect([status, error?.code]).toEqual([404, 'PGRST202']);
    });

    test('service_role reads the migrations table', async () => {
      const migrationsTable = clientFor(api, 'service_role', schema).from('tracking_migrations');
      const { data } = await migrationsTable.select('name').order('id');
      expect(data).toEqual(migrations.map(({ name }) => ({ name })));
    });

    test('service_role reads back what it has written, across foreign keys', async () => {
      const client = clientFor(api, 'service_role', schema);
      const lead = await client.from('leads').insert({}).select('id').single();
      const visitor = await client
        .from('visitors')
        .insert({ visitor_id: 'v', gclid: 'click' })
        .select('id')
        .single();
      await client
        .from('tracking_events')
        .insert({ visitor_id: visitor.data?.id, event_name: 'page_view', params: { a: 1 } })
        .throwOnError();
      const conversion = await client
        .from('conversions')
        .insert({
          lead_id: lead.data?.id,
          conversion_type: 'qualified',
          conversion_value: 12.5,
          idempotency_key: 'D-2:qualified',
          crm_deal_id: 'D-2',
        })
        .select('id')
        .single();
      await client
        .from('conversion_queue')
        .insert({ conversion_id: conversion.data?.id })
        .throwOnError();

      const queue = await client
        .from('conversion_queue')
        .select('status, conversions(conversion_value, leads(id))');
      const events = await client
        .from('tracking_events')
        .select('params, visitors!inner(gclid)')
        .eq('visitors.gclid', 'click');
      expect([queue.data, events.data]).toEqual([
        [
          {
            status: 'pending',
            conversions: { conversion_value: 12.5, leads: { id: lead.data?.id } },
          },
        ],
        [{ params: { a: 1 }, visitors: { gclid: 'click' } }],
      ]);

      await client.from('leads').delete().eq('id', lead.data?.id).throwOnError();
      const { count } = await client.from('conversion_queue').select('*', { count: 'exact' });
      expect(count).toBe(0);
    });
  });
});

describe('the checks over REST', () => {
  let closed: SupabaseProject;
  beforeAll(async () => {
    if (installed) closed = await migrated('2026');
  });

  test.each(Object.keys(HOLES))('see %s', async (name) => {
    const { sql, caller, schema = 'public', seen } = HOLES[name] as Hole;
    const { project, api } = await changed(closed, sql);
    const holes = await restHoles(project, api, caller, schema);
    expect(holes.sort()).toEqual(seen.toSorted());
  });

  test('find nothing where default privileges had opened a schema of its own', async () => {
    const project = await server.createProject('2026');
    await withClient(project.url, (client) =>
      client.query(`
        CREATE SCHEMA tracking;
        GRANT USAGE ON SCHEMA tracking TO anon, authenticated, service_role;
        ALTER DEFAULT PRIVILEGES IN SCHEMA tracking
          GRANT ALL ON TABLES TO anon, authenticated, service_role;
        ALTER DEFAULT PRIVILEGES IN SCHEMA tracking
          GRANT ALL ON ROUTINES TO anon, authenticated, service_role`),
    );
    await runMigrations({ databaseUrl: project.url, schema: 'tracking' });
    const api = await serve(project);
    for (const caller of STRANGERS)
      expect(await restHoles(project, api, caller, 'tracking')).toEqual([]);
  });

  test("find the application's leads alone where all may read it, and no way on by embedding", async () => {
    const project = await server.createProject('2026');
    await project.query(`
      SET ROLE supabase_postgres;
      CREATE TABLE leads (id uuid PRIMARY KEY, created_at timestamptz);
      GRANT SELECT ON leads TO anon, authenticated`);
    await runMigrations({ databaseUrl: project.url });
    const api = await serve(project, ['public']);
    for (const caller of STRANGERS)
      expect(await restHoles(project, api, caller, 'public')).toEqual([
        ...reads('leads'),
        'list /leads',
      ]);
  });
});

/** A copy that its owner has changed, served. */
async function changed(original: SupabaseProject, sql: string) {
  const project = await server.copy(original);
  await withClient(project.url, (client) => client.query(sql));
  return { project, api: await serve(project) };
}
