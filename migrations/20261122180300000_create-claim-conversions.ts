import type { MigrationBuilder } from 'node-pg-migrate';
import {
  type ClientFunction,
  createClientFunction,
  dropClientFunction,
  refuse,
} from './shared/functions.ts';
import { recordInUtc } from './shared/migrations-table.ts';

/** Its last claim has not answered, which is a try. */
const UNANSWERED = 'q.lease_id IS NOT NULL';
const TRIES = `least(q.retry_count + (${UNANSWERED})::integer, q.max_retries)`;
const FAILED_TRY = `retry_count = ${TRIES},
               last_error = CASE WHEN ${UNANSWERED} THEN 'The lease passed without an answer.' ELSE q.last_error END,
               error_code = CASE WHEN ${UNANSWERED} THEN 'LEASE_EXPIRED' ELSE q.error_code END`;

/** So many entries a call makes dead letters at most: it has to end, and the next one goes on. */
const MOST_BURIED = 10_000;

/**
 * The search for due entries reads idx_queue_due from its oldest end, whatever the statistics say:
 * other ways are switched off inside the function, so one plan serves all calls of a session. What is
 * found is locked, and then updated where it stands, by its ctid; joins are nested loops, which keep
 * the order.
 *
 * Entries that have used up their tries do not go out, and others may take their place. Each further
 * search is twice as wide, since it reads past all that those before have buried.
 */
export const CLAIM_CONVERSIONS: ClientFunction = {
  name: 'claim_conversions',
  types: 'text, integer, interval',
  comment:
    'Takes the entries of a platform that are due, the oldest first, each with all that its upload needs, and leases them: no other call gets them before the lease has passed. An entry whose lease passed without an answer has been tried once more, and becomes a dead letter where that was its last try.',
  declaration: `(
  platform text DEFAULT 'google_ads',
  "limit" integer DEFAULT 100,
  lease interval DEFAULT make_interval(mins => 5))
RETURNS TABLE (
  id uuid,
  conversion_id uuid,
  lease_id uuid,
  leased_until timestamptz,
  retry_count integer,
  max_retries integer,
  lead_id uuid,
  conversion_type text,
  conversion_value numeric,
  conversion_currency text,
  converted_at timestamptz,
  idempotency_key text,
  crm_deal_id text,
  gclid text,
  email_hash text,
  consent_ad_user_data text,
  consent_ad_personalization text,
  utm_source text,
  utm_medium text,
  utm_campaign text,
  request_id text,
  error_code text,
  last_error text)
ROWS 100
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET enable_nestloop = on
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan`,
  body: `
#variable_conflict use_variable
DECLARE
  at CONSTANT timestamptz := clock_timestamp();
  claim CONSTANT uuid := gen_random_uuid();
  wanted integer := claim_conversions."limit";
  width integer := wanted;
  due tid[];
  used_up tid[];
  seen integer;
  taken integer;
  buried integer := 0;
  until timestamptz;
  refusal text := CASE
    WHEN claim_conversions.platform IS NULL THEN
      'platform is missing.'
    WHEN (wanted BETWEEN 1 AND 10000) IS NOT TRUE THEN
      format('limit is %s, and must be from 1 to 10000.', coalesce(wanted::text, 'null'))
    WHEN (at + lease > at) IS NOT TRUE OR NOT isfinite(at + lease) THEN
      format('lease is %s, and must be longer than nothing.', coalesce(lease::text, 'null'))
  END;
BEGIN
${refuse('Nothing was claimed. Correct the argument, and call again.')}  LOOP
    SELECT array_agg(d.ctid) FILTER (WHERE NOT d.used_up), array_agg(d.ctid) FILTER (WHERE d.used_up), count(*)
      INTO due, used_up, seen
      FROM (
        SELECT q.ctid, ${TRIES} >= q.max_retries AS used_up
          FROM {schema}.conversion_queue q
         WHERE q.platform = claim_conversions.platform
           AND q.status IN ('pending', 'failed')
           AND coalesce(q.next_retry_at, q.created_at) <= at
           AND (q.leased_until IS NULL OR q.leased_until <= at)
         ORDER BY coalesce(q.next_retry_at, q.created_at)
         LIMIT width
           FOR NO KEY UPDATE SKIP LOCKED) d;
    IF used_up IS NOT NULL THEN
      UPDATE {schema}.conversion_queue q
         SET status = 'dead_letter',
             ${FAILED_TRY},
             next_retry_at = NULL,
             leased_until = NULL,
             lease_id = NULL
       WHERE q.ctid = ANY (used_up);
      buried := buried + cardinality(used_up);
    END IF;
    until := coalesce(until, clock_timestamp() + lease); -- the first search may have waited
    RETURN QUERY
      WITH claimed AS (
        UPDATE {schema}.conversion_queue q
           SET status = CASE WHEN ${UNANSWERED} THEN 'failed' ELSE q.status END,
               ${FAILED_TRY},
               leased_until = until,
               lease_id = claim
          FROM unnest(due[1:wanted]) d (ctid)
         WHERE q.ctid = d.ctid
        RETURNING q.*)
      SELECT e.id, e.conversion_id, e.lease_id, e.leased_until, e.retry_count, e.max_retries, c.lead_id,
             c.conversion_type, c.conversion_value, c.conversion_currency,
             coalesce(c.converted_at, c.created_at), c.idempotency_key, c.crm_deal_id, c.gclid,
             c.email_hash, c.consent_ad_user_data, c.consent_ad_personalization, c.utm_source,
             c.utm_medium, c.utm_campaign, e.request_id, e.error_code, e.last_error
        FROM claimed e
        JOIN {schema}.conversions c ON c.id = e.conversion_id;
    GET DIAGNOSTICS taken = ROW_COUNT;
    wanted := wanted - taken;
    EXIT WHEN wanted = 0 OR seen < width OR buried >= ${MOST_BURIED};
    width := width * 2;
  END LOOP;
END
`,
};

export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  createClientFunction(pgm, CLAIM_CONVERSIONS);
}

export function down(pgm: MigrationBuilder): void {
  dropClientFunction(pgm, CLAIM_CONVERSIONS);
}
