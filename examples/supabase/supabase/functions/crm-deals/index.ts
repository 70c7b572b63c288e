import { createClient } from '@supabase/supabase-js';
import { hashEmail, InvalidArgumentError } from 'conversion-tracking-schema/queue';

/** The secret key: that of the role service_role, which alone may call the functions of the queue. */
function secretKey(): string {
  const keys: { default?: string } = JSON.parse(Deno.env.get('SUPABASE_SECRET_KEYS') ?? '{}');
  return keys.default ?? required('SUPABASE_SERVICE_ROLE_KEY');
}

function required(name: string): string {
  const value = Deno.env.get(name);
  if (!value) throw new Error(`${name} is not set.`);
  return value;
}

const supabase = createClient(required('SUPABASE_URL'), secretKey(), {
  auth: { persistSession: false, autoRefreshToken: false },
});
const crmToken = required('CRM_TOKEN');

/** What the CRM sends, null where there is nothing; the database refuses what does not fit. */
interface Deal {
  readonly deal_id?: unknown;
  readonly lead_id?: unknown;
  readonly stage?: unknown;
  readonly value?: unknown;
  readonly currency?: unknown;
  readonly happened_at?: unknown;
  readonly email?: unknown;
  readonly visitor_id?: unknown;
  readonly consent?: {
    readonly ad_user_data?: unknown;
    readonly ad_personalization?: unknown;
  } | null;
}

/** In constant time, since hashes are compared. */
async function isBearer(header: string | null): Promise<boolean> {
  const hash = async (text: string) =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  const [given, wanted] = await Promise.all([hash(header ?? ''), hash(`Bearer ${crmToken}`)]);
  return given.reduce((difference, byte, at) => difference | (byte ^ (wanted[at] ?? 0)), 0) === 0;
}

/** The same deal would be refused again, so that the CRM need not send it again; else it may. */
function refusal(sqlState: string): [status: number, code: string] {
  if (sqlState === '23503') return [422, 'LEAD_NOT_FOUND'];
  // PostgreSQL's classes of errors for what it was given, and 54000 for what is too large.
  if (/^2[23]|^54000$/.test(sqlState)) return [400, 'INVALID'];
  return [500, 'INTERNAL'];
}

function isDeal(body: unknown): body is Deal {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}

/** Records what the CRM reports of a deal, exactly once per idempotency key. */
async function record(deal: Deal): Promise<Response> {
  // Without the first two there is no function of that name; null is refused by name.
  const { data, error } = await supabase.rpc('record_conversion', {
    lead_id: deal.lead_id ?? null,
    conversion_type: deal.stage ?? null,
    crm_deal_id: deal.deal_id,
    conversion_value: deal.value,
    conversion_currency: deal.currency ?? undefined,
    converted_at: deal.happened_at ?? undefined,
    email_hash: deal.email == null ? undefined : hashEmail(String(deal.email)),
    visitor_id: deal.visitor_id,
    consent_ad_user_data: deal.consent?.ad_user_data,
    consent_ad_personalization: deal.consent?.ad_personalization,
  });
  if (error) {
    console.error(error.code, error.message);
    const [status, code] = refusal(error.code);
    return Response.json({ error: code }, { status });
  }
  const { id, is_new } = data;
  return Response.json({ conversion_id: id, is_new }, { status: is_new ? 201 : 200 });
}

Deno.serve(async (request) => {
  if (request.method !== 'POST') return Response.json({ error: 'METHOD' }, { status: 405 });
  if (!(await isBearer(request.headers.get('authorization')))) {
    return Response.json({ error: 'UNAUTHORIZED' }, { status: 401 });
  }
  try {
    const body: unknown = await request.json();
    if (isDeal(body)) return await record(body);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError || error instanceof SyntaxError)) throw error;
  }
  return Response.json({ error: 'INVALID' }, { status: 400 });
});
