import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { FUNCTIONS, type FunctionName } from '../../src/queue/functions.ts';
import { type PostgRest, startPostgRest } from '../support/postgrest.ts';
import {
  type SupabaseProject,
  type SupabaseServer,
  startSupabase,
  type World,
} from '../support/supabase.ts';
import { needTool } from '../support/tools.ts';
import { clientFor } from './rest-requests.ts';

const SCHEMAS = ['public', 'tracking'];
const installed = needTool('postgrest');
let server: SupabaseServer;

beforeAll(async () => {
  if (installed) server = await startSupabase();
});
afterAll(() => server?.stop());

describe.each<World>(['legacy', '2026'])('over rpc(), Supabase of %s', (world) => {
  let project: SupabaseProject;
  let api: PostgRest;

  beforeAll(async () => {
    if (!installed) return;
    project = await server.createProject(world);
    await runMigrations({ databaseUrl: project.url });
    await runMigrations({ databaseUrl: project.url, schema: 'tracking', createSchema: true });
    api = await startPostgRest({ databaseUrl: project.urlFor('authenticator'), schemas: SCHEMAS });
  });
  afterAll(() => api?.stop());

  test.each(SCHEMAS)('service_role works the queue in schema %s', async (schema) => {
    const client = clientFor(api, 'service_role', schema);
    const call = async (name: FunctionName, args: object = {}) => {
      const { data, error } = await client.rpc(name, args);
      expect(error, name).toBeNull();
      return data;
    };
    const lead = await client.from('leads').insert({}).select('id').single();
    expect(
      await call('upsert_visitor', {
        visitor_id: 'cookie',
        gclid: 'click',
        utm_source: 'google',
        seen_at: '2026-01-01',
      }),
    ).toMatchObject({ is_new: true, gclid: 'click' });
    const events = [
      {
        visitor_id: 'cookie',
        event_name: 'generate_lead',
        params: { form: 'demo' },
        created_at: '2026-01-01',
      },
    ];
    expect(await call('record_events', { events })).toBe(1);
    const conversion = {
      lead_id: lead.data?.id,
      conversion_type: 'qualified',
      crm_deal_id: 'D-1',
      conversion_value: 250,
      visitor_id: 'cookie',
      platforms: ['google_ads', 'another'],
    };
    const recorded = await call('record_conversion', conversion);
    expect(recorded).toMatchObject({ is_new: true, gclid: 'click', conversion_value: 250 });
    expect(await call('record_conversion', conversion)).toEqual({ ...recorded, is_new: false });

    const [entry] = await call('claim_conversions', {
      platform: 'google_ads',
      limit: 10,
      lease: '1 minute',
    });
    expect(entry).toMatchObject({ conversion_id: recorded.id, gclid: 'click', retry_count: 0 });
    expect(await call('claim_conversions')).toEqual([]);
    const ids = [entry.id];
    const failure = { ids, lease_id: entry.lease_id, error: 'expired', permanent: true };
    expect(await call('fail_conversions', failure)).toMatchObject([
      { status: 'dead_letter', applied: true },
    ]);
    expect(await call('requeue_dead_letters', { platform: 'google_ads' })).toEqual([
      { id: entry.id, conversion_id: recorded.id },
    ]);
    expect(await call('claim_conversions')).toHaveLength(1);
    expect(await call('complete_conversions', { ids, request_id: 'R-1' })).toMatchObject([
      { status: 'uploaded', applied: true },
    ]);
    const health = await call('conversion_queue_health');
    expect(health.map((row: object) => Object.values(row).slice(0, 3).join(' '))).toEqual([
      'another pending 1',
      'another failed 0',
      'another dead_letter 0',
      'another uploaded 0',
      'google_ads pending 0',
      'google_ads failed 0',
      'google_ads dead_letter 0',
      'google_ads uploaded 1',
    ]);
    expect(await call('purge_tracking_data', { older_than: '1 day' })).toEqual([
      { deleted_events: 1, deleted_visitors: 1, deleted_requests: 0, done: true },
    ]);
  });

  test("the guide's snippet for supabase-js uploads what is due", async () => {
    const guide = readFileSync(new URL('../../docs/queue.md', import.meta.url), 'utf8');
    const snippet = /```js\n(const [\s\S]*?supabase\.rpc[\s\S]*?)```/.exec(guide)?.[1] ?? '';
    const run = new Function('supabase', 'upload', `return (async () => { ${snippet} })()`);
    await project.query(
      `WITH lead AS (INSERT INTO leads DEFAULT VALUES RETURNING id)
       INSERT INTO conversions (lead_id, conversion_type, idempotency_key, crm_deal_id)
       SELECT id, 'closed', d || ':closed', d FROM lead, (VALUES ('taken'), ('refused')) v (d)`,
    );
    await project.query(
      `SELECT record_conversion(lead_id, conversion_type, crm_deal_id) FROM conversions
        WHERE crm_deal_id IN ('taken', 'refused')`,
    );
    const upload = async ({ crm_deal_id }: { crm_deal_id: string }) =>
      crm_deal_id === 'refused' ? 'INTERNAL_ERROR' : undefined;
    await run(clientFor(api, 'service_role', 'public'), upload);
    const entries = await project.query(
      `SELECT c.crm_deal_id, q.status, q.error_code FROM conversion_queue q JOIN conversions c ON c.id = q.conversion_id
        WHERE c.crm_deal_id IN ('taken', 'refused') ORDER BY 1`,
    );
    expect(entries).toEqual([
      { crm_deal_id: 'refused', status: 'failed', error_code: 'INTERNAL_ERROR' },
      { crm_deal_id: 'taken', status: 'uploaded', error_code: null },
    ]);
  });

  test('what a function refuses is told with what to do', async () => {
    const client = clientFor(api, 'service_role', 'public');
    const args = { lead_id: '99999999-0000-4000-8000-000000000000', crm_deal_id: 'D-2' };
    expect(
      await client.rpc('record_conversion', { ...args, conversion_type: 'won' }),
    ).toMatchObject({
      status: 400,
      error: {
        code: '22023',
        message: "conversion_type is 'won' and must be qualified or closed.",
        hint: 'Nothing was recorded. Correct the argument and call again.',
      },
    });
    expect(
      await client.rpc('record_conversion', { ...args, conversion_type: 'closed' }),
    ).toMatchObject({
      status: 409,
      error: { code: '23503', message: expect.stringContaining('There is no lead') },
    });
  });

  const MINIMAL: Readonly<Record<FunctionName, object>> = {
    record_conversion: {
      lead_id: '99999999-0000-4000-8000-000000000000',
      conversion_type: 'closed',
      crm_deal_id: 'D-3',
    },
    claim_conversions: {},
    complete_conversions: { ids: [] },
    fail_conversions: { ids: [], error: 'none' },
    requeue_dead_letters: {},
    claim_upload_requests: {},
    settle_upload_request: { platform: 'google_ads', request_id: 'R', status: 'failed' },
    conversion_queue_health: {},
    upsert_visitor: { visitor_id: 'intruder' },
    record_events: { events: [] },
    purge_tracking_data: { older_than: '100 years' },
  };

  test.each(Object.keys(FUNCTIONS) as FunctionName[])(
    '%s is refused to all others',
    async (name) => {
      for (const schema of SCHEMAS) {
        for (const [caller, status] of [
          ['nobody', 401],
          ['anon', 401],
          ['authenticated', 403],
        ] as const) {
          const answer = await clientFor(api, caller, schema).rpc(name, MINIMAL[name]);
          expect(answer, `${caller} in ${schema}`).toMatchObject({
            status,
            error: { code: '42501' },
          });
        }
      }
    },
  );
});
