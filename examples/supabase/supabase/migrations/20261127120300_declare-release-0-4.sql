-- conversion-tracking-schema: 20261127120300000_declare-release-0-4
-- Generated. May be run again: what tracking_migrations records is skipped.

DO $timeout$
BEGIN
  IF pg_catalog.current_setting('statement_timeout') = '0' THEN
    PERFORM pg_catalog.set_config('statement_timeout', '60s', false), pg_catalog.set_config('tracking_schema.statement_timeout', 'set', false);
  END IF;
END
$timeout$;

DO $migration$
DECLARE
  lock_timeout CONSTANT text := pg_catalog.current_setting('lock_timeout');
  zone CONSTANT text := pg_catalog.current_setting('TimeZone');
  recorded text[] := '{}';
BEGIN
  PERFORM pg_catalog.set_config('lock_timeout', '5s', true) WHERE lock_timeout = '0';
  -- One migrator at a time: runMigrations() takes this lock, too.
  PERFORM pg_catalog.pg_advisory_xact_lock(7241865325823964);
  IF pg_catalog.to_regclass('tracking_migrations') IS NOT NULL THEN
    recorded := ARRAY(SELECT name::text FROM tracking_migrations);
  END IF;
  IF NOT '20261127120300000_declare-release-0-4' = ANY (recorded) THEN
    IF NOT '20261127120200000_replace-queue-answers' = ANY (recorded) THEN
      RAISE EXCEPTION USING MESSAGE = '20261127120300000_declare-release-0-4 comes after 20261127120200000_replace-queue-answers, which is not recorded in tracking_migrations. Run the SQL of that one first.';
    END IF;
    EXECUTE $step$SET LOCAL timezone = 'UTC';$step$;
    EXECUTE $step$DO $migrations table$
DECLARE
  path CONSTANT text := current_setting('search_path');
  here CONSTANT oid := (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema());

  usual CONSTANT regclass := coalesce(
    (SELECT c.oid FROM pg_class c WHERE c.relname = 'tracking_migrations' AND c.relnamespace = here),
    (SELECT c.oid FROM pg_class c WHERE c.relname = 'pgmigrations' AND c.relnamespace = here));
  target regclass;
  id_sequence regclass;
  grantee text;
  comment text;
  recorded boolean;
  ours boolean := false;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;

  FOR target IN
    SELECT c.oid::regclass
      FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND pg_has_role(c.relowner, 'USAGE')
     GROUP BY c.oid
    HAVING array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
         = ARRAY['id integer', 'name character varying(255)', 'run_on timestamp without time zone']
       AND has_schema_privilege(min(c.relnamespace), 'USAGE')
       AND (min(c.relnamespace) = here OR NOT EXISTS (
         SELECT FROM pg_class v WHERE v.relname = 'visitors' AND v.relnamespace = min(c.relnamespace)))
     ORDER BY min(c.relnamespace) = here DESC
  LOOP
    EXIT WHEN ours AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = target AND c.relnamespace = here);
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE name = %L)', target, '20261122110000000_require-leads') INTO recorded;
    IF NOT recorded AND target = usual THEN
      EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', target) INTO recorded;
    END IF;
    CONTINUE WHEN NOT recorded;
    ours := true;
    comment := obj_description(target, 'pg_class');
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
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'service_role') THEN
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
    IF starts_with(coalesce(comment, 'Records which migrations of conversion-tracking-schema have run.'), 'Records which migrations of conversion-tracking-schema have run.') THEN
      EXECUTE format('COMMENT ON TABLE %s IS %L', target, 'Records which migrations of conversion-tracking-schema have run. {"release":"0.4.0","head":"20261127120300000_declare-release-0-4","compatibleFrom":"0.1.0"}');
    END IF;
  END LOOP;
  PERFORM set_config('search_path', path, true);
END
$migrations table$;$step$;
    INSERT INTO tracking_migrations (name, run_on)
      VALUES ('20261127120300000_declare-release-0-4', pg_catalog.now() AT TIME ZONE 'UTC');
  END IF;
  PERFORM pg_catalog.set_config('TimeZone', zone, true);
  PERFORM pg_catalog.set_config('lock_timeout', lock_timeout, true);
END
$migration$;

DO $timeout$
BEGIN
  IF pg_catalog.current_setting('tracking_schema.statement_timeout', true) = 'set' THEN
    PERFORM pg_catalog.set_config('statement_timeout', '0', false), pg_catalog.set_config('tracking_schema.statement_timeout', '', false);
  END IF;
END
$timeout$;
