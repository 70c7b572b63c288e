-- conversion-tracking-schema: 20261127120000000_spare-the-updated-at-trigger
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
  IF NOT '20261127120000000_spare-the-updated-at-trigger' = ANY (recorded) THEN
    IF NOT '20261122180800000_declare-release-0-2' = ANY (recorded) THEN
      RAISE EXCEPTION USING MESSAGE = '20261127120000000_spare-the-updated-at-trigger comes after 20261122180800000_declare-release-0-2, which is not recorded in tracking_migrations. Run the SQL of that one first.';
    END IF;
    EXECUTE $step$SET LOCAL timezone = 'UTC';$step$;
    EXECUTE $step$CREATE OR REPLACE TRIGGER conversion_queue_set_updated_at
  BEFORE UPDATE ON conversion_queue
  FOR EACH ROW
  WHEN (coalesce(NEW.updated_at OPERATOR(pg_catalog.<>) pg_catalog.now(), true) AND OLD.* OPERATOR(pg_catalog.*<>) NEW.*)
  EXECUTE FUNCTION tracking_set_updated_at();$step$;
    INSERT INTO tracking_migrations (name, run_on)
      VALUES ('20261127120000000_spare-the-updated-at-trigger', pg_catalog.now() AT TIME ZONE 'UTC');
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
