-- conversion-tracking-schema: 20261128101300000_create-purge-tracking-data
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
  IF NOT '20261128101300000_create-purge-tracking-data' = ANY (recorded) THEN
    IF NOT '20261128101200000_create-visitor-functions' = ANY (recorded) THEN
      RAISE EXCEPTION USING MESSAGE = '20261128101300000_create-purge-tracking-data comes after 20261128101200000_create-visitor-functions, which is not recorded in tracking_migrations. Run the SQL of that one first.';
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
  EXECUTE 'CREATE FUNCTION ' || home || $declaration$.purge_tracking_data(
  older_than interval,
  "limit" integer DEFAULT 10000)
RETURNS TABLE (
  deleted_events integer,
  deleted_visitors integer,
  deleted_requests integer,
  done boolean)
ROWS 1
SET row_security = off
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $declaration$ || quote_literal(replace($body$
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
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,
      HINT = 'Nothing was deleted. Correct the argument and call again.';
  END IF;
  IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
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
        (1, (SELECT t.typrelid FROM pg_type t WHERE t.oid = pg_typeof(NULL::{schema}.tracking_events)), 'created_at'),
        (2, (SELECT t.typrelid FROM pg_type t WHERE t.oid = pg_typeof(NULL::{schema}.visitors)), 'last_seen_at'),
        (3, (SELECT t.typrelid FROM pg_type t WHERE t.oid = pg_typeof(NULL::{schema}.upload_requests)), 'settled_at')) t (turn, target, moment)
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
$body$, '{schema}', home));
  target := home || $types$.purge_tracking_data(interval, integer)$types$;
  EXECUTE format('COMMENT ON FUNCTION %s IS %L', target, $comment$Deletes events older than older_than. When none are left, deletes visitors not seen since then that no row references, and upload requests settled before then. Deletes at most limit rows: repeat until done is true. Conversions and leads are kept.$comment$);
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
    EXECUTE $step$DO $migrations_table$
DECLARE
  path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
  here CONSTANT pg_catalog.oid := (
    SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema());

  usual CONSTANT regclass := coalesce(
    (SELECT c.oid FROM pg_class c WHERE c.relname = 'tracking_migrations' AND c.relnamespace = here),
    (SELECT c.oid FROM pg_class c WHERE c.relname = 'pgmigrations' AND c.relnamespace = here));
  target regclass;
  id_sequence regclass;
  grantee text;
  comment text;
  recorded boolean;
  secured boolean := false;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;
  SET LOCAL quote_all_identifiers = off; -- function bodies keep the schema's name as it prints

  FOR target IN
    SELECT c.oid::regclass
      FROM pg_class c
     WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND c.relnatts >= 3 AND pg_has_role(c.relowner, 'USAGE')
       AND (SELECT array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
              FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
         = ARRAY['id integer', 'name character varying(255)', 'run_on timestamp without time zone']
       AND has_schema_privilege(c.relnamespace, 'USAGE')
       AND (c.relnamespace = here OR NOT EXISTS (
         SELECT FROM pg_class v WHERE v.relname = 'visitors' AND v.relnamespace = c.relnamespace))
     ORDER BY c.relnamespace = here DESC
  LOOP
    EXIT WHEN secured AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = target AND c.relnamespace = here);
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE name = %L)', target, '20261128100000000_require-leads') INTO recorded;
    IF NOT recorded AND target = usual THEN
      EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', target) INTO recorded;
    END IF;
    CONTINUE WHEN NOT recorded;
    secured := true;
    comment := obj_description(target, 'pg_class');
    IF starts_with(coalesce(comment, 'Records which migrations of conversion-tracking-schema have run.'), 'Records which migrations of conversion-tracking-schema have run.') THEN
      EXECUTE format('COMMENT ON TABLE %s IS %L', target, 'Records which migrations of conversion-tracking-schema have run. {"release":"1.0.0","head":"20261128101300000_create-purge-tracking-data","compatibleFrom":"1.0.0"}');
    END IF;
    IF NOT coalesce(starts_with(comment, 'Records which migrations of conversion-tracking-schema have run.'), false) THEN

  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', target);
  FOR grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM pg_class c
      CROSS JOIN LATERAL (
        SELECT e.grantee FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) e
        UNION SELECT e.grantee FROM pg_attribute t, aclexplode(t.attacl) e WHERE t.attrelid = c.oid
        UNION SELECT 0::oid
      ) a
     WHERE c.oid = target AND a.grantee <> c.relowner
  LOOP
    EXECUTE format('REVOKE ALL ON TABLE %s FROM %s CASCADE', target, grantee);
    EXECUTE format('REVOKE ALL ON TYPE %s FROM %s CASCADE', target, grantee);
  END LOOP;
  IF to_regrole('service_role') IS NOT NULL THEN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE %s TO service_role', target);
  END IF;
  id_sequence := pg_get_serial_sequence(target::text, 'id');
  IF id_sequence IS NOT NULL THEN
    FOR grantee IN
      SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
        FROM pg_class c
        CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('s', c.relowner))) a
       WHERE c.oid = id_sequence AND a.grantee <> c.relowner
    LOOP
      EXECUTE format('REVOKE ALL ON SEQUENCE %s FROM %s CASCADE', id_sequence, grantee);
    END LOOP;
  END IF;
    END IF;
  END LOOP;
  PERFORM set_config('search_path', path, true);
END
$migrations_table$;$step$;
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
      VALUES ('20261128101300000_create-purge-tracking-data', pg_catalog.now() AT TIME ZONE 'UTC');
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
