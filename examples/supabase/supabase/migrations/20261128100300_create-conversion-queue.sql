-- conversion-tracking-schema: 20261128100300000_create-conversion-queue
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
  IF NOT '20261128100300000_create-conversion-queue' = ANY (recorded) THEN
    IF NOT '20261128100200000_create-conversions' = ANY (recorded) THEN
      RAISE EXCEPTION USING MESSAGE = '20261128100300000_create-conversion-queue comes after 20261128100200000_create-conversions, which is not recorded in tracking_migrations. Run the SQL of that one first.';
    END IF;
    EXECUTE $step$SET LOCAL timezone = 'UTC';$step$;
    EXECUTE $step$CREATE TABLE "conversion_queue" (
  "id" uuid DEFAULT gen_random_uuid() PRIMARY KEY,
  "conversion_id" uuid NOT NULL,
  "platform" text DEFAULT $pga$google_ads$pga$ NOT NULL,
  "status" text DEFAULT $pga$pending$pga$ NOT NULL,
  "retry_count" integer DEFAULT 0 NOT NULL,
  "max_retries" integer DEFAULT 5 NOT NULL,
  "next_retry_at" timestamptz,
  "last_error" text,
  "uploaded_at" timestamptz,
  "created_at" timestamptz DEFAULT now() NOT NULL,
  "updated_at" timestamptz DEFAULT now() NOT NULL
);
COMMENT ON COLUMN "conversion_queue"."id" IS $pga$Primary key.$pga$;
COMMENT ON COLUMN "conversion_queue"."conversion_id" IS $pga$The conversion to upload, a row of conversions.$pga$;
COMMENT ON COLUMN "conversion_queue"."platform" IS $pga$Where to upload to.$pga$;
COMMENT ON COLUMN "conversion_queue"."status" IS $pga$pending, uploaded, failed (will be retried) or dead_letter (will not be retried).$pga$;
COMMENT ON COLUMN "conversion_queue"."retry_count" IS $pga$Failed attempts; at most max_retries.$pga$;
COMMENT ON COLUMN "conversion_queue"."max_retries" IS $pga$Failed attempts after which the entry becomes a dead letter.$pga$;
COMMENT ON COLUMN "conversion_queue"."next_retry_at" IS $pga$End of the backoff after a reported failure. Null where there is none: no failure was reported since the entry was created or requeued, or it is uploaded or a dead letter.$pga$;
COMMENT ON COLUMN "conversion_queue"."last_error" IS $pga$Error of the last failed attempt.$pga$;
COMMENT ON COLUMN "conversion_queue"."uploaded_at" IS $pga$When the upload was reported as completed.$pga$;
COMMENT ON COLUMN "conversion_queue"."created_at" IS $pga$When the row was inserted.$pga$;
COMMENT ON COLUMN "conversion_queue"."updated_at" IS $pga$When the row was last changed.$pga$;
COMMENT ON TABLE "conversion_queue" IS $pga$One row per conversion and platform to upload to.$pga$;$step$;
    EXECUTE $step$ALTER TABLE "conversion_queue"
  ADD CONSTRAINT "conversion_queue_status_check" CHECK (status IN ('pending', 'uploaded', 'failed', 'dead_letter'));$step$;
    EXECUTE $step$ALTER TABLE "conversion_queue"
  ADD CONSTRAINT "conversion_queue_conversion_id_fkey" FOREIGN KEY ("conversion_id") REFERENCES conversions(id) ON DELETE CASCADE;$step$;
    EXECUTE $step$CREATE INDEX "idx_queue_status_next_retry" ON "conversion_queue" ("status", "next_retry_at") WHERE status IN ('pending', 'failed');$step$;
    EXECUTE $step$CREATE INDEX "idx_queue_conversion_id" ON "conversion_queue" ("conversion_id");$step$;
    EXECUTE $step$CREATE INDEX "idx_queue_platform" ON "conversion_queue" ("platform");$step$;
    EXECUTE $step$DO $access$
DECLARE
  path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
  here CONSTANT pg_catalog.oid := (
    SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema());
  target CONSTANT pg_catalog.regclass := 'conversion_queue';
  grantee pg_catalog.text;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;
  SET LOCAL quote_all_identifiers = off; -- function bodies keep the schema's name as it prints

  IF EXISTS (
    SELECT FROM pg_class c
     WHERE c.relname = 'visitors' AND c.relnamespace = here AND pg_get_userbyid(c.relowner) <> current_user)
  THEN
    EXECUTE format('ALTER TABLE %s OWNER TO %I', target, coalesce((
      SELECT pg_get_userbyid(c.relowner)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relname = 'visitors' AND c.relnamespace = here AND (NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
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
  PERFORM set_config('search_path', path, true);
END
$access$;$step$;
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
      VALUES ('20261128100300000_create-conversion-queue', pg_catalog.now() AT TIME ZONE 'UTC');
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
