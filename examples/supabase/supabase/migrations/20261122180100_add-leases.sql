-- conversion-tracking-schema: 20261122180100000_add-leases
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
  IF NOT '20261122180100000_add-leases' = ANY (recorded) THEN
    IF NOT '20261122180000000_add-google-columns' = ANY (recorded) THEN
      RAISE EXCEPTION USING MESSAGE = '20261122180100000_add-leases comes after 20261122180000000_add-google-columns, which is not recorded in tracking_migrations. Run the SQL of that one first.';
    END IF;
    EXECUTE $step$SET LOCAL timezone = 'UTC';$step$;
    EXECUTE $step$ALTER TABLE "conversion_queue"
  ADD "leased_until" timestamptz,
  ADD "lease_id" uuid;
COMMENT ON COLUMN "conversion_queue"."leased_until" IS $pga$Until when the entry is out with a worker; nobody else gets it before.$pga$;
COMMENT ON COLUMN "conversion_queue"."lease_id" IS $pga$The claim that the entry is out with, until that one has answered.$pga$;$step$;
    EXECUTE $step$CREATE INDEX "idx_queue_due" ON "conversion_queue" ("platform", (coalesce(next_retry_at, created_at))) WHERE status IN ('pending', 'failed');$step$;
    EXECUTE $step$CREATE INDEX "idx_queue_dead_letter" ON "conversion_queue" ("platform", "created_at") WHERE status = 'dead_letter';$step$;
    EXECUTE $step$ALTER TABLE conversion_queue SET (fillfactor = 65, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, vacuum_index_cleanup = on);$step$;
    INSERT INTO tracking_migrations (name, run_on)
      VALUES ('20261122180100000_add-leases', pg_catalog.now() AT TIME ZONE 'UTC');
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
