import { createHash, timingSafeEqual } from 'node:crypto';
import cookie from '@fastify/cookie';
import {
  InvalidArgumentError,
  LeadNotFoundError,
  migrationStatus,
  TrackingSchemaError,
} from 'conversion-tracking-schema';
import { hashEmail, type TrackingQueue } from 'conversion-tracking-schema/queue';
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import { type Deal, dealSchema } from './deal.ts';
import type { Settings } from './settings.ts';
import { addVisits } from './visits.ts';

/** Answers requests; it neither migrates nor listens by itself. */
export async function buildApp(
  pool: Pool,
  queue: TrackingQueue,
  settings: Settings,
): Promise<FastifyInstance> {
  const app = Fastify({
    // By itself it would log the address of every visitor.
    logger: { serializers: { req: ({ method, url }) => ({ method, url }) } },
    // The first hop is the proxy that has connected.
    trustProxy: (_address, hop) => hop < settings.trustProxy,
    // By itself it would take null for 0, and for an empty text.
    ajv: { customOptions: { coerceTypes: false } },
  });
  await app.register(cookie);

  app.setErrorHandler<FastifyError>((error, request, reply) => {
    if (error instanceof LeadNotFoundError) return reply.code(422).send({ error: error.code });
    if (error instanceof InvalidArgumentError) {
      return reply.code(400).send({ error: error.code, message: error.message });
    }
    if ((error.statusCode ?? 500) < 500) return reply.send(error);
    request.log.error(error);
    return reply.code(500).send({ error: 'INTERNAL' });
  });

  // The process lives: says nothing of the database, so that its failure restarts nobody.
  app.get('/healthz', async () => ({ ok: true }));

  // It may be sent requests: the database is there, and is migrated as far as this version needs.
  app.get('/readyz', async (request, reply) => {
    try {
      const { verdict } = await migrationStatus({ dbClient: pool, timeoutMs: 2_000 });
      return reply.code(verdict === 'ready' ? 200 : 503).send({ verdict });
    } catch (error) {
      request.log.warn(error);
      const code = error instanceof TrackingSchemaError ? error.code : 'UNKNOWN';
      return reply.code(503).send({ error: code });
    }
  });

  addVisits(app, queue, settings);

  app.post<{ Body: Deal }>('/crm/deals', {
    schema: { body: dealSchema },
    onRequest: async (request, reply) => {
      if (isBearer(request.headers.authorization, settings.crmToken)) return;
      return reply.code(401).send({ error: 'UNAUTHORIZED' });
    },
    // A webhook may come twice, and at two replicas at once: one of them records.
    handler: async ({ body }, reply) => {
      const { id, is_new } = await queue.recordConversion({
        lead_id: body.lead_id,
        conversion_type: body.stage,
        crm_deal_id: body.deal_id,
        conversion_value: body.value,
        conversion_currency: body.currency,
        converted_at: body.happened_at,
        email_hash: body.email == null ? undefined : hashEmail(body.email),
        visitor_id: body.visitor_id,
        consent_ad_user_data: body.consent?.ad_user_data,
        consent_ad_personalization: body.consent?.ad_personalization,
      });
      return reply.code(is_new ? 201 : 200).send({ conversion_id: id, is_new });
    },
  });

  return app;
}

/** Compares hashes: in constant time, and of one length. */
function isBearer(header: string | undefined, token: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(header ?? ''), hash(`Bearer ${token}`));
}
