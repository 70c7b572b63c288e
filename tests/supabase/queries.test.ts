import { PostgrestClient } from '@supabase/postgrest-js';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import type { Database, TablesInsert } from '../../src/supabase.ts';
import type { ConversionType, QueueStatus } from '../../src/types/rows.ts';
import { type PostgRest, startPostgRest } from '../support/postgrest.ts';
import { type SupabaseServer, startSupabase } from '../support/supabase.ts';
import { needTool } from '../support/tools.ts';
import { callEverything } from './every-function.ts';
import { SeenKinds, statedKinds } from './kinds.ts';

const installed = needTool('postgrest');
let server: SupabaseServer;
let api: PostgRest;
let client: PostgrestClient<Database>;

beforeAll(async () => {
  if (!installed) return;
  server = await startSupabase();
  const project = await server.createProject('2026');
  await runMigrations({ databaseUrl: project.url });
  await runMigrations({ databaseUrl: project.url, schema: 'tracking', createSchema: true });
  const schemas = ['public', 'tracking'];
  api = await startPostgRest({ databaseUrl: project.urlFor('authenticator'), schemas });
  client = new PostgrestClient<Database>(api.url, { headers: headers() });
});
afterAll(async () => {
  await api?.stop();
  await server?.stop();
});

const headers = () => ({ Authorization: `Bearer ${api.token('service_role')}` });

async function newLead(): Promise<string> {
  const { data } = await client.from('leads').insert({}).select('id').single().throwOnError();
  return data.id;
}

describe('the Database of supabase-js, over REST', () => {
  test('says of each column and each result what it is, and null where it may be null alone', async () => {
    const seen = new SeenKinds();
    await callEverything(client, await newLead(), seen);
    expect(seen.all()).toEqual({
      ...statedKinds(/^Tables\.\w+\.Row\.|^Functions\.\w+\.Returns/),
      // What is uploaded is not tried again; its rows have the type of those of a failure.
      'Functions.complete_conversions.Returns[].next_retry_at': 'null',
    });
  });

  test('knows what belongs together, and what a query gives of it', async () => {
    const conversion: TablesInsert<'conversions'> = {
      lead_id: await newLead(),
      conversion_type: 'qualified',
      conversion_value: 12.5,
      idempotency_key: 'embedded:qualified',
    };
    const { data: row } = await client
      .from('conversions')
      .insert(conversion)
      .select('id')
      .single()
      .throwOnError();
    await client.from('conversion_queue').insert({ conversion_id: row.id }).throwOnError();
    const { data: entry } = await client
      .from('conversion_queue')
      .select('status, next_retry_at, conversions(conversion_type, conversion_value, leads(id))')
      .eq('conversion_id', row.id)
      .single()
      .throwOnError();
    expectTypeOf(entry).toEqualTypeOf<{
      status: QueueStatus;
      next_retry_at: string | null;
      conversions: {
        conversion_type: ConversionType;
        conversion_value: number | null;
        leads: { id: string };
      };
    }>();
    expect(entry).toEqual({
      status: 'pending',
      next_retry_at: null,
      conversions: {
        conversion_type: 'qualified',
        conversion_value: 12.5,
        leads: { id: conversion.lead_id },
      },
    });

    await client.from('visitors').insert({ visitor_id: 'embedded' }).throwOnError();
    await client
      .rpc('record_events', { events: [{ event_name: 'page_view', visitor_id: 'embedded' }] })
      .throwOnError();
    const { data: visitor } = await client
      .from('visitors')
      .select('gclid, tracking_events(event_name, visitors(visitor_id))')
      .eq('visitor_id', 'embedded')
      .single()
      .throwOnError();
    expectTypeOf(visitor).toEqualTypeOf<{
      gclid: string | null;
      tracking_events: { event_name: string; visitors: { visitor_id: string } | null }[];
    }>();
    expect(visitor).toEqual({
      gclid: null,
      tracking_events: [{ event_name: 'page_view', visitors: { visitor_id: 'embedded' } }],
    });
  });

  test('does not compile what the server refuses', async () => {
    const lead_id = await newLead();
    const code = async (query: PromiseLike<{ error: { code: string } | null }>) =>
      (await query).error?.code;
    expect(await code(client.from('visitors').insert({ visitor_id: 'right' }))).toBeUndefined();
    expect(await code(client.rpc('claim_conversions', { limit: 10 }))).toBeUndefined();
    // @ts-expect-error A visitor has an id of its cookie.
    expect(await code(client.from('visitors').insert({ gclid: 'click' }))).toBe('23502');
    const id = '99999999-0000-4000-8000-000000000000';
    const processing = { conversion_id: id, status: 'processing' as const };
    // @ts-expect-error There is no such status.
    expect(await code(client.from('conversion_queue').insert(processing))).toBe('23514');
    // @ts-expect-error There is no such table.
    expect(await code(client.from('sessions').select())).toBe('42P01');
    const won = { lead_id, conversion_type: 'won' as const, crm_deal_id: 'D-1' };
    // @ts-expect-error There is no such type of conversion.
    expect(await code(client.rpc('record_conversion', won))).toBe('22023');
    // @ts-expect-error A conversion is of a lead.
    expect(await code(client.rpc('record_conversion', { conversion_type: 'closed' }))).toBe(
      'PGRST202',
    );
    // @ts-expect-error It is called limit.
    expect(await code(client.rpc('claim_conversions', { count: 10 }))).toBe('PGRST202');
    // @ts-expect-error One event is no list.
    expect(await code(client.rpc('record_events', { events: { event_name: 'x' } }))).toBe('22023');
    // @ts-expect-error There is no such function.
    expect(await code(client.rpc('release_conversions'))).toBe('PGRST202');

    const { data: missing, error } = await client.from('visitors').select('click_id').limit(1);
    expect(error?.code).toBe('42703');
    // @ts-expect-error There is no such column.
    expect(missing?.[0]?.click_id).toBeUndefined();
    const { data: unrelated, error: none } = await client.from('visitors').select('leads(id)');
    expect(none?.code).toBe('PGRST200');
    // @ts-expect-error A visitor does not refer to a lead.
    expect(unrelated?.[0]?.leads.id).toBeUndefined();
  });

  test('lets an argument be null wherever the server does', async () => {
    const needed: Readonly<Record<string, object>> = {
      record_conversion: { lead_id: await newLead(), conversion_type: 'closed' },
      complete_conversions: { ids: [] },
      fail_conversions: { ids: [], error: 'none' },
      // Settled by the test above; the same result again changes nothing.
      settle_upload_request: { platform: 'google_ads', request_id: 'R-3', status: 'succeeded' },
      upsert_visitor: { visitor_id: 'nulls' },
    };
    const untyped = new PostgrestClient(api.url, { headers: headers() });
    const stated = statedKinds(/^Functions\.\w+\.Args\.\w+\?$/);
    expect(Object.keys(stated)).toHaveLength(43);
    for (const [path, kinds] of Object.entries(stated)) {
      const [, name = '', , argument = ''] = path.replace('?', '').split('.');
      // Either of the two has to be given.
      const key = argument === 'crm_deal_id' ? { idempotency_key: path } : { crm_deal_id: path };
      const more = name === 'record_conversion' ? key : {};
      const { error } = await untyped.rpc(name, { ...needed[name], ...more, [argument]: null });
      const refused = error !== null;
      // null counts as false there; the type leaves it out.
      if (argument !== 'permanent')
        expect([path, refused]).toEqual([path, !kinds.includes('null')]);
    }
  });

  test('is that of a schema of its own as well', async () => {
    const tracking = new PostgrestClient<Database<'tracking'>>(api.url, {
      headers: headers(),
      schema: 'tracking',
    });
    await tracking.rpc('upsert_visitor', { visitor_id: 'elsewhere' }).throwOnError();
    const { data } = await tracking.from('visitors').select('visitor_id').throwOnError();
    expect(data).toEqual([{ visitor_id: 'elsewhere' }]);
    const { data: there } = await client
      .from('visitors')
      .select('visitor_id')
      .eq('visitor_id', 'elsewhere')
      .throwOnError();
    expect(there).toEqual([]);
  });
});
