import type { MigrationBuilder } from 'node-pg-migrate';
import { revokeGranted } from './shared/event-triggers.ts';
import {
  type ClientFunction,
  createClientFunction,
  dropClientFunction,
  refuseHiddenRows,
  relation,
} from './shared/functions.ts';
import { recordInUtc } from './shared/migrations-table.ts';

/**
 * At most so many entries or requests are counted one by one. A lower limit would not help: of fewer
 * entries in a large table, the statistics, which are made of 30,000 rows, hold hardly any.
 */
const MOST_COUNTED = 10_000;

/** Entries that may be claimed again, as idx_queue_due has them. */
const OPEN = `SELECT q.status, coalesce(q.next_retry_at, q.created_at) AS due, q.leased_until > at AS leased
            FROM {schema}.conversion_queue q
           WHERE q.platform = one AND q.status IN ('pending', 'failed')`;
const BY_DUE = 'ORDER BY coalesce(q.next_retry_at, q.created_at)';

/**
 * Each search reads one index in its order and stops at the limit: other plans are switched off, since
 * with old statistics they would read all entries of the platform. The oldest overdue entry is found
 * even behind more leased entries than are counted, as by a claim.
 */
const CONVERSION_QUEUE_HEALTH: ClientFunction = {
  name: 'conversion_queue_health',
  types: 'text',
  comment:
    'Returns one row per platform and status: the number of entries, the leased ones, those that are due and not leased (overdue), when the oldest of these became due, the uploaded entries whose request is still processed (unconfirmed), when the oldest such request was recorded, and the number of expired requests. Counts up to 10000 entries or requests of a kind: beyond that, entries is an estimate (estimated is true), and the other numbers are of the 10000 oldest. Uploaded entries are estimated if the platform has more than 10000 entries.',
  declaration: `(
  INOUT platform text DEFAULT NULL,
  OUT status text,
  OUT entries bigint,
  OUT estimated boolean,
  OUT leased bigint,
  OUT overdue bigint,
  OUT oldest_due timestamptz,
  OUT unconfirmed bigint,
  OUT oldest_unconfirmed timestamptz,
  OUT expired_requests bigint)
RETURNS SETOF record
ROWS 4
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off`,
  body: `
#variable_conflict use_variable
DECLARE
  at CONSTANT timestamptz := clock_timestamp();
  queue CONSTANT regclass := ${relation('conversion_queue')};
  one text;
  plan json;
BEGIN
${refuseHiddenRows('conversion_queue')}  FOR one IN
    WITH RECURSIVE found (platform) AS (
      SELECT min(q.platform) FROM {schema}.conversion_queue q
       WHERE conversion_queue_health.platform IS NULL
      UNION ALL
      SELECT (SELECT min(q.platform) FROM {schema}.conversion_queue q WHERE q.platform > f.platform)
        FROM found f WHERE f.platform IS NOT NULL)
    SELECT f.platform FROM found f WHERE f.platform IS NOT NULL
    UNION ALL
    SELECT conversion_queue_health.platform WHERE conversion_queue_health.platform IS NOT NULL
  LOOP
    platform := one;
    FOR status, entries, estimated, leased, overdue, oldest_due IN
      WITH first AS MATERIALIZED (
          ${OPEN}
           ${BY_DUE} LIMIT ${MOST_COUNTED + 1}),
      found AS MATERIALIZED (
        SELECT count(*) > ${MOST_COUNTED} AS more,
               count(*) FILTER (WHERE f.due <= at AND f.leased IS NOT TRUE) > 0 AS overdue
          FROM first f),
      open AS (
        SELECT f.* FROM first f
        UNION ALL (
          ${OPEN}
             AND coalesce(q.next_retry_at, q.created_at) <= at AND (q.leased_until > at) IS NOT TRUE
             AND (SELECT f.more AND NOT f.overdue FROM found f)
           ${BY_DUE} LIMIT 1))
      SELECT s.status, o.entries, f.more, o.leased, o.overdue, o.oldest_due
        FROM found f, (VALUES ('pending'), ('failed')) s (status)
       CROSS JOIN LATERAL (
         SELECT count(*) AS entries, count(*) FILTER (WHERE o.leased) AS leased,
                count(*) FILTER (WHERE o.due <= at AND o.leased IS NOT TRUE) AS overdue,
                min(o.due) FILTER (WHERE o.due <= at AND o.leased IS NOT TRUE) AS oldest_due
           FROM open o WHERE o.status = s.status) o
      UNION ALL
      SELECT 'dead_letter', count(*), count(*) > ${MOST_COUNTED}, 0, 0, NULL
        FROM (
          SELECT FROM {schema}.conversion_queue q
           WHERE q.platform = one AND q.status = 'dead_letter'
           ORDER BY q.created_at LIMIT ${MOST_COUNTED + 1}) d
      UNION ALL
      SELECT 'uploaded', count(*) FILTER (WHERE p.status = 'uploaded'), count(*) > ${MOST_COUNTED}, 0, 0, NULL
        FROM (
          SELECT q.status FROM {schema}.conversion_queue q
           WHERE q.platform = one LIMIT ${MOST_COUNTED + 1}) p
    LOOP
      IF estimated THEN
        EXECUTE format(
          'EXPLAIN (FORMAT JSON) SELECT FROM %s q WHERE q.platform = %L AND q.status = %L', queue, one, status)
          INTO plan;
        entries := greatest(entries, (plan #>> '{0,Plan,Plan Rows}')::bigint);
      END IF;
      unconfirmed := 0;
      oldest_unconfirmed := NULL;
      expired_requests := 0;
      IF status = 'uploaded' THEN
        SELECT coalesce(sum(p.entry_count), 0), min(p.accepted_at) INTO unconfirmed, oldest_unconfirmed
          FROM (
            SELECT r.entry_count, r.accepted_at FROM {schema}.upload_requests r
             WHERE r.platform = one AND r.status = 'processing'
             ORDER BY r.accepted_at LIMIT ${MOST_COUNTED}) p;
        SELECT count(*) INTO expired_requests
          FROM (
            SELECT FROM {schema}.upload_requests r
             WHERE r.platform = one AND r.status = 'expired'
             ORDER BY r.accepted_at LIMIT ${MOST_COUNTED}) e;
      END IF;
      RETURN NEXT;
    END LOOP;
  END LOOP;
END
`,
};

export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  createClientFunction(pgm, CONVERSION_QUEUE_HEALTH);
  revokeGranted(pgm);
}

export function down(pgm: MigrationBuilder): void {
  dropClientFunction(pgm, CONVERSION_QUEUE_HEALTH);
}
