-- conversion-tracking-schema: 20261128100900000_create-queue-functions
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
  IF NOT '20261128100900000_create-queue-functions' = ANY (recorded) THEN
    IF NOT '20261128100800000_create-record-conversion' = ANY (recorded) THEN
      RAISE EXCEPTION USING MESSAGE = '20261128100900000_create-queue-functions comes after 20261128100800000_create-record-conversion, which is not recorded in tracking_migrations. Run the SQL of that one first.';
    END IF;
    EXECUTE $step$SET LOCAL timezone = 'UTC';$step$;
    EXECUTE $step$DO $function$
DECLARE
  path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
  here CONSTANT pg_catalog.oid := (
    SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema());
  home text;
  target regprocedure;
  grantee text;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;
  SET LOCAL quote_all_identifiers = off; -- function bodies keep the schema's name as it prints

  home := here::regnamespace;
  EXECUTE 'CREATE FUNCTION ' || home || $declaration$.claim_conversions(
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
  last_error text,
  send_alone boolean)
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
  dead_letters integer := 0;
  until timestamptz;
  refusal text := CASE
    WHEN claim_conversions.platform IS NULL THEN
      'platform is missing.'
    WHEN (wanted BETWEEN 1 AND 10000) IS NOT TRUE THEN
      format('limit is %s and must be from 1 to 10000.', coalesce(wanted::text, 'null'))
    WHEN (lease <= make_interval(days => 1) AND at + lease > at) IS NOT TRUE THEN
      format('lease is %s and must be a positive interval of at most 1 day; a number without a unit means seconds.', coalesce(lease::text, 'null'))
  END;
BEGIN
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,
      HINT = 'Nothing was claimed. Correct the argument and call again.';
  END IF;
  IF row_security_active(pg_typeof(NULL::{schema}.conversion_queue)::text) THEN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
      MESSAGE = format('Row level security hides conversion_queue from the role %I.', current_user),
      HINT = 'Call as the owner of the tables, as service_role (SET ROLE service_role), or as a role with BYPASSRLS.';
  END IF;
  LOOP
    SELECT array_agg(d.ctid) FILTER (WHERE NOT d.used_up), array_agg(d.ctid) FILTER (WHERE d.used_up), count(*)
      INTO due, used_up, seen
      FROM (
        SELECT q.ctid, q.retry_count + (q.lease_id IS NOT NULL AND q.retry_count < q.max_retries)::integer >= q.max_retries AS used_up
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
             retry_count = q.retry_count + (q.lease_id IS NOT NULL AND q.retry_count < q.max_retries)::integer,
             last_error = CASE WHEN q.lease_id IS NOT NULL THEN 'The lease expired before the worker reported an outcome.' ELSE q.last_error END,
             error_code = CASE WHEN q.lease_id IS NOT NULL THEN 'LEASE_EXPIRED' ELSE q.error_code END,
             next_retry_at = NULL,
             leased_until = NULL,
             lease_id = NULL
       WHERE q.ctid = ANY (used_up);
      dead_letters := dead_letters + cardinality(used_up);
    END IF;
    until := coalesce(until, clock_timestamp() + lease); -- the first search may have waited
    RETURN QUERY
      UPDATE {schema}.conversion_queue q
         SET status = CASE WHEN q.lease_id IS NOT NULL THEN 'failed' ELSE q.status END,
             retry_count = q.retry_count + (q.lease_id IS NOT NULL AND q.retry_count < q.max_retries)::integer,
             last_error = CASE WHEN q.lease_id IS NOT NULL THEN 'The lease expired before the worker reported an outcome.' ELSE q.last_error END,
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
             c.utm_medium, c.utm_campaign, q.request_id, q.error_code, q.last_error,
             q.send_alone IS TRUE;
    GET DIAGNOSTICS taken = ROW_COUNT;
    wanted := wanted - taken;
    EXIT WHEN wanted = 0 OR seen < width OR dead_letters >= 10000;
    width := width * 2;
  END LOOP;
END
$body$, '{schema}', home));
  target := home || $types$.claim_conversions(text, integer, interval)$types$;
  EXECUTE format('COMMENT ON FUNCTION %s IS %L', target, $comment$Claims the due entries of a platform, the oldest first, each with what its upload needs, and leases them: until the lease expires no other claim returns them. An entry whose lease expired without an outcome has had a failed attempt, and becomes a dead letter if that was its last.$comment$);
  IF EXISTS (
    SELECT FROM pg_class c
     WHERE c.relname = 'visitors' AND c.relnamespace = here AND pg_get_userbyid(c.relowner) <> current_user)
  THEN
    EXECUTE format('ALTER FUNCTION %s OWNER TO %I', target, coalesce((
      SELECT pg_get_userbyid(c.relowner)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relname = 'visitors' AND c.relnamespace = here AND (NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
  OR c.relowner IN (n.nspowner, (SELECT d.datdba FROM pg_database d WHERE d.datname = current_database()))
  OR pg_get_userbyid(c.relowner) = current_user)), current_user));
  END IF;
  FOR grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM pg_proc p
      CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
     WHERE p.oid = target AND a.grantee <> p.proowner
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE', target, grantee);
  END LOOP;
  IF to_regrole('service_role') IS NOT NULL THEN
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO service_role', target);
  END IF;
  PERFORM set_config('search_path', path, true);
END
$function$;$step$;
    EXECUTE $step$DO $function$
DECLARE
  path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
  here CONSTANT pg_catalog.oid := (
    SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema());
  home text;
  target regprocedure;
  grantee text;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;
  SET LOCAL quote_all_identifiers = off; -- function bodies keep the schema's name as it prints

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
  uploaded uuid[];
  platform text;
  other_platform text;
  refusal text;
BEGIN
  IF ids IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'ids is missing.',
      HINT = 'Nothing was changed. Pass the ids of entries and call again.';
  END IF;
  IF row_security_active(pg_typeof(NULL::{schema}.conversion_queue)::text) THEN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
      MESSAGE = format('Row level security hides conversion_queue from the role %I.', current_user),
      HINT = 'Call as the owner of the tables, as service_role (SET ROLE service_role), or as a role with BYPASSRLS.';
  END IF;
  SELECT array_agg(l.ctid) INTO entries
    FROM (
      SELECT q.ctid FROM {schema}.conversion_queue q WHERE q.id = ANY (ids) ORDER BY q.id
         FOR NO KEY UPDATE) l;
  IF complete_conversions.request_id IS NOT NULL THEN
    uploaded := ARRAY(SELECT unnest(ids));
    SELECT min(q.platform), max(q.platform) INTO platform, other_platform
      FROM {schema}.conversion_queue q WHERE q.ctid = ANY (entries);
    refusal := CASE
      WHEN complete_conversions.request_id = '' THEN 'request_id is empty.'
      WHEN length(complete_conversions.request_id) > 512 THEN
        format('request_id has %s characters and may have at most 512.', length(complete_conversions.request_id))
      WHEN array_position(uploaded, NULL) IS NOT NULL THEN 'ids contains null.'
      WHEN platform <> other_platform THEN
        format('The entries of a request have one platform, but these have %L and %L.', left(platform, 80), left(other_platform, 80))
    END;
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,
      HINT = 'Nothing was changed. Correct the argument and call again.';
  END IF;
    INSERT INTO {schema}.upload_requests (platform, request_id, entry_ids, entry_count, accepted_at, next_check_at)
    SELECT platform, complete_conversions.request_id, uploaded, (SELECT count(DISTINCT u.id) FROM unnest(uploaded) u (id)), at, at + interval '30 minutes'
     WHERE platform IS NOT NULL -- otherwise all entries were deleted
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
      refusal := 'The request has been recorded with other ids.';
      IF platform IS NULL OR uploaded = (
        SELECT r.entry_ids FROM {schema}.upload_requests r
         WHERE r.platform = platform AND r.request_id = complete_conversions.request_id) THEN
        refusal := NULL;
      END IF;
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,
      HINT = 'Nothing was changed. Pass all ids of a request in one call.';
  END IF;
      RETURN QUERY
        SELECT q.id, q.status, q.retry_count, q.next_retry_at, false
          FROM {schema}.conversion_queue q WHERE q.ctid = ANY (entries);
      RETURN;
    END IF;
  END IF;
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
  target := home || $types$.complete_conversions(uuid[], text)$types$;
  EXECUTE format('COMMENT ON FUNCTION %s IS %L', target, $comment$Marks entries as uploaded. A completion is accepted even after the lease has expired, since the platform has the conversion. With a request_id the upload request is recorded as well, to be settled when the platform reports its result: pass all its entries in one call, in the order of the request's events. applied says whether this call changed the entry.$comment$);
  IF EXISTS (
    SELECT FROM pg_class c
     WHERE c.relname = 'visitors' AND c.relnamespace = here AND pg_get_userbyid(c.relowner) <> current_user)
  THEN
    EXECUTE format('ALTER FUNCTION %s OWNER TO %I', target, coalesce((
      SELECT pg_get_userbyid(c.relowner)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relname = 'visitors' AND c.relnamespace = here AND (NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
  OR c.relowner IN (n.nspowner, (SELECT d.datdba FROM pg_database d WHERE d.datname = current_database()))
  OR pg_get_userbyid(c.relowner) = current_user)), current_user));
  END IF;
  FOR grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM pg_proc p
      CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
     WHERE p.oid = target AND a.grantee <> p.proowner
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE', target, grantee);
  END LOOP;
  IF to_regrole('service_role') IS NOT NULL THEN
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO service_role', target);
  END IF;
  PERFORM set_config('search_path', path, true);
END
$function$;$step$;
    EXECUTE $step$DO $function$
DECLARE
  path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
  here CONSTANT pg_catalog.oid := (
    SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema());
  home text;
  target regprocedure;
  grantee text;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;
  SET LOCAL quote_all_identifiers = off; -- function bodies keep the schema's name as it prints

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
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'retry_at is not a finite time.',
      HINT = 'Nothing was changed. Pass a time, or null for the growing backoff, and call again.';
  END IF;

  IF ids IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'ids is missing.',
      HINT = 'Nothing was changed. Pass the ids of entries and call again.';
  END IF;
  IF row_security_active(pg_typeof(NULL::{schema}.conversion_queue)::text) THEN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
      MESSAGE = format('Row level security hides conversion_queue from the role %I.', current_user),
      HINT = 'Call as the owner of the tables, as service_role (SET ROLE service_role), or as a role with BYPASSRLS.';
  END IF;
  SELECT array_agg(l.ctid) INTO entries
    FROM (
      SELECT q.ctid FROM {schema}.conversion_queue q WHERE q.id = ANY (ids) ORDER BY q.id
         FOR NO KEY UPDATE) l;
  RETURN QUERY
    UPDATE {schema}.conversion_queue q
       SET status = CASE WHEN permanent OR q.retry_count >= q.max_retries - 1 THEN 'dead_letter' ELSE 'failed' END,
           retry_count = q.retry_count + (q.retry_count < q.max_retries)::integer,
           next_retry_at = CASE WHEN permanent OR q.retry_count >= q.max_retries - 1 THEN NULL
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
  target := home || $types$.fail_conversions(uuid[], text, timestamptz, boolean, text, uuid)$types$;
  EXECUTE format('COMMENT ON FUNCTION %s IS %L', target, $comment$Records a failed attempt of entries. They are retried at retry_at, or after a growing backoff, and become dead letters after the last attempt or if the failure is permanent. With the lease_id of the claim, a report that comes after another claim has leased the entry changes nothing; without it, the entry stays leased until its lease expires. applied says whether this call changed the entry.$comment$);
  IF EXISTS (
    SELECT FROM pg_class c
     WHERE c.relname = 'visitors' AND c.relnamespace = here AND pg_get_userbyid(c.relowner) <> current_user)
  THEN
    EXECUTE format('ALTER FUNCTION %s OWNER TO %I', target, coalesce((
      SELECT pg_get_userbyid(c.relowner)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relname = 'visitors' AND c.relnamespace = here AND (NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
  OR c.relowner IN (n.nspowner, (SELECT d.datdba FROM pg_database d WHERE d.datname = current_database()))
  OR pg_get_userbyid(c.relowner) = current_user)), current_user));
  END IF;
  FOR grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM pg_proc p
      CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
     WHERE p.oid = target AND a.grantee <> p.proowner
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE', target, grantee);
  END LOOP;
  IF to_regrole('service_role') IS NOT NULL THEN
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO service_role', target);
  END IF;
  PERFORM set_config('search_path', path, true);
END
$function$;$step$;
    EXECUTE $step$DO $function$
DECLARE
  path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
  here CONSTANT pg_catalog.oid := (
    SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema());
  home text;
  target regprocedure;
  grantee text;
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;
  SET LOCAL quote_all_identifiers = off; -- function bodies keep the schema's name as it prints

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
      MESSAGE = format('limit is %s and must be at least 1.', coalesce(requeue_dead_letters."limit"::text, 'null')),
      HINT = 'Nothing was changed. Correct the argument and call again.';
  END IF;
  IF row_security_active(pg_typeof(NULL::{schema}.conversion_queue)::text) THEN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
      MESSAGE = format('Row level security hides conversion_queue from the role %I.', current_user),
      HINT = 'Call as the owner of the tables, as service_role (SET ROLE service_role), or as a role with BYPASSRLS.';
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
  EXECUTE format('COMMENT ON FUNCTION %s IS %L', target, $comment$Makes dead letters pending again, with all their attempts, the oldest first. Filters by platform, ids and error_code, where null matches all; at most limit entries.$comment$);
  IF EXISTS (
    SELECT FROM pg_class c
     WHERE c.relname = 'visitors' AND c.relnamespace = here AND pg_get_userbyid(c.relowner) <> current_user)
  THEN
    EXECUTE format('ALTER FUNCTION %s OWNER TO %I', target, coalesce((
      SELECT pg_get_userbyid(c.relowner)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relname = 'visitors' AND c.relnamespace = here AND (NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
  OR c.relowner IN (n.nspowner, (SELECT d.datdba FROM pg_database d WHERE d.datname = current_database()))
  OR pg_get_userbyid(c.relowner) = current_user)), current_user));
  END IF;
  FOR grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM pg_proc p
      CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
     WHERE p.oid = target AND a.grantee <> p.proowner
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE', target, grantee);
  END LOOP;
  IF to_regrole('service_role') IS NOT NULL THEN
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO service_role', target);
  END IF;
  PERFORM set_config('search_path', path, true);
END
$function$;$step$;
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
      VALUES ('20261128100900000_create-queue-functions', pg_catalog.now() AT TIME ZONE 'UTC');
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
