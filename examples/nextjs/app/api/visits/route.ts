import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { hashIp, InvalidArgumentError } from 'conversion-tracking-schema/queue';
import { cookies, headers } from 'next/headers';
import { queue } from '../../../lib/queue';

const LONGEST_ADDRESS = 4_000;
const COOKIE = 'visitor';
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const THIRTEEN_MONTHS_S = 395 * 24 * 60 * 60;

/** Remembers the visitor by a cookie, and the page view. */
export async function POST(request: Request): Promise<Response> {
  const body: unknown = await request.json().catch(() => undefined);
  const visit = visitOf(body);
  if (visit === undefined) return Response.json({ error: 'INVALID_VISIT' }, { status: 400 });
  try {
    return await record(visit);
  } catch (error) {
    // What the database refuses, such as a gclid with a zero byte, is the fault of the request.
    if (!(error instanceof InvalidArgumentError)) throw error;
    return Response.json({ error: error.code }, { status: 400 });
  }
}

/** A visit, as the page reports it. */
interface Visit {
  readonly page: URL;
  readonly referrer: string | undefined;
}

async function record(visit: Visit): Promise<Response> {
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

function visitOf(body: unknown): Visit | undefined {
  if (typeof body !== 'object' || body === null || !('page_url' in body)) return undefined;
  const referrer = 'referrer' in body ? body.referrer : undefined;
  if (!isAddress(body.page_url) || !URL.canParse(body.page_url)) return undefined;
  if (referrer !== undefined && !isAddress(referrer)) return undefined;
  return { page: new URL(body.page_url), referrer };
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_ADDRESS;
}

/**
 * Of the address, no more than a keyed hash is kept. It is the last hop, as the one proxy before the app
 * has seen it: all before it is what the client has sent, and anybody can forge that.
 */
function ipHash(forwardedFor: string | null): string | undefined {
  const address = forwardedFor?.split(',').at(-1)?.trim() ?? '';
  const key = process.env.IP_HASH_KEY;
  return key !== undefined && isIP(address) !== 0 ? hashIp(address, key) : undefined;
}
