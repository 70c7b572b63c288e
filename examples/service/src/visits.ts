import { randomUUID } from 'node:crypto';
import { hashIp, type TrackingQueue } from 'conversion-tracking-schema/queue';
import type { FastifyInstance } from 'fastify';
import type { Settings } from './settings.ts';

/** A visit, as the page reports it. */
interface Visit {
  readonly page_url: string;
  readonly referrer?: string;
  readonly event_name?: string;
  /** For deduplication with GA4. */
  readonly event_id?: string;
}

const visitSchema = {
  type: 'object',
  required: ['page_url'],
  properties: {
    page_url: { type: 'string', format: 'uri', maxLength: 4_000 },
    referrer: { type: 'string', maxLength: 4_000 },
    event_name: { type: 'string', pattern: '^[a-z_]{1,40}$' },
    event_id: { type: 'string', maxLength: 100 },
  },
};

const COOKIE = 'visitor';
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const THIRTEEN_MONTHS_S = 395 * 24 * 60 * 60;

/** Adds `POST /visits`, which the page calls when the visitor has consented. */
export function addVisits(app: FastifyInstance, queue: TrackingQueue, settings: Settings): void {
  app.post<{ Body: Visit }>('/visits', {
    schema: { body: visitSchema },
    handler: async ({ body, cookies, headers, ip }, reply) => {
      const known = cookies[COOKIE] ?? '';
      const visitor_id = UUID.test(known) ? known : randomUUID();
      const { searchParams } = new URL(body.page_url);
      await queue.upsertVisitor({
        visitor_id,
        gclid: searchParams.get('gclid'),
        utm_source: searchParams.get('utm_source'),
        utm_medium: searchParams.get('utm_medium'),
        utm_campaign: searchParams.get('utm_campaign'),
        utm_term: searchParams.get('utm_term'),
        utm_content: searchParams.get('utm_content'),
        ip_hash: hashIp(ip, settings.ipHashKey),
        user_agent: headers['user-agent'],
        landing_page: body.page_url,
        referrer: body.referrer,
      });
      await queue.recordEvents([
        {
          visitor_id,
          event_name: body.event_name ?? 'page_view',
          event_id: body.event_id,
          page_url: body.page_url,
        },
      ]);
      reply.setCookie(COOKIE, visitor_id, {
        path: '/',
        httpOnly: true,
        secure: true,
        sameSite: 'lax',
        maxAge: THIRTEEN_MONTHS_S,
      });
      return reply.code(204).send();
    },
  });
}
