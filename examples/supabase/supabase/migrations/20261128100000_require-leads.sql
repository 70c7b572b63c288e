-- conversion-tracking-schema: 20261128100000000_require-leads
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
  IF pg_catalog.to_regclass(pg_catalog.quote_ident(pg_catalog.current_schema()) || '.tracking_migrations') IS NULL THEN
    CREATE TABLE tracking_migrations (
      id serial PRIMARY KEY,
      name varchar(255) NOT NULL,
      run_on timestamp NOT NULL
    );
    
DECLARE
  path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
  here CONSTANT pg_catalog.oid := (
    SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema());

    target CONSTANT pg_catalog.regclass := 'tracking_migrations';
    id_sequence pg_catalog.regclass;
    grantee pg_catalog.text;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;
  SET LOCAL quote_all_identifiers = off; -- function bodies keep the schema's name as it prints

  IF EXISTS (
    SELECT FROM pg_class c
     WHERE c.relname = 'visitors' AND c.relnamespace = (SELECT t.relnamespace FROM pg_class t WHERE t.oid = target) AND pg_get_userbyid(c.relowner) <> current_user)
  THEN
    EXECUTE format('ALTER TABLE %s OWNER TO %I', target, coalesce((
      SELECT pg_get_userbyid(c.relowner)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relname = 'visitors' AND c.relnamespace = (SELECT t.relnamespace FROM pg_class t WHERE t.oid = target) AND (NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
  OR c.relowner IN (n.nspowner, (SELECT d.datdba FROM pg_database d WHERE d.datname = current_database()))
  OR pg_get_userbyid(c.relowner) = current_user)), current_user));
  END IF;
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
  PERFORM set_config('search_path', path, true);
END
;
  END IF;

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
  IF NOT '20261128100000000_require-leads' = ANY (recorded) THEN
    EXECUTE $step$DO $refusals$
DECLARE
  path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
  here CONSTANT pg_catalog.oid := (
    SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema());
  leads CONSTANT oid := (
    SELECT c.oid FROM pg_class c WHERE c.relname = 'leads' AND c.relpersistence <> 't' AND pg_table_is_visible(c.oid));
  migrations_table regclass;
  recorded boolean;
  conflicting text;
  id_type text;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;
  SET LOCAL quote_all_identifiers = off; -- function bodies keep the schema's name as it prints

  FOR migrations_table IN
    SELECT c.oid::regclass
      FROM pg_class c
     WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND c.relnatts >= 3 AND pg_has_role(c.relowner, 'USAGE')
       AND (SELECT array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
              FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
         = ARRAY['id integer', 'name character varying(255)', 'run_on timestamp without time zone']
       AND c.relnamespace = here
       AND EXISTS (SELECT FROM pg_namespace n WHERE n.oid = c.relnamespace AND (NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
  OR c.relowner IN (n.nspowner, (SELECT d.datdba FROM pg_database d WHERE d.datname = current_database()))
  OR pg_get_userbyid(c.relowner) = current_user))
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE name = %L)', migrations_table, '20261128100000000_require-leads') INTO recorded;
    IF recorded THEN
      RAISE EXCEPTION USING ERRCODE = 'CTS02',
        MESSAGE = format('The tracking schema already exists in schema %s, recorded in %s; nothing was changed. Run: %s',
          here::regnamespace, migrations_table,
          CASE (SELECT c.relname FROM pg_class c WHERE c.oid = migrations_table)
            WHEN 'tracking_migrations' THEN 'npx node-pg-migrate up -f node_modules/conversion-tracking-schema/node-pg-migrate.config.js (in a checkout of the package: -f node-pg-migrate.config.js)'
            WHEN 'pgmigrations' THEN 'npx node-pg-migrate up (without -f), or call runMigrations(), which adopts the record'
            ELSE format('npx node-pg-migrate up -t %s', (SELECT c.relname FROM pg_class c WHERE c.oid = migrations_table))
          END);
    END IF;
  END LOOP;

  SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.relname) INTO conflicting
    FROM pg_class c
   WHERE c.relnamespace = here
     AND c.relname IN ('visitors', 'conversions', 'conversion_queue', 'tracking_events');
  IF conflicting IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'CTS03',
      MESSAGE = format('These tables already exist and no migrations table records them: %s; nothing was changed. Rename the conflicting tables, use another schema, or call runMigrations(), which adopts tables of the same shape.',
        conflicting);
  END IF;

  IF leads IS NOT NULL THEN
    SELECT (WITH RECURSIVE base AS (
              SELECT a.atttypid AS type, a.atttypmod AS modifier
              UNION ALL
              SELECT t.typbasetype, t.typtypmod FROM base JOIN pg_type t ON t.oid = base.type AND t.typtype = 'd')
            SELECT format_type(type, modifier) FROM base JOIN pg_type t ON t.oid = base.type AND t.typtype <> 'd') INTO id_type
      FROM pg_attribute a WHERE a.attrelid = leads AND a.attname = 'id' AND NOT a.attisdropped;
    IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = leads AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p') THEN
      RAISE EXCEPTION USING ERRCODE = 'CTS01',
        MESSAGE = format('%s is not an ordinary table, so conversions.lead_id cannot reference it; nothing was changed. Make it a table, or use a search path without it.', leads::regclass);
    ELSIF id_type IS DISTINCT FROM 'uuid' THEN
      RAISE EXCEPTION USING ERRCODE = 'CTS01',
        MESSAGE = format('%s.id is %s and conversions.lead_id needs uuid; nothing was changed. Give leads an id of type uuid, or use a search path without it.', leads::regclass, coalesce(id_type, 'missing'));
    ELSIF NOT EXISTS (
      SELECT FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'id' AND i.indkey[0] = a.attnum
       WHERE i.indrelid = leads AND i.indisunique AND i.indimmediate AND i.indisvalid
         AND i.indnkeyatts = 1 AND i.indpred IS NULL AND i.indexprs IS NULL) THEN
      RAISE EXCEPTION USING ERRCODE = 'CTS01',
        MESSAGE = format('%s.id is not unique, so conversions.lead_id cannot reference it; nothing was changed. Run: ALTER TABLE %s ADD UNIQUE (id)', leads::regclass, leads::regclass);
    END IF;
  END IF;
  PERFORM set_config('search_path', path, true);
END
$refusals$;$step$;
    EXECUTE $step$SET LOCAL timezone = 'UTC';$step$;
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
      EXECUTE format('COMMENT ON TABLE %s IS %L', target, 'Records which migrations of conversion-tracking-schema have run.');
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
    EXECUTE $step$DO $leads$
DECLARE
  path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
  here CONSTANT pg_catalog.oid := (
    SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema());

  found CONSTANT boolean := EXISTS (
    SELECT FROM pg_class c WHERE c.relname = 'leads' AND c.relpersistence <> 't' AND pg_table_is_visible(c.oid));
  target regclass;
  grantee text;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;
  SET LOCAL quote_all_identifiers = off; -- function bodies keep the schema's name as it prints

  IF NOT found THEN
    EXECUTE format('CREATE TABLE %s.leads (
      id uuid DEFAULT gen_random_uuid() CONSTRAINT leads_pkey PRIMARY KEY,
      created_at timestamptz NOT NULL DEFAULT now()
    )', here::regnamespace);
    target := format('%s.leads', here::regnamespace);
    EXECUTE format('COMMENT ON TABLE %s IS %L', target, 'Placeholder leads table, created by conversion-tracking-schema where the application has none.');
    EXECUTE format('COMMENT ON COLUMN %s.id IS %L', target, 'Primary key, referenced by conversions.lead_id.');
    EXECUTE format('COMMENT ON COLUMN %s.created_at IS %L', target, 'When the row was inserted.');

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
  END IF;
  PERFORM set_config('search_path', path, true);
END
$leads$;$step$;
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
      VALUES ('20261128100000000_require-leads', pg_catalog.now() AT TIME ZONE 'UTC');
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
