-- conversion-tracking-schema: 20261128101100000_create-queue-health
-- Generated. May be run again: what tracking_migrations records is skipped.

DO $timeout$
BEGIN
  IF pg_catalog.current_setting('statement_timeout') OPERATOR(pg_catalog.=) '0' THEN
    PERFORM pg_catalog.set_config('statement_timeout', '60s', false), pg_catalog.set_config('tracking_schema.statement_timeout', 'set', false);
  END IF;
END
$timeout$;

DO $migration$
DECLARE
  lock_timeout CONSTANT pg_catalog.text := pg_catalog.current_setting('lock_timeout');
  zone CONSTANT pg_catalog.text := pg_catalog.current_setting('TimeZone');
  path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
  recorded pg_catalog.text[] := '{}';
BEGIN
  PERFORM pg_catalog.set_config('search_path', pg_catalog.array_to_string(ARRAY(
    SELECT pg_catalog.quote_ident(s) FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) s
     WHERE NOT pg_catalog.starts_with(s, 'pg_')), ', '), true);
  PERFORM pg_catalog.set_config('lock_timeout', '5s', true) WHERE lock_timeout = '0';
  -- The migration lock, which runMigrations() takes as well.
  PERFORM pg_catalog.pg_advisory_xact_lock(7241865325823964);

DECLARE
  path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
  here CONSTANT pg_catalog.oid := (
    SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema());

BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;
  SET LOCAL quote_all_identifiers = off; -- function bodies keep the schema's name as it prints

  IF EXISTS (
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = 'tracking_migrations' AND c.relnamespace = here
       AND NOT (c.relkind = 'r' AND pg_has_role(c.relowner, 'USAGE') AND (NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
  OR c.relowner IN (n.nspowner, (SELECT d.datdba FROM pg_database d WHERE d.datname = current_database()))
  OR pg_get_userbyid(c.relowner) = current_user)))
  THEN
    RAISE EXCEPTION USING MESSAGE = 'tracking_migrations is not a table of the role that migrates, nor of the owner of the schema or the database.',
      HINT = 'Drop or rename it, or change its owner.';
  END IF;
  PERFORM set_config('search_path', path, true);
END;
  IF pg_catalog.to_regclass(pg_catalog.quote_ident(pg_catalog.current_schema()) || '.tracking_migrations') IS NOT NULL THEN
    recorded := ARRAY(SELECT name::text FROM tracking_migrations);
  END IF;
  IF NOT '20261128101100000_create-queue-health' = ANY (recorded) THEN
    IF NOT '20261128101000000_create-upload-request-functions' = ANY (recorded) THEN
      RAISE EXCEPTION USING MESSAGE = '20261128101100000_create-queue-health comes after 20261128101000000_create-upload-request-functions, which is not recorded in tracking_migrations. Run the SQL of that one first.';
    END IF;
    EXECUTE $step$SET LOCAL timezone = 'UTC';$step$;
    EXECUTE $step$DO $function$
DECLARE
  path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
  here CONSTANT pg_catalog.oid := (
    SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema());
  home text;
  target regprocedure;
  grantee text;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;
  SET LOCAL quote_all_identifiers = off; -- function bodies keep the schema's name as it prints

  home := here::regnamespace;
  EXECUTE 'CREATE FUNCTION ' || home || $declaration$.conversion_queue_health(
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
SET enable_sort = off
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $declaration$ || quote_literal(replace($body$
#variable_conflict use_variable
DECLARE
  at CONSTANT timestamptz := clock_timestamp();
  queue CONSTANT regclass := (SELECT t.typrelid FROM pg_type t WHERE t.oid = pg_typeof(NULL::{schema}.conversion_queue));
  one text;
  plan json;
BEGIN
  IF row_security_active(pg_typeof(NULL::{schema}.conversion_queue)::text) THEN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
      MESSAGE = format('Row level security hides conversion_queue from the role %I.', current_user),
      HINT = 'Call as the owner of the tables, as service_role (SET ROLE service_role), or as a role with BYPASSRLS.';
  END IF;
  FOR one IN
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
          SELECT q.status, coalesce(q.next_retry_at, q.created_at) AS due, q.leased_until > at AS leased
            FROM {schema}.conversion_queue q
           WHERE q.platform = one AND q.status IN ('pending', 'failed')
           ORDER BY coalesce(q.next_retry_at, q.created_at) LIMIT 10001),
      found AS MATERIALIZED (
        SELECT count(*) > 10000 AS more,
               count(*) FILTER (WHERE f.due <= at AND f.leased IS NOT TRUE) > 0 AS overdue
          FROM first f),
      open AS (
        SELECT f.* FROM first f
        UNION ALL (
          SELECT q.status, coalesce(q.next_retry_at, q.created_at) AS due, q.leased_until > at AS leased
            FROM {schema}.conversion_queue q
           WHERE q.platform = one AND q.status IN ('pending', 'failed')
             AND coalesce(q.next_retry_at, q.created_at) <= at AND (q.leased_until > at) IS NOT TRUE
             AND (SELECT f.more AND NOT f.overdue FROM found f)
           ORDER BY coalesce(q.next_retry_at, q.created_at) LIMIT 1))
      SELECT s.status, o.entries, f.more, o.leased, o.overdue, o.oldest_due
        FROM found f, (VALUES ('pending'), ('failed')) s (status)
       CROSS JOIN LATERAL (
         SELECT count(*) AS entries, count(*) FILTER (WHERE o.leased) AS leased,
                count(*) FILTER (WHERE o.due <= at AND o.leased IS NOT TRUE) AS overdue,
                min(o.due) FILTER (WHERE o.due <= at AND o.leased IS NOT TRUE) AS oldest_due
           FROM open o WHERE o.status = s.status) o
      UNION ALL
      SELECT 'dead_letter', count(*), count(*) > 10000, 0, 0, NULL
        FROM (
          SELECT FROM {schema}.conversion_queue q
           WHERE q.platform = one AND q.status = 'dead_letter'
           ORDER BY q.created_at LIMIT 10001) d
      UNION ALL
      SELECT 'uploaded', count(*) FILTER (WHERE p.status = 'uploaded'), count(*) > 10000, 0, 0, NULL
        FROM (
          SELECT q.status FROM {schema}.conversion_queue q
           WHERE q.platform = one LIMIT 10001) p
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
             ORDER BY r.accepted_at LIMIT 10000) p;
        SELECT count(*) INTO expired_requests
          FROM (
            SELECT FROM {schema}.upload_requests r
             WHERE r.platform = one AND r.status = 'expired'
             ORDER BY r.accepted_at LIMIT 10000) e;
      END IF;
      RETURN NEXT;
    END LOOP;
  END LOOP;
END
$body$, '{schema}', home));
  target := home || $types$.conversion_queue_health(text)$types$;
  EXECUTE format('COMMENT ON FUNCTION %s IS %L', target, $comment$Returns one row per platform and status: the number of entries, the leased ones, those that are due and not leased (overdue), when the oldest of these became due, the uploaded entries whose request is still processed (unconfirmed), when the oldest such request was recorded, and the number of expired requests. Counts up to 10000 entries or requests of a kind: beyond that, entries is an estimate (estimated is true), and the other numbers are of the 10000 oldest. Uploaded entries are estimated if the platform has more than 10000 entries.$comment$);
  IF EXISTS (
    SELECT FROM pg_class c
     WHERE c.relname = 'visitors' AND c.relnamespace = here AND pg_get_userbyid(c.relowner) <> current_user)
  THEN
    EXECUTE format('ALTER FUNCTION %s OWNER TO %I', target, coalesce((
      SELECT pg_get_userbyid(c.relowner)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relname = 'visitors' AND c.relnamespace = here AND (NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
  OR c.relowner IN (n.nspowner, (SELECT d.datdba FROM pg_database d WHERE d.datname = current_database()))
  OR pg_get_userbyid(c.relowner) = current_user)), current_user));
  END IF;
  FOR grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM pg_proc p
      CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
     WHERE p.oid = target AND a.grantee <> p.proowner
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE', target, grantee);
  END LOOP;
  IF to_regrole('service_role') IS NOT NULL THEN
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO service_role', target);
  END IF;
  PERFORM set_config('search_path', path, true);
END
$function$;$step$;
    EXECUTE $step$DO $access$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_event_trigger) THEN
DECLARE
  path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
  here CONSTANT pg_catalog.oid := (
    SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema());
  granted text;
  target text;
  grantee text;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;
  SET LOCAL quote_all_identifiers = off; -- function bodies keep the schema's name as it prints

  FOR granted, target, grantee IN
    WITH ours AS MATERIALIZED (
      SELECT c.oid, c.relacl, c.relowner, c.reltype, c.xmin
        FROM pg_class c
       WHERE pg_has_role(c.relowner, 'USAGE')
         AND (c.relnamespace = here AND (c.relname = ANY (ARRAY['visitors', 'conversions', 'conversion_queue', 'tracking_events', 'upload_requests']::name[]) OR c.relname = 'leads' AND obj_description(c.oid, 'pg_class') = 'Placeholder leads table, created by conversion-tracking-schema where the application has none.'
       AND ARRAY(SELECT attname::text FROM pg_attribute
                  WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum)
         = ARRAY['id', 'created_at'])
           OR c.relkind = 'r' AND starts_with(obj_description(c.oid, 'pg_class'), 'Records which migrations of conversion-tracking-schema have run.'))),
    found AS (
      SELECT 'TABLE ' || o.oid::regclass AS target, o.relowner AS owner, o.relacl AS acl, '' AS part,
             ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'] AS own
        FROM ours o WHERE age(o.xmin) <= 0
      UNION ALL
      SELECT 'TABLE ' || o.oid::regclass, o.relowner, t.attacl, format(' (%I)', t.attname), '{}'
        FROM ours o JOIN pg_attribute t ON t.attrelid = o.oid WHERE age(t.xmin) <= 0
      UNION ALL
      SELECT 'TYPE ' || o.oid::regclass, o.relowner, t.typacl, '', '{}'
        FROM ours o JOIN pg_type t ON t.oid = o.reltype WHERE age(t.xmin) <= 0
      UNION ALL
      SELECT 'SEQUENCE ' || s.oid::regclass, s.relowner, s.relacl, '', '{}'
        FROM ours o
        JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = o.oid AND d.classid = d.refclassid
        JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
       WHERE age(s.xmin) <= 0
      UNION ALL
      SELECT 'FUNCTION ' || p.oid::regprocedure, p.proowner, p.proacl, '',
             CASE WHEN p.prorettype <> 'trigger'::regtype THEN ARRAY['EXECUTE'] ELSE '{}' END
        FROM pg_proc p
       WHERE p.pronamespace = here AND p.proname = ANY (ARRAY['tracking_set_updated_at', 'record_conversion', 'claim_conversions', 'complete_conversions', 'fail_conversions', 'requeue_dead_letters', 'claim_upload_requests', 'settle_upload_request', 'conversion_queue_health', 'upsert_visitor', 'record_events', 'purge_tracking_data']::name[]) AND p.prokind = 'f'
         AND pg_has_role(p.proowner, 'USAGE') AND age(p.xmin) <= 0)
    SELECT CASE WHEN kept THEN 'GRANT OPTION FOR ' ELSE '' END || a.privilege_type || f.part, f.target,
           CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM found f
     CROSS JOIN LATERAL aclexplode(f.acl) a
     CROSS JOIN LATERAL (
       SELECT a.grantee <> 0 AND pg_get_userbyid(a.grantee) = 'service_role' AND a.privilege_type = ANY (f.own)) k (kept)
     WHERE a.grantee <> f.owner AND (a.is_grantable OR NOT kept)
  LOOP
    EXECUTE format('REVOKE %s ON %s FROM %s CASCADE', granted, target, grantee);
  END LOOP;
  PERFORM set_config('search_path', path, true);
END;
  END IF;
END
$access$;$step$;
    INSERT INTO tracking_migrations (name, run_on)
      VALUES ('20261128101100000_create-queue-health', pg_catalog.now() AT TIME ZONE 'UTC');
  END IF;
  PERFORM pg_catalog.set_config('search_path', path, true);
  PERFORM pg_catalog.set_config('TimeZone', zone, true);
  PERFORM pg_catalog.set_config('lock_timeout', lock_timeout, true);
END
$migration$;

DO $timeout$
BEGIN
  IF pg_catalog.current_setting('tracking_schema.statement_timeout', true) OPERATOR(pg_catalog.=) 'set' THEN
    PERFORM pg_catalog.set_config('statement_timeout', '0', false), pg_catalog.set_config('tracking_schema.statement_timeout', '', false);
  END IF;
END
$timeout$;
