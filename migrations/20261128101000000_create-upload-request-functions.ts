import type { MigrationBuilder } from 'node-pg-migrate';
import { BACKOFF } from './shared/backoff.ts';
import { revokeGranted } from './shared/event-triggers.ts';
import {
  type ClientFunction,
  createClientFunction,
  dropClientFunction,
  refuse,
  refuseHiddenRows,
} from './shared/functions.ts';
import { recordInUtc } from './shared/migrations-table.ts';

/** A message contains at most so many characters of a value. */
const MOST_SHOWN = 80;

/** Age of a request at its last check, and age from which a check without a report is not repeated. */
const LAST_CHECK = "interval '24 hours'";
const LAST_REPEAT = "interval '48 hours'";

/** From the end of one check to the next: 39 minutes, 51, then an hour. The first is due after 30. */
const NEXT_CHECK = `least(power(1.3, least(r.check_count, 3)) * interval '30 minutes', interval '1 hour')`;

/** After "too recent", Google accepts a conversion some hours later. */
const RETRY_LATER = "interval '6 hours'";

const CLAIM_UPLOAD_REQUESTS: ClientFunction = {
  name: 'claim_upload_requests',
  types: 'text, integer, interval',
  comment:
    'Claims the upload requests of a platform whose result is due to be checked, and leases them: until the lease expires no other claim returns them. Checks are due from 30 minutes to 24 hours after the request was recorded. A check without a report is repeated, until 48 hours after; then the request expires.',
  declaration: `(
  platform text DEFAULT 'google_ads',
  "limit" integer DEFAULT 10,
  lease interval DEFAULT make_interval(mins => 5))
RETURNS TABLE (
  request_id text,
  entry_ids uuid[],
  check_count integer,
  accepted_at timestamptz,
  lease_id uuid,
  leased_until timestamptz)
ROWS 10
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET plan_cache_mode = force_generic_plan`,
  body: `
#variable_conflict use_variable
DECLARE
  at CONSTANT timestamptz := clock_timestamp();
  claim CONSTANT uuid := gen_random_uuid();
  wanted CONSTANT integer := claim_upload_requests."limit";
  due tid[];
  ended tid[];
  refusal text := CASE
    WHEN claim_upload_requests.platform IS NULL THEN
      'platform is missing.'
    WHEN (wanted BETWEEN 1 AND 1000) IS NOT TRUE THEN
      format('limit is %s and must be from 1 to 1000.', coalesce(wanted::text, 'null'))
    WHEN (lease <= make_interval(days => 1) AND at + lease > at) IS NOT TRUE THEN
      format('lease is %s and must be a positive interval of at most 1 day; a number without a unit means seconds.', coalesce(lease::text, 'null'))
  END;
BEGIN
${refuse('Nothing was claimed. Correct the argument and call again.')}${refuseHiddenRows('upload_requests')}  SELECT array_agg(d.ctid) FILTER (WHERE NOT d.ended), array_agg(d.ctid) FILTER (WHERE d.ended)
    INTO due, ended
    FROM (
      SELECT r.ctid, r.lease_id IS NOT NULL AND r.next_check_at > r.accepted_at + ${LAST_REPEAT} AS ended
        FROM {schema}.upload_requests r
       WHERE r.platform = claim_upload_requests.platform
         AND r.status = 'processing'
         AND r.next_check_at <= at
       ORDER BY r.next_check_at
       LIMIT wanted
         FOR NO KEY UPDATE SKIP LOCKED) d;
  UPDATE {schema}.upload_requests r
     SET status = 'expired', next_check_at = NULL, lease_id = NULL
   WHERE r.ctid = ANY (ended);
  RETURN QUERY
    UPDATE {schema}.upload_requests r
       SET check_count = r.check_count + 1,
           next_check_at = clock_timestamp() + lease,
           lease_id = claim
     WHERE r.ctid = ANY (due)
    RETURNING r.request_id, r.entry_ids, r.check_count, r.accepted_at, r.lease_id, r.next_check_at;
END
`,
};

/** If several results name one entry, the first of these counts: what the platform has is not lost. */
const OUTCOMES = "ARRAY['complete', 'permanent', 'retry_later', 'retry']";

/** SQL: what is wrong with an element of `rejected`. */
const PROBLEM = `CASE
          WHEN jsonb_typeof(e.result) <> 'object' THEN 'is not an object.'
          WHEN EXISTS (
            SELECT FROM jsonb_object_keys(e.result) k (key)
             WHERE k.key NOT IN ('index', 'id', 'code', 'message', 'outcome', 'count')) THEN
            'may have index or id, code, message, outcome and count, and has another field.'
          WHEN (e.result ->> 'outcome' = ANY (${OUTCOMES})) IS NOT TRUE THEN
            format('has the outcome %L, which must be complete, permanent, retry_later or retry.', left(e.result ->> 'outcome', ${MOST_SHOWN}))
          WHEN settle_upload_request.status = 'succeeded' AND e.result ->> 'outcome' <> 'complete' THEN
            'rejects an entry of a request that succeeded.'
          WHEN num_nonnulls(e.result ->> 'index', e.result ->> 'id') = 2 THEN 'has an index and an id, and may have one of them.'
          WHEN e.result ->> 'index' !~ '^[0-9]{1,9}$' THEN
            format('has the index %L, which must be a whole number from 0.', left(e.result ->> 'index', ${MOST_SHOWN}))
          WHEN (e.result ->> 'index')::integer >= cardinality(ids) THEN
            format('has the index %s, but the request has %s entries.', e.result ->> 'index', cardinality(ids))
          WHEN e.result ->> 'id' IS NOT NULL AND i.id IS NULL THEN
            format('has the id %L, which is not in the request.', left(e.result ->> 'id', ${MOST_SHOWN}))
          WHEN e.result ->> 'count' !~ '^[0-9]{1,9}$' THEN
            format('has the count %L, which must be a whole number.', left(e.result ->> 'count', ${MOST_SHOWN}))
        END`;

/** An unlocated rejection spares the entry's last attempt once: the platform may well have it. */
const SPARED = "(r.outcome = 'alone' AND q.send_alone IS NOT TRUE)";
const DEAD = `(r.outcome = 'permanent' OR q.retry_count >= q.max_retries - 1 AND NOT ${SPARED})`;

/**
 * The request is locked before its entries; completing them locks entries first, but then waits for
 * no lock of a request. Entries that a request does not name are not read: confirming costs nothing.
 *
 * An entry is rejected only by the request that it was completed with: of two uploads of one entry,
 * the other may have been accepted.
 */
const SETTLE_UPLOAD_REQUEST: ClientFunction = {
  name: 'settle_upload_request',
  types: 'text, text, text, jsonb, uuid',
  comment:
    'Records the result of an upload request. status is processing, succeeded, partially_succeeded or failed. rejected is an array of objects with index (from 0) or id of an entry, outcome (complete, permanent, retry_later or retry), code and message: a rejected entry is retried or becomes a dead letter. Without index and id, count says how many were rejected; if it is unknown which, all entries not named are sent again, each in a request of its own. With the lease_id of the claim, processing that comes after another claim changes nothing. applied says whether this call changed the request.',
  declaration: `(
  INOUT platform text,
  INOUT request_id text,
  INOUT status text,
  rejected jsonb DEFAULT '[]',
  lease_id uuid DEFAULT NULL,
  OUT confirmed_count integer,
  OUT rejected_count integer,
  OUT applied boolean)
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_nestloop = off
SET plan_cache_mode = force_generic_plan`,
  body: `
#variable_conflict use_variable
DECLARE
  at CONSTANT timestamptz := clock_timestamp();
  request {schema}.upload_requests%ROWTYPE;
  ids uuid[];
  named uuid[];
  codes text[];
  messages text[];
  outcomes text[];
  remaining integer;
  other record;
  entries tid[];
  refusal text := CASE
    WHEN settle_upload_request.platform IS NULL THEN 'platform is missing.'
    WHEN settle_upload_request.request_id IS NULL THEN 'request_id is missing.'
    WHEN (settle_upload_request.status IN ('processing', 'succeeded', 'partially_succeeded', 'failed')) IS NOT TRUE THEN
      format('status is %L and must be processing, succeeded, partially_succeeded or failed.', left(settle_upload_request.status, ${MOST_SHOWN}))
    WHEN (jsonb_typeof(rejected) = 'array') IS NOT TRUE THEN 'rejected is not an array.'
    WHEN settle_upload_request.status = 'processing' AND jsonb_array_length(rejected) > 0 THEN
      'rejected must be empty while the status is processing.'
  END;
BEGIN
${refuse('Nothing was changed. Correct the argument and call again.')}${refuseHiddenRows('upload_requests')}  SELECT r.* INTO request
    FROM {schema}.upload_requests r
   WHERE r.platform = settle_upload_request.platform AND r.request_id = settle_upload_request.request_id
     FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'no_data_found',
      MESSAGE = format('There is no upload request %L of %L.',
        left(settle_upload_request.request_id, ${MOST_SHOWN}), left(settle_upload_request.platform, ${MOST_SHOWN})),
      HINT = 'Nothing was changed. Pass the request_id to complete_conversions first, then call again.';
  END IF;
  applied := request.status IN ('processing', 'expired');
  IF settle_upload_request.status = 'processing' THEN
    applied := request.status = 'processing'
      AND (settle_upload_request.lease_id IS NULL OR request.lease_id IS NOT DISTINCT FROM settle_upload_request.lease_id);
    IF applied AND at >= request.accepted_at + ${LAST_CHECK} THEN
      request.status := 'expired';
    END IF;
    IF applied THEN
      UPDATE {schema}.upload_requests r
         SET status = request.status,
             next_check_at = CASE request.status WHEN 'processing' THEN
               least(at + ${NEXT_CHECK}, r.accepted_at + ${LAST_CHECK}) END,
             lease_id = NULL
       WHERE r.platform = settle_upload_request.platform AND r.request_id = settle_upload_request.request_id;
    END IF;
    status := request.status;
    rejected_count := request.rejected_count;
    confirmed_count := request.entry_count - request.rejected_count;
    RETURN;
  END IF;

  ids := request.entry_ids;
  SELECT format('rejected[%s] %s', p.place - 1, p.problem) INTO refusal
    FROM (
      SELECT e.place, ${PROBLEM} AS problem
        FROM jsonb_array_elements(rejected) WITH ORDINALITY e (result, place)
        LEFT JOIN (SELECT DISTINCT u.id::text FROM unnest(ids) u (id)) i (id) ON i.id = lower(e.result ->> 'id')) p
   WHERE p.problem IS NOT NULL
   ORDER BY p.place
   LIMIT 1;
${refuse('Nothing was changed. Correct rejected and call again.')}
  SELECT array_agg(n.id), array_agg(n.code), array_agg(n.message), array_agg(n.outcome)
    INTO named, codes, messages, outcomes
    FROM (
      SELECT DISTINCT ON (e.id) e.id, e.code, e.message, e.outcome
        FROM (
          SELECT coalesce(ids[(o.result ->> 'index')::integer + 1], (o.result ->> 'id')::uuid) AS id,
                 o.result ->> 'code' AS code, o.result ->> 'message' AS message, o.result ->> 'outcome' AS outcome, o.place
            FROM jsonb_array_elements(rejected) WITH ORDINALITY o (result, place)
           WHERE num_nonnulls(o.result ->> 'index', o.result ->> 'id') = 1) e
       ORDER BY e.id, array_position(${OUTCOMES}, e.outcome), e.place) n;
  remaining := request.entry_count - coalesce(cardinality(named), 0);
  -- What is known of the entries that no result names.
  SELECT o.code, o.message, o.outcome, count(*) OVER () AS results, sum(o.count) OVER () AS entries,
         count(*) FILTER (WHERE o.outcome <> 'complete') OVER () AS rejections,
         string_agg(o.code || coalesce(' (' || o.count || ')', ''), ', ') OVER () AS codes
    INTO other
    FROM (
      SELECT e.result ->> 'code' AS code, e.result ->> 'message' AS message, e.result ->> 'outcome' AS outcome,
             (e.result ->> 'count')::integer AS count, e.place
        FROM jsonb_array_elements(rejected) WITH ORDINALITY e (result, place)
       WHERE num_nonnulls(e.result ->> 'index', e.result ->> 'id') = 0) o
   ORDER BY array_position(${OUTCOMES}, o.outcome), o.place
   LIMIT 1;
  IF settle_upload_request.status = 'succeeded' OR other.rejections = 0
     OR other.results IS NULL AND named IS NOT NULL AND settle_upload_request.status = 'partially_succeeded' THEN
    other.outcome := 'complete';
  ELSIF remaining = 1
     OR coalesce(other.results, 1) = 1 AND (settle_upload_request.status = 'failed' OR other.entries >= remaining) THEN
    other.outcome := coalesce(other.outcome, 'retry');
    other.code := coalesce(other.code, 'REQUEST_FAILED');
  ELSE
    other.message := format('The platform rejected entries of the request %s without saying which: %s.',
      left(settle_upload_request.request_id, ${MOST_SHOWN}), coalesce(other.codes, 'it gave no reason'));
    other.outcome := 'alone';
    other.code := 'UNLOCATED_REJECTION';
  END IF;
  SELECT array_agg(r.id), array_agg(r.code), array_agg(r.message), array_agg(r.outcome), count(*)
    INTO named, codes, messages, outcomes, rejected_count
    FROM (
      SELECT n.* FROM unnest(named, codes, messages, outcomes) n (id, code, message, outcome)
      UNION ALL
      SELECT u.id, other.code, other.message, other.outcome
        FROM (SELECT unnest(ids) EXCEPT SELECT unnest(named)) u (id)
       WHERE other.outcome <> 'complete') r
   WHERE r.outcome <> 'complete';
  confirmed_count := request.entry_count - rejected_count;
  IF NOT applied THEN
    refusal := CASE
      WHEN (status, rejected_count) IS DISTINCT FROM (request.status, request.rejected_count) THEN
        format('The request has been settled as %s with %s rejected entries, which differs from %s with %s.',
          request.status, request.rejected_count, status, rejected_count)
    END;
${refuse('Nothing was changed. A result is final: do not report another.')}    RETURN;
  END IF;

  SELECT array_agg(l.ctid) INTO entries
    FROM (SELECT q.ctid FROM {schema}.conversion_queue q WHERE q.id = ANY (named) ORDER BY q.id FOR NO KEY UPDATE) l;
  UPDATE {schema}.conversion_queue q
     SET status = CASE WHEN ${DEAD} THEN 'dead_letter' ELSE 'failed' END,
         retry_count = CASE WHEN ${SPARED} THEN greatest(0, least(q.retry_count, q.max_retries - 2) + 1)
           ELSE q.retry_count + (q.retry_count < q.max_retries)::integer END,
         next_retry_at = CASE WHEN ${DEAD} THEN NULL
           WHEN r.outcome = 'retry_later' THEN at + ${RETRY_LATER}
           ELSE at + ${BACKOFF} END,
         last_error = coalesce(r.message, r.code),
         error_code = r.code,
         uploaded_at = NULL,
         send_alone = q.send_alone OR r.outcome = 'alone',
         updated_at = now()
    FROM unnest(named, codes, messages, outcomes) r (id, code, message, outcome)
   WHERE q.ctid = ANY (entries) AND r.id = q.id
     AND q.status = 'uploaded' AND q.request_id = settle_upload_request.request_id;
  UPDATE {schema}.upload_requests r
     SET status = settle_upload_request.status,
         rejected_count = settle_upload_request.rejected_count,
         next_check_at = NULL,
         lease_id = NULL,
         settled_at = at
   WHERE r.platform = settle_upload_request.platform AND r.request_id = settle_upload_request.request_id;
END
`,
};

const FUNCTIONS = [CLAIM_UPLOAD_REQUESTS, SETTLE_UPLOAD_REQUEST];

export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  for (const one of FUNCTIONS) createClientFunction(pgm, one);
  revokeGranted(pgm);
}

export function down(pgm: MigrationBuilder): void {
  for (const one of FUNCTIONS) dropClientFunction(pgm, one);
}
