-- up
SET LOCAL timezone = 'UTC';
DO $function$
DECLARE
  path CONSTANT text := current_setting('search_path');
  here CONSTANT oid := (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema());
  home text;
  target regprocedure;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;

  home := here::regnamespace;
  target := home || $types$.complete_conversions(uuid[], text)$types$;
  EXECUTE 'CREATE OR REPLACE FUNCTION ' || home || $declaration$.complete_conversions(
  ids uuid[],
  request_id text DEFAULT NULL)
RETURNS TABLE (
  id uuid,
  status text,
  retry_count integer,
  next_retry_at timestamptz,
  applied boolean)
ROWS 100
SET enable_seqscan = off
SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $declaration$ || quote_literal(replace($body$
#variable_conflict use_variable
DECLARE
  entries tid[];
  changed integer;
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
    UPDATE {schema}.conversion_queue q
       SET status = 'uploaded',
           uploaded_at = clock_timestamp(),
           request_id = coalesce(complete_conversions.request_id, q.request_id),
           next_retry_at = NULL,
           leased_until = NULL,
           lease_id = NULL,
           updated_at = now()
     WHERE q.ctid = ANY (entries) AND q.status <> 'uploaded'
    RETURNING q.id, q.status, q.retry_count, q.next_retry_at, true;
  GET DIAGNOSTICS changed = ROW_COUNT;
  IF changed < cardinality(entries) THEN
    RETURN QUERY
      SELECT q.id, q.status, q.retry_count, q.next_retry_at, false
        FROM {schema}.conversion_queue q WHERE q.ctid = ANY (entries) AND q.status = 'uploaded';
  END IF;
END
$body$, '{schema}', home));
  PERFORM set_config('search_path', path, true);
END
$function$;
DO $function$
DECLARE
  path CONSTANT text := current_setting('search_path');
  here CONSTANT oid := (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema());
  home text;
  target regprocedure;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;

  home := here::regnamespace;
  target := home || $types$.fail_conversions(uuid[], text, timestamptz, boolean, text, uuid)$types$;
  EXECUTE 'CREATE OR REPLACE FUNCTION ' || home || $declaration$.fail_conversions(
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
SET enable_seqscan = off
SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $declaration$ || quote_literal(replace($body$
#variable_conflict use_variable
DECLARE
  at CONSTANT timestamptz := clock_timestamp();
  entries tid[];
  changed integer;
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
    UPDATE {schema}.conversion_queue q
       SET status = CASE WHEN permanent OR q.retry_count + 1 >= q.max_retries THEN 'dead_letter' ELSE 'failed' END,
           retry_count = least(q.retry_count + 1, q.max_retries),
           next_retry_at = CASE WHEN permanent OR q.retry_count + 1 >= q.max_retries THEN NULL
             ELSE coalesce(retry_at, at + least(power(4, least(q.retry_count, 8)) * interval '5 minutes', interval '6 hours') * (1 - random() / 4)) END,
           last_error = error,
           error_code = fail_conversions.error_code,
           leased_until = CASE WHEN fail_conversions.lease_id IS NULL THEN q.leased_until END,
           lease_id = NULL,
           updated_at = now()
     WHERE q.ctid = ANY (entries) AND q.status NOT IN ('uploaded', 'dead_letter')
         AND (fail_conversions.lease_id IS NULL OR q.lease_id = fail_conversions.lease_id)
    RETURNING q.id, q.status, q.retry_count, q.next_retry_at, true;
  GET DIAGNOSTICS changed = ROW_COUNT;
  IF changed < cardinality(entries) THEN
    RETURN QUERY
      SELECT q.id, q.status, q.retry_count, q.next_retry_at, false
        FROM {schema}.conversion_queue q WHERE q.ctid = ANY (entries) AND (q.status NOT IN ('uploaded', 'dead_letter')
         AND (fail_conversions.lease_id IS NULL OR q.lease_id = fail_conversions.lease_id)) IS NOT TRUE;
  END IF;
END
$body$, '{schema}', home));
  PERFORM set_config('search_path', path, true);
END
$function$;

-- down
DO $function$
DECLARE
  path CONSTANT text := current_setting('search_path');
  here CONSTANT oid := (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema());
  home text;
  target regprocedure;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;

  home := here::regnamespace;
  target := home || $types$.fail_conversions(uuid[], text, timestamptz, boolean, text, uuid)$types$;
  EXECUTE 'CREATE OR REPLACE FUNCTION ' || home || $declaration$.fail_conversions(
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
  PERFORM set_config('search_path', path, true);
END
$function$;
DO $function$
DECLARE
  path CONSTANT text := current_setting('search_path');
  here CONSTANT oid := (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema());
  home text;
  target regprocedure;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;

  home := here::regnamespace;
  target := home || $types$.complete_conversions(uuid[], text)$types$;
  EXECUTE 'CREATE OR REPLACE FUNCTION ' || home || $declaration$.complete_conversions(
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
  PERFORM set_config('search_path', path, true);
END
$function$;
