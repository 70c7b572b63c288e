import type { MigrationBuilder } from 'node-pg-migrate';
import { BACKOFF } from './shared/backoff.ts';
import { revokeGranted } from './shared/event-triggers.ts';
import {
  type ClientFunction,
  createClientFunction,
  dropClientFunction,
  LONGEST_TEXT,
  refuse,
  refuseHiddenRows,
} from './shared/functions.ts';
import { recordInUtc } from './shared/migrations-table.ts';

/** The last claim reported no outcome, which counts as an attempt. */
const UNREPORTED = 'q.lease_id IS NOT NULL';
/** Adds nothing to a count at its maximum, which may be that of integer. */
const ATTEMPTS = `q.retry_count + (${UNREPORTED} AND q.retry_count < q.max_retries)::integer`;
const FAILED_ATTEMPT = `retry_count = ${ATTEMPTS},
             last_error = CASE WHEN ${UNREPORTED} THEN 'The lease expired before the worker reported an outcome.' ELSE q.last_error END,
             error_code = CASE WHEN ${UNREPORTED} THEN 'LEASE_EXPIRED' ELSE q.error_code END`;

/** A call makes at most so many entries dead letters: it must end, and the next call goes on. */
const MOST_DEAD_LETTERS = 10_000;

/**
 * The search for due entries reads idx_queue_due from its oldest end, whatever the statistics say:
 * other plans are switched off inside the function, so one plan serves all calls of a session. The
 * entries found are locked, and then updated by their ctid, with their conversions looked up on the
 * way; joins are nested loops, which keep the order.
 *
 * Entries without attempts left are not returned, and others may take their place. Each further
 * search is twice as wide, since it reads past the dead letters of those before.
 */
const CLAIM_CONVERSIONS: ClientFunction = {
  name: 'claim_conversions',
  types: 'text, integer, interval',
  comment:
    'Claims the due entries of a platform, the oldest first, each with what its upload needs, and leases them: until the lease expires no other claim returns them. An entry whose lease expired without an outcome has had a failed attempt, and becomes a dead letter if that was its last.',
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
  last_error text,
  send_alone boolean)
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
  dead_letters integer := 0;
  until timestamptz;
  refusal text := CASE
    WHEN claim_conversions.platform IS NULL THEN
      'platform is missing.'
    WHEN (wanted BETWEEN 1 AND 10000) IS NOT TRUE THEN
      format('limit is %s and must be from 1 to 10000.', coalesce(wanted::text, 'null'))
    WHEN (lease <= make_interval(days => 1) AND at + lease > at) IS NOT TRUE THEN
      format('lease is %s and must be a positive interval of at most 1 day; a number without a unit means seconds.', coalesce(lease::text, 'null'))
  END;
BEGIN
${refuse('Nothing was claimed. Correct the argument and call again.')}${refuseHiddenRows('conversion_queue')}  LOOP
    SELECT array_agg(d.ctid) FILTER (WHERE NOT d.used_up), array_agg(d.ctid) FILTER (WHERE d.used_up), count(*)
      INTO due, used_up, seen
      FROM (
        SELECT q.ctid, ${ATTEMPTS} >= q.max_retries AS used_up
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
             ${FAILED_ATTEMPT},
             next_retry_at = NULL,
             leased_until = NULL,
             lease_id = NULL
       WHERE q.ctid = ANY (used_up);
      dead_letters := dead_letters + cardinality(used_up);
    END IF;
    until := coalesce(until, clock_timestamp() + lease); -- the first search may have waited
    RETURN QUERY
      UPDATE {schema}.conversion_queue q
         SET status = CASE WHEN ${UNREPORTED} THEN 'failed' ELSE q.status END,
             ${FAILED_ATTEMPT},
             leased_until = until,
             lease_id = claim,
             updated_at = now()
        FROM unnest(due[1:wanted]) d (ctid), {schema}.conversions c
       WHERE q.ctid = d.ctid AND c.id = ANY (ARRAY[q.conversion_id])
      RETURNING q.id, q.conversion_id, q.lease_id, q.leased_until, q.retry_count, q.max_retries, c.lead_id,
             c.conversion_type, c.conversion_value, c.conversion_currency,
             coalesce(c.converted_at, c.created_at), c.idempotency_key, c.crm_deal_id, c.gclid,
             c.email_hash, c.consent_ad_user_data, c.consent_ad_personalization, c.utm_source,
             c.utm_medium, c.utm_campaign, q.request_id, q.error_code, q.last_error,
             q.send_alone IS TRUE;
    GET DIAGNOSTICS taken = ROW_COUNT;
    wanted := wanted - taken;
    EXIT WHEN wanted = 0 OR seen < width OR dead_letters >= ${MOST_DEAD_LETTERS};
    width := width * 2;
  END LOOP;
END
`,
};

/**
 * What reporting an outcome returns of each entry. Entries are found by their ids and then by their
 * ctid, whatever the statistics say, so one plan serves all calls of a session: planning each call
 * took most of the time of a call for one entry.
 */
const OUTCOME = `
RETURNS TABLE (
  id uuid,
  status text,
  retry_count integer,
  next_retry_at timestamptz,
  applied boolean)
ROWS 100
SET enable_seqscan = off
SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan
`;

/**
 * Entries are locked in the order of their ids, so that two calls for the same ones do not
 * deadlock, and then updated by their ctid.
 */
const LOCK = `
  IF ids IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'ids is missing.',
      HINT = 'Nothing was changed. Pass the ids of entries and call again.';
  END IF;
${refuseHiddenRows('conversion_queue')}  SELECT array_agg(l.ctid) INTO entries
    FROM (
      SELECT q.ctid FROM {schema}.conversion_queue q WHERE q.id = ANY (ids) ORDER BY q.id
         FOR NO KEY UPDATE) l;`;

/** Entries that the outcome did not change still have the ctid they were locked by; there are hardly ever any. */
const returnUnchanged = (which: string) => `
  GET DIAGNOSTICS changed = ROW_COUNT;
  IF changed < cardinality(entries) THEN
    RETURN QUERY
      SELECT q.id, q.status, q.retry_count, q.next_retry_at, false
        FROM {schema}.conversion_queue q WHERE q.ctid = ANY (entries) AND ${which};
  END IF;`;

/**
 * Records the upload request of the locked entries. If it is recorded already, the call is repeated:
 * its entries may have been rejected and retried since then, so that nothing may change.
 */
const RECORD_REQUEST = `
  IF complete_conversions.request_id IS NOT NULL THEN
    uploaded := ARRAY(SELECT unnest(ids));
    SELECT min(q.platform), max(q.platform) INTO platform, other_platform
      FROM {schema}.conversion_queue q WHERE q.ctid = ANY (entries);
    refusal := CASE
      WHEN complete_conversions.request_id = '' THEN 'request_id is empty.'
      WHEN length(complete_conversions.request_id) > ${LONGEST_TEXT} THEN
        format('request_id has %s characters and may have at most ${LONGEST_TEXT}.', length(complete_conversions.request_id))
      WHEN array_position(uploaded, NULL) IS NOT NULL THEN 'ids contains null.'
      WHEN platform <> other_platform THEN
        format('The entries of a request have one platform, but these have %L and %L.', left(platform, 80), left(other_platform, 80))
    END;
${refuse('Nothing was changed. Correct the argument and call again.')}    INSERT INTO {schema}.upload_requests (platform, request_id, entry_ids, entry_count, accepted_at, next_check_at)
    SELECT platform, complete_conversions.request_id, uploaded, (SELECT count(DISTINCT u.id) FROM unnest(uploaded) u (id)), at, at + interval '30 minutes'
     WHERE platform IS NOT NULL -- otherwise all entries were deleted
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
      refusal := 'The request has been recorded with other ids.';
      IF platform IS NULL OR uploaded = (
        SELECT r.entry_ids FROM {schema}.upload_requests r
         WHERE r.platform = platform AND r.request_id = complete_conversions.request_id) THEN
        refusal := NULL;
      END IF;
${refuse('Nothing was changed. Pass all ids of a request in one call.')}      RETURN QUERY
        SELECT q.id, q.status, q.retry_count, q.next_retry_at, false
          FROM {schema}.conversion_queue q WHERE q.ctid = ANY (entries);
      RETURN;
    END IF;
  END IF;`;

const COMPLETE_CONVERSIONS: ClientFunction = {
  name: 'complete_conversions',
  types: 'uuid[], text',
  comment:
    "Marks entries as uploaded. A completion is accepted even after the lease has expired, since the platform has the conversion. With a request_id the upload request is recorded as well, to be settled when the platform reports its result: pass all its entries in one call, in the order of the request's events. applied says whether this call changed the entry.",
  declaration: `(
  ids uuid[],
  request_id text DEFAULT NULL)${OUTCOME}`,
  body: `
#variable_conflict use_variable
DECLARE
  at CONSTANT timestamptz := clock_timestamp();
  entries tid[];
  changed integer;
  uploaded uuid[];
  platform text;
  other_platform text;
  refusal text;
BEGIN${LOCK}${RECORD_REQUEST}
  RETURN QUERY
    UPDATE {schema}.conversion_queue q
       SET status = 'uploaded',
           uploaded_at = clock_timestamp(),
           request_id = coalesce(complete_conversions.request_id, q.request_id),
           next_retry_at = NULL,
           leased_until = NULL,
           lease_id = NULL,
           updated_at = now()
     WHERE q.ctid = ANY (entries) AND q.status <> 'uploaded'
    RETURNING q.id, q.status, q.retry_count, q.next_retry_at, true;${returnUnchanged("q.status = 'uploaded'")}
END
`,
};

/**
 * Whether the failure is the caller's to report. The status is compared with what it is not: by
 * what it is, the cached plan would read a partial index that was small when it was made.
 */
const REPORTABLE = `q.status NOT IN ('uploaded', 'dead_letter')
         AND (fail_conversions.lease_id IS NULL OR q.lease_id = fail_conversions.lease_id)`;

const FAIL_CONVERSIONS: ClientFunction = {
  name: 'fail_conversions',
  types: 'uuid[], text, timestamptz, boolean, text, uuid',
  comment:
    'Records a failed attempt of entries. They are retried at retry_at, or after a growing backoff, and become dead letters after the last attempt or if the failure is permanent. With the lease_id of the claim, a report that comes after another claim has leased the entry changes nothing; without it, the entry stays leased until its lease expires. applied says whether this call changed the entry.',
  declaration: `(
  ids uuid[],
  error text,
  retry_at timestamptz DEFAULT NULL,
  permanent boolean DEFAULT false,
  error_code text DEFAULT NULL,
  lease_id uuid DEFAULT NULL)${OUTCOME}`,
  body: `
#variable_conflict use_variable
DECLARE
  at CONSTANT timestamptz := clock_timestamp();
  entries tid[];
  changed integer;
BEGIN
  IF NOT isfinite(retry_at) THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'retry_at is not a finite time.',
      HINT = 'Nothing was changed. Pass a time, or null for the growing backoff, and call again.';
  END IF;
${LOCK}
  RETURN QUERY
    UPDATE {schema}.conversion_queue q
       SET status = CASE WHEN permanent OR q.retry_count >= q.max_retries - 1 THEN 'dead_letter' ELSE 'failed' END,
           retry_count = q.retry_count + (q.retry_count < q.max_retries)::integer,
           next_retry_at = CASE WHEN permanent OR q.retry_count >= q.max_retries - 1 THEN NULL
             ELSE coalesce(retry_at, at + ${BACKOFF}) END,
           last_error = error,
           error_code = fail_conversions.error_code,
           leased_until = CASE WHEN fail_conversions.lease_id IS NULL THEN q.leased_until END,
           lease_id = NULL,
           updated_at = now()
     WHERE q.ctid = ANY (entries) AND ${REPORTABLE}
    RETURNING q.id, q.status, q.retry_count, q.next_retry_at, true;${returnUnchanged(`(${REPORTABLE}) IS NOT TRUE`)}
END
`,
};

const REQUEUE_DEAD_LETTERS: ClientFunction = {
  name: 'requeue_dead_letters',
  types: 'text, uuid[], text, integer',
  comment:
    'Makes dead letters pending again, with all their attempts, the oldest first. Filters by platform, ids and error_code, where null matches all; at most limit entries.',
  declaration: `(
  platform text DEFAULT NULL,
  ids uuid[] DEFAULT NULL,
  error_code text DEFAULT NULL,
  "limit" integer DEFAULT 1000)
RETURNS TABLE (
  id uuid,
  conversion_id uuid)
ROWS 100
`,
  body: `
#variable_conflict use_variable
BEGIN
  IF (requeue_dead_letters."limit" >= 1) IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
      MESSAGE = format('limit is %s and must be at least 1.', coalesce(requeue_dead_letters."limit"::text, 'null')),
      HINT = 'Nothing was changed. Correct the argument and call again.';
  END IF;
${refuseHiddenRows('conversion_queue')}  RETURN QUERY
    WITH chosen AS MATERIALIZED (
      SELECT q.id
        FROM {schema}.conversion_queue q
       WHERE q.status = 'dead_letter'
         AND (requeue_dead_letters.platform IS NULL OR q.platform = requeue_dead_letters.platform)
         AND (ids IS NULL OR q.id = ANY (ids))
         AND (requeue_dead_letters.error_code IS NULL OR q.error_code = requeue_dead_letters.error_code)
       ORDER BY q.created_at, q.id
       LIMIT requeue_dead_letters."limit"
         FOR NO KEY UPDATE SKIP LOCKED)
    UPDATE {schema}.conversion_queue q
       SET status = 'pending', retry_count = 0, next_retry_at = NULL
      FROM chosen c
     WHERE q.id = c.id
    RETURNING q.id, q.conversion_id;
END
`,
};

const FUNCTIONS = [CLAIM_CONVERSIONS, COMPLETE_CONVERSIONS, FAIL_CONVERSIONS, REQUEUE_DEAD_LETTERS];

export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  for (const one of FUNCTIONS) createClientFunction(pgm, one);
  revokeGranted(pgm);
}

export function down(pgm: MigrationBuilder): void {
  for (const one of FUNCTIONS) dropClientFunction(pgm, one);
}
