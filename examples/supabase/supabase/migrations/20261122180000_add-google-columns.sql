-- conversion-tracking-schema: 20261122180000000_add-google-columns
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
  IF NOT '20261122180000000_add-google-columns' = ANY (recorded) THEN
    IF NOT '20261122110700000_declare-release' = ANY (recorded) THEN
      RAISE EXCEPTION USING MESSAGE = '20261122180000000_add-google-columns comes after 20261122110700000_declare-release, which is not recorded in tracking_migrations. Run the SQL of that one first.';
    END IF;
    EXECUTE $step$SET LOCAL timezone = 'UTC';$step$;
    EXECUTE $step$ALTER TABLE "conversions"
  ADD "converted_at" timestamptz,
  ADD "consent_ad_user_data" text,
  ADD "consent_ad_personalization" text;
COMMENT ON COLUMN "conversions"."converted_at" IS $pga$When the lead was qualified or closed; null: when the row was inserted.$pga$;
COMMENT ON COLUMN "conversions"."consent_ad_user_data" IS $pga$Consent to send user data to Google for advertising: granted, denied or unknown.$pga$;
COMMENT ON COLUMN "conversions"."consent_ad_personalization" IS $pga$Consent to personalised advertising: granted, denied or unknown.$pga$;$step$;
    EXECUTE $step$ALTER TABLE "conversions"
  ADD CONSTRAINT "conversions_consent_ad_user_data_check" CHECK (consent_ad_user_data IN ('granted', 'denied'));$step$;
    EXECUTE $step$ALTER TABLE "conversions"
  ADD CONSTRAINT "conversions_consent_ad_personalization_check" CHECK (consent_ad_personalization IN ('granted', 'denied'));$step$;
    EXECUTE $step$ALTER TABLE "conversion_queue"
  ADD "request_id" text,
  ADD "error_code" text;
COMMENT ON COLUMN "conversion_queue"."request_id" IS $pga$By which the platform tells of the upload, if it answers later.$pga$;
COMMENT ON COLUMN "conversion_queue"."error_code" IS $pga$What the platform calls the error of the last failed try.$pga$;$step$;
    INSERT INTO tracking_migrations (name, run_on)
      VALUES ('20261122180000000_add-google-columns', pg_catalog.now() AT TIME ZONE 'UTC');
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
