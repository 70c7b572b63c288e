-- conversion-tracking-schema: 20261128100500000_extend-tables
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
       AND (c.relname = ANY (ARRAY['visitors', 'conversions', 'conversion_queue', 'tracking_events']::name[]) OR c.relname = 'leads' AND obj_description(c.oid, 'pg_class') = 'Placeholder leads table, created by conversion-tracking-schema where the application has none.'
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
     WHERE p.pronamespace = here AND p.proname = ANY (ARRAY[]::name[]) AND age(p.xmin) <= 0 AND EXISTS (
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
      VALUES ('20261128100500000_extend-tables', pg_catalog.now() AT TIME ZONE 'UTC');
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
