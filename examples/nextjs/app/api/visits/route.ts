import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { hashIp } from 'conversion-tracking-schema/queue';
import { cookies, headers } from 'next/headers';
import { queue } from '../../../lib/queue';

const COOKIE = 'visitor';
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const THIRTEEN_MONTHS_S = 395 * 24 * 60 * 60;

/** Remembers the visitor by a cookie, and the page view. */
export async function POST(request: Request): Promise<Response> {
  const body: unknown = await request.json().catch(() => undefined);
  const visit = visitOf(body);
  if (visit === undefined) return Response.json({ error: 'INVALID_VISIT' }, { status: 400 });
  const [jar, sent] = await Promise.all([cookies(), headers()]);
  const known = jar.get(COOKIE)?.value ?? '';
  const visitor_id = UUID.test(known) ? known : randomUUID();
  const { searchParams, href } = visit.page;
  await queue().upsertVisitor({
    visitor_id,
    gclid: searchParams.get('gclid'),
    utm_source: searchParams.get('utm_source'),
    utm_medium: searchParams.get('utm_medium'),
    utm_campaign: searchParams.get('utm_campaign'),
    utm_term: searchParams.get('utm_term'),
    utm_content: searchParams.get('utm_content'),
    ip_hash: ipHash(sent.get('x-forwarded-for')),
    user_agent: sent.get('user-agent'),
    landing_page: href,
    referrer: visit.referrer,
  });
  await queue().recordEvents([{ visitor_id, event_name: 'page_view', page_url: href }]);
  jar.set(COOKIE, visitor_id, {
    httpOnly: true,
    secure: true,
    sameSite: 'lax',
    maxAge: THIRTEEN_MONTHS_S,
  });
  return new Response(null, { status: 204 });
}

function visitOf(body: unknown): { page: URL; referrer: string | undefined } | undefined {
  if (typeof body !== 'object' || body === null || !('page_url' in body)) return undefined;
  const page = String(body.page_url);
  const referrer = 'referrer' in body ? String(body.referrer) : undefined;
  return URL.canParse(page) ? { page: new URL(page), referrer } : undefined;
}

/** Of the address, no more than a keyed hash is kept. */
function ipHash(forwardedFor: string | null): string | undefined {
  const address = forwardedFor?.split(',')[0]?.trim() ?? '';
  const key = process.env.IP_HASH_KEY;
  return key !== undefined && isIP(address) !== 0 ? hashIp(address, key) : undefined;
}
