-- conversion-tracking-schema: 20261122110500000_add-checks
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
  IF NOT '20261122110500000_add-checks' = ANY (recorded) THEN
    IF NOT '20261122110400000_create-tracking-events' = ANY (recorded) THEN
      RAISE EXCEPTION USING MESSAGE = '20261122110500000_add-checks comes after 20261122110400000_create-tracking-events, which is not recorded in tracking_migrations. Run the SQL of that one first.';
    END IF;
    EXECUTE $step$SET LOCAL timezone = 'UTC';$step$;
    EXECUTE $step$ALTER TABLE "visitors"
  ADD CONSTRAINT "visitors_ip_hash_check" CHECK (ip_hash !~* '(^|[^0-9A-Za-z./+$_-])/*[0-9]{1,3}([.][0-9]{1,3}){3}[.]?($|[^0-9A-Za-z.+$])|(^|[^0-9A-Za-z./+$_:-])/*(([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|([0-9a-f]{1,4}:){6}[0-9]{1,3}([.][0-9]{1,3}){3}|([0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,6})?::(([0-9a-f]{1,4}:){0,6}([0-9a-f]{1,4}|[0-9]{1,3}([.][0-9]{1,3}){3}))?)(:[0-9]{1,5})?($|[^0-9A-Za-z.+$:])');
COMMENT ON CONSTRAINT "visitors_ip_hash_check" ON "visitors" IS $pga$Refuses a raw IPv4 or IPv6 address.$pga$;$step$;
    EXECUTE $step$ALTER TABLE "conversions"
  ADD CONSTRAINT "conversions_conversion_currency_check" CHECK (conversion_currency ~ '^[A-Z]{3}$');
COMMENT ON CONSTRAINT "conversions_conversion_currency_check" ON "conversions" IS $pga$An ISO 4217 code has three capital letters.$pga$;$step$;
    EXECUTE $step$ALTER TABLE "conversions"
  ADD CONSTRAINT "conversions_idempotency_key_check" CHECK (idempotency_key = crm_deal_id || ':' || conversion_type);
COMMENT ON CONSTRAINT "conversions_idempotency_key_check" ON "conversions" IS $pga$Where the deal is known, the key is made of it.$pga$;$step$;
    EXECUTE $step$ALTER TABLE "conversion_queue"
  ADD CONSTRAINT "conversion_queue_retry_count_check" CHECK (retry_count BETWEEN 0 AND max_retries);
COMMENT ON CONSTRAINT "conversion_queue_retry_count_check" ON "conversion_queue" IS $pga$An entry is tried at most max_retries times.$pga$;$step$;
    EXECUTE $step$ALTER TABLE "tracking_events"
  ADD CONSTRAINT "tracking_events_params_check" CHECK (jsonb_typeof(params) = 'object');
COMMENT ON CONSTRAINT "tracking_events_params_check" ON "tracking_events" IS $pga$Parameters are a JSON object.$pga$;$step$;
    INSERT INTO tracking_migrations (name, run_on)
      VALUES ('20261122110500000_add-checks', pg_catalog.now() AT TIME ZONE 'UTC');
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
