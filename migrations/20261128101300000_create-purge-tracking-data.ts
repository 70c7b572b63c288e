import type { MigrationBuilder } from 'node-pg-migrate';
import type { Declaration } from './shared/declaration.ts';
import { revokeGranted } from './shared/event-triggers.ts';
import {
  type ClientFunction,
  createClientFunction,
  dropClientFunction,
  refuse,
  relation,
} from './shared/functions.ts';
import { recordInUtc, secureMigrationsTable } from './shared/migrations-table.ts';

/**
 * Deleting a visitor updates each of its events, by ON DELETE SET NULL: so events are deleted first,
 * and a visitor only when nothing references it. The application's own foreign keys are read from the
 * catalogue, since ON DELETE CASCADE would delete its rows. Rows hidden by row level security would
 * not be seen: row_security = off makes them an error.
 *
 * A row that references a visitor since the search is seen only by the DELETE, which has a later
 * snapshot; under REPEATABLE READ it would have the same.
 */
const PURGE_TRACKING_DATA: ClientFunction = {
  name: 'purge_tracking_data',
  types: 'interval, integer',
  comment:
    'Deletes events older than older_than. When none are left, deletes visitors not seen since then that no row references, and upload requests settled before then. Deletes at most limit rows: repeat until done is true. Conversions and leads are kept.',
  declaration: `(
  older_than interval,
  "limit" integer DEFAULT 10000)
RETURNS TABLE (
  deleted_events integer,
  deleted_visitors integer,
  deleted_requests integer,
  done boolean)
ROWS 1
SET row_security = off`,
  body: `
#variable_conflict use_variable
DECLARE
  since CONSTANT timestamptz := clock_timestamp() - older_than;
  wanted CONSTANT integer := purge_tracking_data."limit";
  target regclass;
  moment text;
  unreferenced text;
  locked tid[];
  deleted integer;
  total integer := 0;
  refusal text := CASE
    WHEN (older_than >= make_interval(days => 1) AND since <= clock_timestamp()) IS NOT TRUE THEN
      format('older_than is %s and must be at least 1 day; a number without a unit means seconds.', coalesce(older_than::text, 'null'))
    WHEN (wanted >= 1) IS NOT TRUE THEN
      format('limit is %s and must be at least 1.', coalesce(wanted::text, 'null'))
  END;
BEGIN
${refuse('Nothing was deleted. Correct the argument and call again.')}  IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_transaction_state',
      MESSAGE = 'purge_tracking_data cannot see new references to visitors under this isolation level.',
      HINT = 'Nothing was deleted. Call it under READ COMMITTED.';
  END IF;
  deleted_events := 0;
  deleted_visitors := 0;
  deleted_requests := 0;
  FOR target, moment IN
    SELECT t.target, t.moment
      FROM (VALUES
        (1, ${relation('tracking_events')}, 'created_at'),
        (2, ${relation('visitors')}, 'last_seen_at'),
        (3, ${relation('upload_requests')}, 'settled_at')) t (turn, target, moment)
     ORDER BY t.turn
  LOOP
    EXIT WHEN total = wanted;
    SELECT coalesce(string_agg(format(' AND NOT EXISTS (SELECT FROM %s r WHERE %s)', k.conrelid::regclass, k.same), ''), '')
      INTO unreferenced
      FROM (
        SELECT f.conrelid, (
                 SELECT string_agg(format('t.%I OPERATOR(%s) r.%I', b.attname, op.name, a.attname), ' AND ')
                   FROM unnest(f.conkey, f.confkey, f.conpfeqop) c (own, other, equal)
                   JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = c.own
                   JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = c.other
                   CROSS JOIN LATERAL (
                     SELECT format('%I.%s', n.nspname, o.oprname) AS name
                       FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
                      WHERE o.oid = c.equal) op) AS same
          FROM pg_constraint f
         WHERE f.confrelid = target AND f.contype = 'f' AND f.conparentid = 0) k;
    EXECUTE format(
      'SELECT array_agg(l.ctid) FROM (
         SELECT t.ctid FROM %1$s t WHERE t.%2$I < $1%3$s ORDER BY t.%2$I LIMIT $2 FOR UPDATE SKIP LOCKED) l',
      target, moment, unreferenced) INTO locked USING since, wanted - total;
    EXECUTE format('DELETE FROM %s t WHERE t.ctid = ANY ($1)%s', target, unreferenced) USING locked;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    total := total + deleted;
    CASE moment
      WHEN 'created_at' THEN deleted_events := deleted;
      WHEN 'last_seen_at' THEN deleted_visitors := deleted;
      ELSE deleted_requests := deleted;
    END CASE;
  END LOOP;
  done := total < wanted;
  RETURN NEXT;
END
`,
};

/** What the release declares once this migration, its last, is applied. */
export const DECLARATION: Declaration = {
  release: '1.0.0',
  head: '20261128101300000_create-purge-tracking-data',
  compatibleFrom: '1.0.0',
};

export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  createClientFunction(pgm, PURGE_TRACKING_DATA);
  secureMigrationsTable(pgm, DECLARATION);
  revokeGranted(pgm);
}

export function down(pgm: MigrationBuilder): void {
  secureMigrationsTable(pgm);
  dropClientFunction(pgm, PURGE_TRACKING_DATA);
}
