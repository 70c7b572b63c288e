-- conversion-tracking-schema: 20261127120100000_replace-claim-conversions
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
  IF NOT '20261127120100000_replace-claim-conversions' = ANY (recorded) THEN
    IF NOT '20261127120000000_spare-the-updated-at-trigger' = ANY (recorded) THEN
      RAISE EXCEPTION USING MESSAGE = '20261127120100000_replace-claim-conversions comes after 20261127120000000_spare-the-updated-at-trigger, which is not recorded in tracking_migrations. Run the SQL of that one first.';
    END IF;
    EXECUTE $step$SET LOCAL timezone = 'UTC';$step$;
    EXECUTE $step$DO $function$
DECLARE
  path CONSTANT text := current_setting('search_path');
  here CONSTANT oid := (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema());
  home text;
  target regprocedure;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;

  home := here::regnamespace;
  target := home || $types$.claim_conversions(text, integer, interval)$types$;
  EXECUTE 'CREATE OR REPLACE FUNCTION ' || home || $declaration$.claim_conversions(
  platform text DEFAULT 'google_ads',
  "limit" integer DEFAULT 100,
  lease interval DEFAULT make_interval(mins => 5))
RETURNS TABLE (
  id uuid,
  conversion_id uuid,
  lease_id uuid,
  leased_until timestamptz,
  retry_count integer,
  max_retries integer,
  lead_id uuid,
  conversion_type text,
  conversion_value numeric,
  conversion_currency text,
  converted_at timestamptz,
  idempotency_key text,
  crm_deal_id text,
  gclid text,
  email_hash text,
  consent_ad_user_data text,
  consent_ad_personalization text,
  utm_source text,
  utm_medium text,
  utm_campaign text,
  request_id text,
  error_code text,
  last_error text)
ROWS 100
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET enable_nestloop = on
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $declaration$ || quote_literal(replace($body$
#variable_conflict use_variable
DECLARE
  at CONSTANT timestamptz := clock_timestamp();
  claim CONSTANT uuid := gen_random_uuid();
  wanted integer := claim_conversions."limit";
  width integer := wanted;
  due tid[];
  used_up tid[];
  seen integer;
  taken integer;
  buried integer := 0;
  until timestamptz;
  refusal text := CASE
    WHEN claim_conversions.platform IS NULL THEN
      'platform is missing.'
    WHEN (wanted BETWEEN 1 AND 10000) IS NOT TRUE THEN
      format('limit is %s, and must be from 1 to 10000.', coalesce(wanted::text, 'null'))
    WHEN (at + lease > at) IS NOT TRUE OR NOT isfinite(at + lease) THEN
      format('lease is %s, and must be longer than nothing.', coalesce(lease::text, 'null'))
  END;
BEGIN
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,
      HINT = 'Nothing was claimed. Correct the argument, and call again.';
  END IF;
  LOOP
    SELECT array_agg(d.ctid) FILTER (WHERE NOT d.used_up), array_agg(d.ctid) FILTER (WHERE d.used_up), count(*)
      INTO due, used_up, seen
      FROM (
        SELECT q.ctid, least(q.retry_count + (q.lease_id IS NOT NULL)::integer, q.max_retries) >= q.max_retries AS used_up
          FROM {schema}.conversion_queue q
         WHERE q.platform = claim_conversions.platform
           AND q.status IN ('pending', 'failed')
           AND coalesce(q.next_retry_at, q.created_at) <= at
           AND (q.leased_until IS NULL OR q.leased_until <= at)
         ORDER BY coalesce(q.next_retry_at, q.created_at)
         LIMIT width
           FOR NO KEY UPDATE SKIP LOCKED) d;
    IF used_up IS NOT NULL THEN
      UPDATE {schema}.conversion_queue q
         SET status = 'dead_letter',
             retry_count = least(q.retry_count + (q.lease_id IS NOT NULL)::integer, q.max_retries),
             last_error = CASE WHEN q.lease_id IS NOT NULL THEN 'The lease passed without an answer.' ELSE q.last_error END,
             error_code = CASE WHEN q.lease_id IS NOT NULL THEN 'LEASE_EXPIRED' ELSE q.error_code END,
             next_retry_at = NULL,
             leased_until = NULL,
             lease_id = NULL
       WHERE q.ctid = ANY (used_up);
      buried := buried + cardinality(used_up);
    END IF;
    until := coalesce(until, clock_timestamp() + lease); -- the first search may have waited
    RETURN QUERY
      UPDATE {schema}.conversion_queue q
         SET status = CASE WHEN q.lease_id IS NOT NULL THEN 'failed' ELSE q.status END,
             retry_count = least(q.retry_count + (q.lease_id IS NOT NULL)::integer, q.max_retries),
             last_error = CASE WHEN q.lease_id IS NOT NULL THEN 'The lease passed without an answer.' ELSE q.last_error END,
             error_code = CASE WHEN q.lease_id IS NOT NULL THEN 'LEASE_EXPIRED' ELSE q.error_code END,
             leased_until = until,
             lease_id = claim,
             updated_at = now()
        FROM unnest(due[1:wanted]) d (ctid), {schema}.conversions c
       WHERE q.ctid = d.ctid AND c.id = ANY (ARRAY[q.conversion_id])
      RETURNING q.id, q.conversion_id, q.lease_id, q.leased_until, q.retry_count, q.max_retries, c.lead_id,
             c.conversion_type, c.conversion_value, c.conversion_currency,
             coalesce(c.converted_at, c.created_at), c.idempotency_key, c.crm_deal_id, c.gclid,
             c.email_hash, c.consent_ad_user_data, c.consent_ad_personalization, c.utm_source,
             c.utm_medium, c.utm_campaign, q.request_id, q.error_code, q.last_error;
    GET DIAGNOSTICS taken = ROW_COUNT;
    wanted := wanted - taken;
    EXIT WHEN wanted = 0 OR seen < width OR buried >= 10000;
    width := width * 2;
  END LOOP;
END
$body$, '{schema}', home));
  PERFORM set_config('search_path', path, true);
END
$function$;$step$;
    INSERT INTO tracking_migrations (name, run_on)
      VALUES ('20261127120100000_replace-claim-conversions', pg_catalog.now() AT TIME ZONE 'UTC');
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
