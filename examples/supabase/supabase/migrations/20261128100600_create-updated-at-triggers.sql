-- conversion-tracking-schema: 20261128100600000_create-updated-at-triggers
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
  -- The migration lock, which runMigrations() takes as well.
  PERFORM pg_catalog.pg_advisory_xact_lock(7241865325823964);
  IF pg_catalog.to_regclass('tracking_migrations') IS NOT NULL THEN
    recorded := ARRAY(SELECT name::text FROM tracking_migrations);
  END IF;
  IF NOT '20261128100600000_create-updated-at-triggers' = ANY (recorded) THEN
    IF NOT '20261128100530000_create-upload-requests' = ANY (recorded) THEN
      RAISE EXCEPTION USING MESSAGE = '20261128100600000_create-updated-at-triggers comes after 20261128100530000_create-upload-requests, which is not recorded in tracking_migrations. Run the SQL of that one first.';
    END IF;
    EXECUTE $step$SET LOCAL timezone = 'UTC';$step$;
    EXECUTE $step$CREATE FUNCTION "tracking_set_updated_at"()
  RETURNS trigger
  AS $pga$
BEGIN
  IF NEW *<> OLD THEN
    NEW.updated_at := now();
  END IF;
  RETURN NEW;
END
$pga$
  VOLATILE
  LANGUAGE plpgsql
  SET "search_path" TO pg_catalog, pg_temp;$step$;
    EXECUTE $step$COMMENT ON FUNCTION tracking_set_updated_at() IS 'Trigger function: sets updated_at to the time of the transaction if the row changes.';$step$;
    EXECUTE $step$DO $access$
DECLARE
  path CONSTANT text := current_setting('search_path');
  here CONSTANT oid := (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema());
  target CONSTANT regprocedure := 'tracking_set_updated_at()';
  grantee text;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;
  SET LOCAL quote_all_identifiers = off; -- function bodies keep the schema's name as it prints

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
  PERFORM set_config('search_path', path, true);
END
$access$;$step$;
    EXECUTE $step$CREATE TRIGGER "conversions_set_updated_at"
  BEFORE UPDATE ON "conversions"
  FOR EACH ROW
  WHEN (NEW.updated_at IS DISTINCT FROM pg_catalog.now())
  EXECUTE PROCEDURE "tracking_set_updated_at"();$step$;
    EXECUTE $step$COMMENT ON TRIGGER conversions_set_updated_at ON conversions IS 'Sets updated_at when a row changes.';$step$;
    EXECUTE $step$CREATE TRIGGER "conversion_queue_set_updated_at"
  BEFORE UPDATE ON "conversion_queue"
  FOR EACH ROW
  WHEN (NEW.updated_at IS DISTINCT FROM pg_catalog.now())
  EXECUTE PROCEDURE "tracking_set_updated_at"();$step$;
    EXECUTE $step$COMMENT ON TRIGGER conversion_queue_set_updated_at ON conversion_queue IS 'Sets updated_at when a row changes.';$step$;
    EXECUTE $step$DO $access$
DECLARE
  path CONSTANT text := current_setting('search_path');
  here CONSTANT oid := (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema());
  target_table regclass;
  target_function regprocedure;
  grantee text;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;
  SET LOCAL quote_all_identifiers = off; -- function bodies keep the schema's name as it prints

  FOR target_table IN
    SELECT c.oid FROM pg_class c
     WHERE c.relnamespace = here
       AND (c.relname = ANY (ARRAY['conversions', 'conversion_queue']::name[]) OR c.relname = 'leads' AND obj_description(c.oid, 'pg_class') = 'Placeholder leads table, created by conversion-tracking-schema where the application has none.'
       AND ARRAY(SELECT attname::text FROM pg_attribute
                  WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum)
         = ARRAY['id', 'created_at'])
       AND (
         age(c.xmin) <= 0 AND EXISTS (
           SELECT FROM aclexplode(c.relacl) a
            WHERE a.grantee NOT IN (c.relowner, coalesce(to_regrole('service_role')::oid, c.relowner))
               OR a.grantee <> c.relowner
                  AND (a.is_grantable OR a.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')))
         OR EXISTS (
           SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL AND age(t.xmin) <= 0)
         OR EXISTS (
           SELECT FROM pg_type t, aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) a
            WHERE t.oid = c.reltype AND a.grantee <> t.typowner AND age(t.xmin) <= 0))
  LOOP
    DECLARE target CONSTANT regclass := target_table; BEGIN
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
    END;
  END LOOP;
  FOR target_function IN
    SELECT p.oid
      FROM pg_proc p JOIN pg_class c ON c.relnamespace = here AND c.relname = 'visitors' AND c.relowner = p.proowner
     WHERE p.pronamespace = here AND p.proname = ANY (ARRAY['tracking_set_updated_at']::name[]) AND age(p.xmin) <= 0 AND EXISTS (
         SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
          WHERE a.grantee NOT IN (p.proowner, coalesce(to_regrole('service_role')::oid, p.proowner))
             OR a.grantee <> p.proowner AND (a.is_grantable OR p.prorettype = 'trigger'::regtype))
  LOOP
    DECLARE target CONSTANT regprocedure := target_function; BEGIN
  FOR grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM pg_proc p
      CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
     WHERE p.oid = target AND a.grantee <> p.proowner
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE', target, grantee);
  END LOOP;
      IF to_regrole('service_role') IS NOT NULL
         AND EXISTS (SELECT FROM pg_proc p WHERE p.oid = target AND p.prorettype <> 'trigger'::regtype) THEN
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO service_role', target);
      END IF;
    END;
  END LOOP;
  PERFORM set_config('search_path', path, true);
END
$access$;$step$;
    INSERT INTO tracking_migrations (name, run_on)
      VALUES ('20261128100600000_create-updated-at-triggers', pg_catalog.now() AT TIME ZONE 'UTC');
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
