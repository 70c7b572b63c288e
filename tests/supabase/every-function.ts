import type { PostgrestClient } from '@supabase/postgrest-js';
import type { Database } from '../../src/supabase.ts';
import type { SeenKinds } from './kinds.ts';

type Client = PostgrestClient<Database>;

const TABLES = [
  'visitors',
  'conversions',
  'conversion_queue',
  'tracking_events',
  'upload_requests',
  'leads',
] as const;

/** Calls each function and reads each table, so that whatever may be null is, and is not. */
export async function callEverything(client: Client, lead: string, seen: SeenKinds): Promise<void> {
  await visit(client, seen);
  await record(client, lead, seen);
  await upload(client, seen);
  await confirm(client, seen);
  for (const table of TABLES) {
    const { data } = await client.from(table).select().throwOnError();
    seen.rows(`Tables.${table}.Row`, data);
  }
  const { data: purged } = await client
    .rpc('purge_tracking_data', { older_than: '1 day' })
    .throwOnError();
  seen.rows('Functions.purge_tracking_data.Returns[]', purged);
}

/** Visitors with all that one can have, and with nothing; and events likewise. */
async function visit(client: Client, seen: SeenKinds): Promise<void> {
  const utm = { utm_source: 's', utm_medium: 'm', utm_campaign: 'c', utm_term: 't' };
  const first = { ip_hash: 'hash', user_agent: 'agent', landing_page: '/', referrer: '/from' };
  for (const visitor of [
    { visitor_id: 'bare' },
    { visitor_id: 'full', gclid: 'click', ...utm, utm_content: 'x', ...first },
  ]) {
    const { data } = await client.rpc('upsert_visitor', visitor).throwOnError();
    seen.rows('Functions.upsert_visitor.Returns', [data]);
  }
  const events = [
    { event_name: 'bare' },
    { event_name: 'full', visitor_id: 'full', event_id: 'E', params: { a: 1 }, page_url: '/' },
  ];
  const { data: count } = await client.rpc('record_events', { events }).throwOnError();
  seen.value('Functions.record_events.Returns', count);
  await client.from('tracking_events').insert({ event_name: 'none', params: null }).throwOnError();
}

type Arguments = Database['public']['Functions']['record_conversion']['Args'];

/** Conversions with all that one can have, and with as little as possible. */
async function record(client: Client, lead_id: string, seen: SeenKinds): Promise<void> {
  const bare: Arguments = { lead_id, conversion_type: 'qualified', idempotency_key: 'bare' };
  const full: Arguments = {
    lead_id,
    conversion_type: 'closed',
    crm_deal_id: 'D-1',
    conversion_value: 12.5,
    email_hash: 'f'.repeat(64),
    converted_at: '2026-11-20T10:00:00Z',
    consent_ad_user_data: 'granted',
    consent_ad_personalization: 'denied',
    visitor_id: 'full',
    platforms: ['google_ads', 'leased', 'failed'],
  };
  for (const conversion of [bare, full, bare]) {
    const { data } = await client.rpc('record_conversion', conversion).throwOnError();
    seen.rows('Functions.record_conversion.Returns', [data]);
    const unknown = { conversion_currency: null };
    await client.from('conversions').update(unknown).eq('idempotency_key', 'bare').throwOnError();
  }
}

/** Each entry goes another way, so that some are leased, tried again, given up and uploaded. */
async function upload(client: Client, seen: SeenKinds): Promise<void> {
  const claim = async () => {
    const { data } = await client.rpc('claim_conversions').throwOnError();
    seen.rows('Functions.claim_conversions.Returns[]', data);
    const [one, other] = data;
    if (!one || !other) throw new Error('Two entries are due.');
    return [one, other] as const;
  };
  const [first, second] = await claim();
  const { data: failed } = await client
    .rpc('fail_conversions', {
      ids: [first.id, second.id],
      lease_id: first.lease_id,
      error: 'down',
      error_code: 'DOWN',
      retry_at: '2020-01-01T00:00:00Z',
    })
    .throwOnError();
  // Of a request that the platform has lost.
  const request = { request_id: 'R-1' };
  await client.from('conversion_queue').update(request).eq('id', first.id).throwOnError();
  const [{ lease_id }] = await claim();
  const { data: buried } = await client
    .rpc('fail_conversions', { ids: [second.id], lease_id, error: 'no', permanent: true })
    .throwOnError();
  seen.rows('Functions.fail_conversions.Returns[]', [...failed, ...buried]);
  const { data: health } = await client.rpc('conversion_queue_health').throwOnError();
  seen.rows('Functions.conversion_queue_health.Returns[]', health);
  const { data: completed } = await client
    .rpc('complete_conversions', { ids: [first.id], request_id: 'R-2' })
    .throwOnError();
  seen.rows('Functions.complete_conversions.Returns[]', completed);
  const { data: requeued } = await client.rpc('requeue_dead_letters').throwOnError();
  seen.rows('Functions.requeue_dead_letters.Returns[]', requeued);
  await client.rpc('claim_conversions', { platform: 'leased' }).throwOnError();
  const { data: third } = await client
    .rpc('claim_conversions', { platform: 'failed' })
    .throwOnError();
  for (const { id, lease_id: lease } of third) {
    await client
      .rpc('fail_conversions', { ids: [id], lease_id: lease, error: 'down' })
      .throwOnError();
  }
}

/** One request stays leased for a check, and one has a result. */
async function confirm(client: Client, seen: SeenKinds): Promise<void> {
  const { data: health } = await client.rpc('conversion_queue_health').throwOnError();
  seen.rows('Functions.conversion_queue_health.Returns[]', health);
  const { data: others } = await client.rpc('claim_conversions').throwOnError();
  const ids = others.map(({ id }) => id);
  await client.rpc('complete_conversions', { ids, request_id: 'R-3' }).throwOnError();
  const due = { next_check_at: '2020-01-01T00:00:00Z' };
  await client.from('upload_requests').update(due).eq('request_id', 'R-2').throwOnError();
  const { data: claimed } = await client.rpc('claim_upload_requests').throwOnError();
  seen.rows('Functions.claim_upload_requests.Returns[]', claimed);
  for (const status of ['processing', 'succeeded'] as const) {
    const { data: settled } = await client
      .rpc('settle_upload_request', { platform: 'google_ads', request_id: 'R-3', status })
      .throwOnError();
    seen.rows('Functions.settle_upload_request.Returns', [settled]);
  }
  const alone = { send_alone: true };
  await client.from('conversion_queue').update(alone).eq('platform', 'failed').throwOnError();
}
