-- conversion-tracking-schema: 20261128100500000_extend-tables
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
  IF NOT '20261128100500000_extend-tables' = ANY (recorded) THEN
    IF NOT '20261128100400000_create-tracking-events' = ANY (recorded) THEN
      RAISE EXCEPTION USING MESSAGE = '20261128100500000_extend-tables comes after 20261128100400000_create-tracking-events, which is not recorded in tracking_migrations. Run the SQL of that one first.';
    END IF;
    EXECUTE $step$SET LOCAL timezone = 'UTC';$step$;
    EXECUTE $step$ALTER TABLE "conversions"
  ADD "converted_at" timestamptz,
  ADD "consent_ad_user_data" text,
  ADD "consent_ad_personalization" text;
COMMENT ON COLUMN "conversions"."converted_at" IS $pga$When the lead was qualified or closed; null: at created_at.$pga$;
COMMENT ON COLUMN "conversions"."consent_ad_user_data" IS $pga$Consent to send user data to Google for advertising: granted or denied; null: unknown.$pga$;
COMMENT ON COLUMN "conversions"."consent_ad_personalization" IS $pga$Consent to personalized advertising: granted or denied; null: unknown.$pga$;$step$;
    EXECUTE $step$ALTER TABLE "conversion_queue"
  ADD "request_id" text,
  ADD "error_code" text;
COMMENT ON COLUMN "conversion_queue"."request_id" IS $pga$Id of the upload request, for platforms that report its result later.$pga$;
COMMENT ON COLUMN "conversion_queue"."error_code" IS $pga$The platform's code for last_error; LEASE_EXPIRED if the lease expired without an outcome.$pga$;$step$;
    EXECUTE $step$ALTER TABLE "conversion_queue"
  ADD "leased_until" timestamptz,
  ADD "lease_id" uuid,
  ADD "send_alone" boolean;
COMMENT ON COLUMN "conversion_queue"."leased_until" IS $pga$When the lease expires; until then no other claim returns the entry.$pga$;
COMMENT ON COLUMN "conversion_queue"."lease_id" IS $pga$The claim that leased the entry; null once its outcome was reported.$pga$;
COMMENT ON COLUMN "conversion_queue"."send_alone" IS $pga$True: upload the entry in a request of its own, since a request with others was rejected in part without saying which.$pga$;$step$;
    EXECUTE $step$ALTER TABLE "visitors"
  ADD CONSTRAINT "visitors_ip_hash_check" CHECK (NOT ((pg_catalog.strpos(ip_hash, '.') > 0 OR pg_catalog.strpos(ip_hash, ':') > 0) AND ip_hash ~ '(^|[^0-9A-Za-z./+$_-])/*[0-9]{1,3}([.][0-9]{1,3}){3}[.]?($|[^0-9A-Za-z.+$])|(^|[^0-9A-Za-z./+$_:-])/*(([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|([0-9A-Fa-f]{1,4}:){6}[0-9]{1,3}([.][0-9]{1,3}){3}|([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,6})?::(([0-9A-Fa-f]{1,4}:){0,6}([0-9A-Fa-f]{1,4}|[0-9]{1,3}([.][0-9]{1,3}){3}))?)(:[0-9]{1,5})?($|[^0-9A-Za-z.+$:])'));
COMMENT ON CONSTRAINT "visitors_ip_hash_check" ON "visitors" IS $pga$Refuses a raw IPv4 or IPv6 address.$pga$;$step$;
    EXECUTE $step$ALTER TABLE "conversions"
  ADD CONSTRAINT "conversions_conversion_currency_check" CHECK (conversion_currency ~ '^[A-Z]{3}$');
COMMENT ON CONSTRAINT "conversions_conversion_currency_check" ON "conversions" IS $pga$An ISO 4217 code has three capital letters.$pga$;$step$;
    EXECUTE $step$ALTER TABLE "conversions"
  ADD CONSTRAINT "conversions_idempotency_key_check" CHECK (idempotency_key = crm_deal_id || ':' || conversion_type);
COMMENT ON CONSTRAINT "conversions_idempotency_key_check" ON "conversions" IS $pga$The key is derived from crm_deal_id where that is known.$pga$;$step$;
    EXECUTE $step$ALTER TABLE "conversions"
  ADD CONSTRAINT "conversions_consent_ad_user_data_check" CHECK (consent_ad_user_data IN ('granted', 'denied'));
COMMENT ON CONSTRAINT "conversions_consent_ad_user_data_check" ON "conversions" IS $pga$Null means unknown.$pga$;$step$;
    EXECUTE $step$ALTER TABLE "conversions"
  ADD CONSTRAINT "conversions_consent_ad_personalization_check" CHECK (consent_ad_personalization IN ('granted', 'denied'));
COMMENT ON CONSTRAINT "conversions_consent_ad_personalization_check" ON "conversions" IS $pga$Null means unknown.$pga$;$step$;
    EXECUTE $step$ALTER TABLE "conversion_queue"
  ADD CONSTRAINT "conversion_queue_retry_count_check" CHECK (retry_count BETWEEN 0 AND max_retries);
COMMENT ON CONSTRAINT "conversion_queue_retry_count_check" ON "conversion_queue" IS $pga$An entry has at most max_retries failed attempts.$pga$;$step$;
    EXECUTE $step$ALTER TABLE "tracking_events"
  ADD CONSTRAINT "tracking_events_params_check" CHECK (jsonb_typeof(params) = 'object');
COMMENT ON CONSTRAINT "tracking_events_params_check" ON "tracking_events" IS $pga$Parameters are a JSON object.$pga$;$step$;
    EXECUTE $step$CREATE INDEX "idx_queue_due" ON "conversion_queue" ("platform", (coalesce(next_retry_at, created_at))) WHERE status IN ('pending', 'failed');$step$;
    EXECUTE $step$CREATE INDEX "idx_queue_dead_letter" ON "conversion_queue" ("platform", "created_at") WHERE status = 'dead_letter';$step$;
    EXECUTE $step$ALTER TABLE conversion_queue SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, vacuum_index_cleanup = on);$step$;
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
      VALUES ('20261128100500000_extend-tables', pg_catalog.now() AT TIME ZONE 'UTC');
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
