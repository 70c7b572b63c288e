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
 * Up to this size the uploaded entries are counted, in some hundredths of a second; beyond it their
 * number is the planner's estimate, if there are statistics. The other entries are few, and have
 * partial indexes.
 */
const COUNTED_BYTES = 32 * 1024 * 1024;

const CONVERSION_QUEUE_HEALTH: ClientFunction = {
  name: 'conversion_queue_health',
  types: 'text',
  comment:
    'Returns one row per platform and status: the number of entries, the leased ones, those that are due and not leased (overdue), when the oldest of these became due, the uploaded entries whose request is still processed (unconfirmed), when the oldest such request was recorded, and the number of expired requests. entries is an estimate where estimated is true.',
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
SET enable_seqscan = off`,
  body: `
#variable_conflict use_variable
DECLARE
  at CONSTANT timestamptz := clock_timestamp();
  queue CONSTANT regclass := ${relation('conversion_queue')};
  counted CONSTANT boolean := pg_relation_size(queue) <= ${COUNTED_BYTES}
    OR EXISTS (SELECT FROM pg_class c WHERE c.oid = queue AND c.reltuples < 0);
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
    RETURN QUERY
      SELECT one, s.status, count(q.platform), false,
             count(*) FILTER (WHERE q.leased_until > at),
             count(*) FILTER (WHERE q.due <= at AND (q.leased_until <= at) IS NOT FALSE),
             min(q.due) FILTER (WHERE q.due <= at AND (q.leased_until <= at) IS NOT FALSE),
             0::bigint, NULL::timestamptz, 0::bigint
        FROM (VALUES ('pending'), ('failed')) s (status)
        LEFT JOIN (
          SELECT o.platform, o.status, o.leased_until, coalesce(o.next_retry_at, o.created_at) AS due
            FROM {schema}.conversion_queue o
           WHERE o.platform = one AND o.status IN ('pending', 'failed')) q ON q.status = s.status
       GROUP BY s.status
       ORDER BY s.status DESC;
    RETURN QUERY
      SELECT one, 'dead_letter', count(*), false, 0::bigint, 0::bigint, NULL::timestamptz, 0::bigint, NULL::timestamptz, 0::bigint
        FROM {schema}.conversion_queue q WHERE q.platform = one AND q.status = 'dead_letter';
    IF counted THEN
      SELECT count(*) INTO entries
        FROM {schema}.conversion_queue q WHERE q.platform = one AND q.status = 'uploaded';
    ELSE
      EXECUTE format(
        'EXPLAIN (FORMAT JSON) SELECT FROM %s q WHERE q.platform = %L AND q.status = ''uploaded''',
        queue, one) INTO plan;
      entries := plan #>> '{0,Plan,Plan Rows}';
    END IF;
    RETURN QUERY
      SELECT one, 'uploaded', entries, NOT counted, 0::bigint, 0::bigint, NULL::timestamptz,
             coalesce(sum(r.entry_count) FILTER (WHERE r.status = 'processing'), 0),
             min(r.accepted_at) FILTER (WHERE r.status = 'processing'),
             count(*) FILTER (WHERE r.status = 'expired')
        FROM {schema}.upload_requests r
       WHERE r.platform = one AND r.status IN ('processing', 'expired');
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
