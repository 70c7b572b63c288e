-- conversion-tracking-schema: 20261122180400000_create-queue-answers
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
  IF NOT '20261122180400000_create-queue-answers' = ANY (recorded) THEN
    IF NOT '20261122180300000_create-claim-conversions' = ANY (recorded) THEN
      RAISE EXCEPTION USING MESSAGE = '20261122180400000_create-queue-answers comes after 20261122180300000_create-claim-conversions, which is not recorded in tracking_migrations. Run the SQL of that one first.';
    END IF;
    EXECUTE $step$SET LOCAL timezone = 'UTC';$step$;
    EXECUTE $step$DO $function$
DECLARE
  path CONSTANT text := current_setting('search_path');
  here CONSTANT oid := (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema());
  home text;
  target regprocedure;
  grantee text;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;

  home := here::regnamespace;
  EXECUTE 'CREATE FUNCTION ' || home || $declaration$.complete_conversions(
  ids uuid[],
  request_id text DEFAULT NULL)
RETURNS TABLE (
  id uuid,
  status text,
  retry_count integer,
  next_retry_at timestamptz,
  applied boolean)
ROWS 100
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $declaration$ || quote_literal(replace($body$
#variable_conflict use_variable
DECLARE
  entries tid[];
BEGIN
  IF ids IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'ids is missing.',
      HINT = 'Nothing was changed. Pass the ids of entries, and call again.';
  END IF;
  SELECT array_agg(l.ctid) INTO entries
    FROM (
      SELECT q.ctid FROM {schema}.conversion_queue q WHERE q.id = ANY (ids) ORDER BY q.id
         FOR NO KEY UPDATE) l;
  RETURN QUERY
    WITH completed AS (
      UPDATE {schema}.conversion_queue q
         SET status = 'uploaded',
             uploaded_at = clock_timestamp(),
             request_id = coalesce(complete_conversions.request_id, q.request_id),
             next_retry_at = NULL,
             leased_until = NULL,
             lease_id = NULL
       WHERE q.ctid = ANY (entries) AND q.status <> 'uploaded'
      RETURNING q.*)
    SELECT q.id, q.status, q.retry_count, q.next_retry_at, true FROM completed q
    UNION ALL
    SELECT q.id, q.status, q.retry_count, q.next_retry_at, false
      FROM {schema}.conversion_queue q WHERE q.ctid = ANY (entries) AND q.status = 'uploaded';
END
$body$, '{schema}', home));
  target := home || $types$.complete_conversions(uuid[], text)$types$;
  EXECUTE format('COMMENT ON FUNCTION %s IS %L', target, $comment$Marks entries as uploaded, once and for all, whoever has them out by now: an upload that the platform has taken is not taken back. applied says whether this call did it.$comment$);
  FOR grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM pg_proc p
      CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
     WHERE p.oid = target AND a.grantee <> p.proowner
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE', target, grantee);
  END LOOP;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'service_role') THEN
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO service_role', target);
  END IF;
  PERFORM set_config('search_path', path, true);
END
$function$;$step$;
    EXECUTE $step$DO $function$
DECLARE
  path CONSTANT text := current_setting('search_path');
  here CONSTANT oid := (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema());
  home text;
  target regprocedure;
  grantee text;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;

  home := here::regnamespace;
  EXECUTE 'CREATE FUNCTION ' || home || $declaration$.fail_conversions(
  ids uuid[],
  error text,
  retry_at timestamptz DEFAULT NULL,
  permanent boolean DEFAULT false,
  error_code text DEFAULT NULL,
  lease_id uuid DEFAULT NULL)
RETURNS TABLE (
  id uuid,
  status text,
  retry_count integer,
  next_retry_at timestamptz,
  applied boolean)
ROWS 100
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $declaration$ || quote_literal(replace($body$
#variable_conflict use_variable
DECLARE
  at CONSTANT timestamptz := clock_timestamp();
  entries tid[];
BEGIN
  IF NOT isfinite(retry_at) THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'retry_at is not a time.',
      HINT = 'Nothing was changed. Give a time, or null for a growing wait, and call again.';
  END IF;

  IF ids IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'ids is missing.',
      HINT = 'Nothing was changed. Pass the ids of entries, and call again.';
  END IF;
  SELECT array_agg(l.ctid) INTO entries
    FROM (
      SELECT q.ctid FROM {schema}.conversion_queue q WHERE q.id = ANY (ids) ORDER BY q.id
         FOR NO KEY UPDATE) l;
  RETURN QUERY
    WITH failed AS (
      UPDATE {schema}.conversion_queue q
         SET status = CASE WHEN permanent OR q.retry_count + 1 >= q.max_retries THEN 'dead_letter' ELSE 'failed' END,
             retry_count = least(q.retry_count + 1, q.max_retries),
             next_retry_at = CASE WHEN permanent OR q.retry_count + 1 >= q.max_retries THEN NULL
               ELSE coalesce(retry_at, at + least(power(4, least(q.retry_count, 8)) * interval '5 minutes', interval '6 hours') * (1 - random() / 4)) END,
             last_error = error,
             error_code = fail_conversions.error_code,
             leased_until = CASE WHEN fail_conversions.lease_id IS NULL THEN q.leased_until END,
             lease_id = NULL
       WHERE q.ctid = ANY (entries) AND q.status IN ('pending', 'failed')
             AND (fail_conversions.lease_id IS NULL OR q.lease_id = fail_conversions.lease_id)
      RETURNING q.*)
    SELECT q.id, q.status, q.retry_count, q.next_retry_at, true FROM failed q
    UNION ALL
    SELECT q.id, q.status, q.retry_count, q.next_retry_at, false
      FROM {schema}.conversion_queue q WHERE q.ctid = ANY (entries) AND (q.status IN ('pending', 'failed')
             AND (fail_conversions.lease_id IS NULL OR q.lease_id = fail_conversions.lease_id)) IS NOT TRUE;
END
$body$, '{schema}', home));
  target := home || $types$.fail_conversions(uuid[], text, timestamptz, boolean, text, uuid)$types$;
  EXECUTE format('COMMENT ON FUNCTION %s IS %L', target, $comment$Counts a failed try of entries, to be tried again at retry_at, else after a growing wait; dead letters where it was the last try, or permanent. With the lease_id of its claim an answer that comes when another claim has the entry changes nothing; without it the entry stays out as long as it is leased. applied says whether the call counted.$comment$);
  FOR grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM pg_proc p
      CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
     WHERE p.oid = target AND a.grantee <> p.proowner
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE', target, grantee);
  END LOOP;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'service_role') THEN
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO service_role', target);
  END IF;
  PERFORM set_config('search_path', path, true);
END
$function$;$step$;
    EXECUTE $step$DO $function$
DECLARE
  path CONSTANT text := current_setting('search_path');
  here CONSTANT oid := (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema());
  home text;
  target regprocedure;
  grantee text;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;

  home := here::regnamespace;
  EXECUTE 'CREATE FUNCTION ' || home || $declaration$.requeue_dead_letters(
  platform text DEFAULT NULL,
  ids uuid[] DEFAULT NULL,
  error_code text DEFAULT NULL,
  "limit" integer DEFAULT 1000)
RETURNS TABLE (
  id uuid,
  conversion_id uuid)
ROWS 100
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $declaration$ || quote_literal(replace($body$
#variable_conflict use_variable
BEGIN
  IF (requeue_dead_letters."limit" >= 1) IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
      MESSAGE = format('limit is %s, and must be at least 1.', coalesce(requeue_dead_letters."limit"::text, 'null')),
      HINT = 'Nothing was changed. Correct the argument, and call again.';
  END IF;
  RETURN QUERY
    WITH chosen AS MATERIALIZED (
      SELECT q.id
        FROM {schema}.conversion_queue q
       WHERE q.status = 'dead_letter'
         AND (requeue_dead_letters.platform IS NULL OR q.platform = requeue_dead_letters.platform)
         AND (ids IS NULL OR q.id = ANY (ids))
         AND (requeue_dead_letters.error_code IS NULL OR q.error_code = requeue_dead_letters.error_code)
       ORDER BY q.created_at, q.id
       LIMIT requeue_dead_letters."limit"
         FOR NO KEY UPDATE SKIP LOCKED)
    UPDATE {schema}.conversion_queue q
       SET status = 'pending', retry_count = 0, next_retry_at = NULL
      FROM chosen c
     WHERE q.id = c.id
    RETURNING q.id, q.conversion_id;
END
$body$, '{schema}', home));
  target := home || $types$.requeue_dead_letters(text, uuid[], text, integer)$types$;
  EXECUTE format('COMMENT ON FUNCTION %s IS %L', target, $comment$Gives dead letters all their tries again: of a platform, with these ids, with this error code; null is any. The oldest first, as many as the limit says.$comment$);
  FOR grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM pg_proc p
      CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
     WHERE p.oid = target AND a.grantee <> p.proowner
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE', target, grantee);
  END LOOP;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'service_role') THEN
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO service_role', target);
  END IF;
  PERFORM set_config('search_path', path, true);
END
$function$;$step$;
    INSERT INTO tracking_migrations (name, run_on)
      VALUES ('20261122180400000_create-queue-answers', pg_catalog.now() AT TIME ZONE 'UTC');
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
