import type { MigrationBuilder } from 'node-pg-migrate';
import {
  type ClientFunction,
  createClientFunction,
  dropClientFunction,
} from './shared/functions.ts';
import { recordInUtc } from './shared/migrations-table.ts';

/** What an answer leaves of each entry that it names. */
const ANSWERED = `
RETURNS TABLE (
  id uuid,
  status text,
  retry_count integer,
  next_retry_at timestamptz,
  applied boolean)
ROWS 100
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

export const COMPLETE_CONVERSIONS: ClientFunction = {
  name: 'complete_conversions',
  types: 'uuid[], text',
  comment:
    'Marks entries as uploaded, once and for all, whoever has them out by now: an upload that the platform has taken is not taken back. applied says whether this call did it.',
  declaration: `(
  ids uuid[],
  request_id text DEFAULT NULL)${ANSWERED}`,
  body: `
#variable_conflict use_variable
DECLARE
  entries tid[];
BEGIN${LOCK}
  RETURN QUERY
    WITH completed AS (
      UPDATE {schema}.conversion_queue q
         SET status = 'uploaded',
             uploaded_at = clock_timestamp(),
             request_id = coalesce(complete_conversions.request_id, q.request_id),
             next_retry_at = NULL,
             leased_until = NULL,
             lease_id = NULL
       WHERE q.ctid = ANY (entries) AND q.status <> 'uploaded'
      RETURNING q.*)
    SELECT q.id, q.status, q.retry_count, q.next_retry_at, true FROM completed q
    UNION ALL
    SELECT q.id, q.status, q.retry_count, q.next_retry_at, false
      FROM {schema}.conversion_queue q WHERE q.ctid = ANY (entries) AND q.status = 'uploaded';
END
`,
};

/**
 * Five tries span about seven hours: 5 minutes, 20, 80, and 5 hours 20 minutes, each less up to a
 * quarter, so that entries that failed together do not come back together.
 */
const BACKOFF =
  "least(power(4, least(q.retry_count, 8)) * interval '5 minutes', interval '6 hours') * (1 - random() / 4)";

/** Whether a failure is for the caller to report. */
const MINE = `q.status IN ('pending', 'failed')
             AND (fail_conversions.lease_id IS NULL OR q.lease_id = fail_conversions.lease_id)`;

export const FAIL_CONVERSIONS: ClientFunction = {
  name: 'fail_conversions',
  types: 'uuid[], text, timestamptz, boolean, text, uuid',
  comment:
    'Counts a failed try of entries, to be tried again at retry_at, else after a growing wait; dead letters where it was the last try, or permanent. With the lease_id of its claim an answer that comes when another claim has the entry changes nothing; without it the entry stays out as long as it is leased. applied says whether the call counted.',
  declaration: `(
  ids uuid[],
  error text,
  retry_at timestamptz DEFAULT NULL,
  permanent boolean DEFAULT false,
  error_code text DEFAULT NULL,
  lease_id uuid DEFAULT NULL)${ANSWERED}`,
  body: `
#variable_conflict use_variable
DECLARE
  at CONSTANT timestamptz := clock_timestamp();
  entries tid[];
BEGIN
  IF NOT isfinite(retry_at) THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'retry_at is not a time.',
      HINT = 'Nothing was changed. Give a time, or null for a growing wait, and call again.';
  END IF;
${LOCK}
  RETURN QUERY
    WITH failed AS (
      UPDATE {schema}.conversion_queue q
         SET status = CASE WHEN permanent OR q.retry_count + 1 >= q.max_retries THEN 'dead_letter' ELSE 'failed' END,
             retry_count = least(q.retry_count + 1, q.max_retries),
             next_retry_at = CASE WHEN permanent OR q.retry_count + 1 >= q.max_retries THEN NULL
               ELSE coalesce(retry_at, at + ${BACKOFF}) END,
             last_error = error,
             error_code = fail_conversions.error_code,
             leased_until = CASE WHEN fail_conversions.lease_id IS NULL THEN q.leased_until END,
             lease_id = NULL
       WHERE q.ctid = ANY (entries) AND ${MINE}
      RETURNING q.*)
    SELECT q.id, q.status, q.retry_count, q.next_retry_at, true FROM failed q
    UNION ALL
    SELECT q.id, q.status, q.retry_count, q.next_retry_at, false
      FROM {schema}.conversion_queue q WHERE q.ctid = ANY (entries) AND (${MINE}) IS NOT TRUE;
END
`,
};

const REQUEUE_DEAD_LETTERS: ClientFunction = {
  name: 'requeue_dead_letters',
  types: 'text, uuid[], text, integer',
  comment:
    'Gives dead letters all their tries again: of a platform, with these ids, with this error code; null is any. The oldest first, as many as the limit says.',
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
      MESSAGE = format('limit is %s, and must be at least 1.', coalesce(requeue_dead_letters."limit"::text, 'null')),
      HINT = 'Nothing was changed. Correct the argument, and call again.';
  END IF;
  RETURN QUERY
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

const FUNCTIONS = [COMPLETE_CONVERSIONS, FAIL_CONVERSIONS, REQUEUE_DEAD_LETTERS];

export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  for (const one of FUNCTIONS) createClientFunction(pgm, one);
}

export function down(pgm: MigrationBuilder): void {
  for (const one of FUNCTIONS) dropClientFunction(pgm, one);
}
