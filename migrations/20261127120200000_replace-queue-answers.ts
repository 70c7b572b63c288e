import type { MigrationBuilder } from 'node-pg-migrate';
import {
  COMPLETE_CONVERSIONS as COMPLETE_CONVERSIONS_0_2,
  FAIL_CONVERSIONS as FAIL_CONVERSIONS_0_2,
} from './20261122180400000_create-queue-answers.ts';
import { type ClientFunction, replaceClientFunction } from './shared/functions.ts';
import { recordInUtc } from './shared/migrations-table.ts';

/**
 * Entries are found by their ids and then by where they stand, whatever the statistics say, so one
 * plan serves all calls of a session: to plan anew took a call for one entry most of its time.
 */
const ONE_PLAN = `
SET enable_seqscan = off
SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan
`;

/**
 * Entries are locked in the order of their ids, so that two calls that name the same ones do not
 * deadlock, and then updated where they stand.
 */
const LOCK = `
  IF ids IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'ids is missing.',
      HINT = 'Nothing was changed. Pass the ids of entries, and call again.';
  END IF;
  SELECT array_agg(l.ctid) INTO entries
    FROM (
      SELECT q.ctid FROM {schema}.conversion_queue q WHERE q.id = ANY (ids) ORDER BY q.id
         FOR NO KEY UPDATE) l;`;

/** What the answer has not changed stands where it stood; there is hardly ever any. */
const returnOthers = (which: string) => `
  GET DIAGNOSTICS changed = ROW_COUNT;
  IF changed < cardinality(entries) THEN
    RETURN QUERY
      SELECT q.id, q.status, q.retry_count, q.next_retry_at, false
        FROM {schema}.conversion_queue q WHERE q.ctid = ANY (entries) AND ${which};
  END IF;`;

const COMPLETE_CONVERSIONS: ClientFunction = {
  ...COMPLETE_CONVERSIONS_0_2,
  declaration: `${COMPLETE_CONVERSIONS_0_2.declaration.trimEnd()}${ONE_PLAN}`,
  body: `
#variable_conflict use_variable
DECLARE
  entries tid[];
  changed integer;
BEGIN${LOCK}
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
    RETURNING q.id, q.status, q.retry_count, q.next_retry_at, true;${returnOthers("q.status = 'uploaded'")}
END
`,
};

/**
 * Five tries span about seven hours: 5 minutes, 20, 80, and 5 hours 20 minutes, each less up to a
 * quarter, so that entries that failed together do not come back together.
 */
const BACKOFF =
  "least(power(4, least(q.retry_count, 8)) * interval '5 minutes', interval '6 hours') * (1 - random() / 4)";

/**
 * Whether a failure is for the caller to report. By what it is not: by what it is, a partial index
 * that was small once would be read in place of the entries, by the plan that is kept.
 */
const MINE = `q.status NOT IN ('uploaded', 'dead_letter')
         AND (fail_conversions.lease_id IS NULL OR q.lease_id = fail_conversions.lease_id)`;

const FAIL_CONVERSIONS: ClientFunction = {
  ...FAIL_CONVERSIONS_0_2,
  declaration: `${FAIL_CONVERSIONS_0_2.declaration.trimEnd()}${ONE_PLAN}`,
  body: `
#variable_conflict use_variable
DECLARE
  at CONSTANT timestamptz := clock_timestamp();
  entries tid[];
  changed integer;
BEGIN
  IF NOT isfinite(retry_at) THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'retry_at is not a time.',
      HINT = 'Nothing was changed. Give a time, or null for a growing wait, and call again.';
  END IF;
${LOCK}
  RETURN QUERY
    UPDATE {schema}.conversion_queue q
       SET status = CASE WHEN permanent OR q.retry_count + 1 >= q.max_retries THEN 'dead_letter' ELSE 'failed' END,
           retry_count = least(q.retry_count + 1, q.max_retries),
           next_retry_at = CASE WHEN permanent OR q.retry_count + 1 >= q.max_retries THEN NULL
             ELSE coalesce(retry_at, at + ${BACKOFF}) END,
           last_error = error,
           error_code = fail_conversions.error_code,
           leased_until = CASE WHEN fail_conversions.lease_id IS NULL THEN q.leased_until END,
           lease_id = NULL,
           updated_at = now()
     WHERE q.ctid = ANY (entries) AND ${MINE}
    RETURNING q.id, q.status, q.retry_count, q.next_retry_at, true;${returnOthers(`(${MINE}) IS NOT TRUE`)}
END
`,
};

export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  replaceClientFunction(pgm, COMPLETE_CONVERSIONS);
  replaceClientFunction(pgm, FAIL_CONVERSIONS);
}

export function down(pgm: MigrationBuilder): void {
  replaceClientFunction(pgm, FAIL_CONVERSIONS_0_2);
  replaceClientFunction(pgm, COMPLETE_CONVERSIONS_0_2);
}
