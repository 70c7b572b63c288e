-- conversion-tracking-schema: 20261128101000000_create-upload-request-functions
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
  IF NOT '20261128101000000_create-upload-request-functions' = ANY (recorded) THEN
    IF NOT '20261128100900000_create-queue-functions' = ANY (recorded) THEN
      RAISE EXCEPTION USING MESSAGE = '20261128101000000_create-upload-request-functions comes after 20261128100900000_create-queue-functions, which is not recorded in tracking_migrations. Run the SQL of that one first.';
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
  EXECUTE 'CREATE FUNCTION ' || home || $declaration$.claim_upload_requests(
  platform text DEFAULT 'google_ads',
  "limit" integer DEFAULT 10,
  lease interval DEFAULT make_interval(mins => 5))
RETURNS TABLE (
  request_id text,
  entry_ids uuid[],
  check_count integer,
  accepted_at timestamptz,
  lease_id uuid,
  leased_until timestamptz)
ROWS 10
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET plan_cache_mode = force_generic_plan
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $declaration$ || quote_literal(replace($body$
#variable_conflict use_variable
DECLARE
  at CONSTANT timestamptz := clock_timestamp();
  claim CONSTANT uuid := gen_random_uuid();
  wanted CONSTANT integer := claim_upload_requests."limit";
  due tid[];
  ended tid[];
  refusal text := CASE
    WHEN claim_upload_requests.platform IS NULL THEN
      'platform is missing.'
    WHEN (wanted BETWEEN 1 AND 1000) IS NOT TRUE THEN
      format('limit is %s and must be from 1 to 1000.', coalesce(wanted::text, 'null'))
    WHEN (lease <= make_interval(days => 1) AND at + lease > at) IS NOT TRUE THEN
      format('lease is %s and must be a positive interval of at most 1 day; a number without a unit means seconds.', coalesce(lease::text, 'null'))
  END;
BEGIN
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,
      HINT = 'Nothing was claimed. Correct the argument and call again.';
  END IF;
  IF row_security_active(pg_typeof(NULL::{schema}.upload_requests)::text) THEN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
      MESSAGE = format('Row level security hides upload_requests from the role %I.', current_user),
      HINT = 'Call as the owner of the tables, as service_role (SET ROLE service_role), or as a role with BYPASSRLS.';
  END IF;
  SELECT array_agg(d.ctid) FILTER (WHERE NOT d.ended), array_agg(d.ctid) FILTER (WHERE d.ended)
    INTO due, ended
    FROM (
      SELECT r.ctid, r.lease_id IS NOT NULL AND r.next_check_at > r.accepted_at + interval '48 hours' AS ended
        FROM {schema}.upload_requests r
       WHERE r.platform = claim_upload_requests.platform
         AND r.status = 'processing'
         AND r.next_check_at <= at
       ORDER BY r.next_check_at
       LIMIT wanted
         FOR NO KEY UPDATE SKIP LOCKED) d;
  UPDATE {schema}.upload_requests r
     SET status = 'expired', next_check_at = NULL, lease_id = NULL
   WHERE r.ctid = ANY (ended);
  RETURN QUERY
    UPDATE {schema}.upload_requests r
       SET check_count = r.check_count + 1,
           next_check_at = clock_timestamp() + lease,
           lease_id = claim
     WHERE r.ctid = ANY (due)
    RETURNING r.request_id, r.entry_ids, r.check_count, r.accepted_at, r.lease_id, r.next_check_at;
END
$body$, '{schema}', home));
  target := home || $types$.claim_upload_requests(text, integer, interval)$types$;
  EXECUTE format('COMMENT ON FUNCTION %s IS %L', target, $comment$Claims the upload requests of a platform whose result is due to be checked, and leases them: until the lease expires no other claim returns them. Checks are due from 30 minutes to 24 hours after the request was recorded. A check without a report is repeated, until 48 hours after; then the request expires.$comment$);
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
  EXECUTE 'CREATE FUNCTION ' || home || $declaration$.settle_upload_request(
  INOUT platform text,
  INOUT request_id text,
  INOUT status text,
  rejected jsonb DEFAULT '[]',
  lease_id uuid DEFAULT NULL,
  OUT confirmed_count integer,
  OUT rejected_count integer,
  OUT applied boolean)
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_nestloop = off
SET plan_cache_mode = force_generic_plan
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $declaration$ || quote_literal(replace($body$
#variable_conflict use_variable
DECLARE
  at CONSTANT timestamptz := clock_timestamp();
  request {schema}.upload_requests%ROWTYPE;
  ids uuid[];
  named uuid[];
  codes text[];
  messages text[];
  outcomes text[];
  remaining integer;
  other record;
  entries tid[];
  refusal text := CASE
    WHEN settle_upload_request.platform IS NULL THEN 'platform is missing.'
    WHEN settle_upload_request.request_id IS NULL THEN 'request_id is missing.'
    WHEN (settle_upload_request.status IN ('processing', 'succeeded', 'partially_succeeded', 'failed')) IS NOT TRUE THEN
      format('status is %L and must be processing, succeeded, partially_succeeded or failed.', left(settle_upload_request.status, 80))
    WHEN (jsonb_typeof(rejected) = 'array') IS NOT TRUE THEN 'rejected is not an array.'
    WHEN settle_upload_request.status = 'processing' AND jsonb_array_length(rejected) > 0 THEN
      'rejected must be empty while the status is processing.'
  END;
BEGIN
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,
      HINT = 'Nothing was changed. Correct the argument and call again.';
  END IF;
  IF row_security_active(pg_typeof(NULL::{schema}.upload_requests)::text) THEN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
      MESSAGE = format('Row level security hides upload_requests from the role %I.', current_user),
      HINT = 'Call as the owner of the tables, as service_role (SET ROLE service_role), or as a role with BYPASSRLS.';
  END IF;
  SELECT r.* INTO request
    FROM {schema}.upload_requests r
   WHERE r.platform = settle_upload_request.platform AND r.request_id = settle_upload_request.request_id
     FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'no_data_found',
      MESSAGE = format('There is no upload request %L of %L.',
        left(settle_upload_request.request_id, 80), left(settle_upload_request.platform, 80)),
      HINT = 'Nothing was changed. Pass the request_id to complete_conversions first, then call again.';
  END IF;
  applied := request.status IN ('processing', 'expired');
  IF settle_upload_request.status = 'processing' THEN
    applied := request.status = 'processing'
      AND (settle_upload_request.lease_id IS NULL OR request.lease_id IS NOT DISTINCT FROM settle_upload_request.lease_id);
    IF applied AND at >= request.accepted_at + interval '24 hours' THEN
      request.status := 'expired';
    END IF;
    IF applied THEN
      UPDATE {schema}.upload_requests r
         SET status = request.status,
             next_check_at = CASE request.status WHEN 'processing' THEN
               least(at + least(power(1.3, least(r.check_count, 3)) * interval '30 minutes', interval '1 hour'), r.accepted_at + interval '24 hours') END,
             lease_id = NULL
       WHERE r.platform = settle_upload_request.platform AND r.request_id = settle_upload_request.request_id;
    END IF;
    status := request.status;
    rejected_count := request.rejected_count;
    confirmed_count := request.entry_count - request.rejected_count;
    RETURN;
  END IF;

  ids := request.entry_ids;
  SELECT format('rejected[%s] %s', p.place - 1, p.problem) INTO refusal
    FROM (
      SELECT e.place, CASE
          WHEN jsonb_typeof(e.result) <> 'object' THEN 'is not an object.'
          WHEN EXISTS (
            SELECT FROM jsonb_object_keys(e.result) k (key)
             WHERE k.key NOT IN ('index', 'id', 'code', 'message', 'outcome', 'count')) THEN
            'may have index or id, code, message, outcome and count, and has another field.'
          WHEN (e.result ->> 'outcome' = ANY (ARRAY['complete', 'permanent', 'retry_later', 'retry'])) IS NOT TRUE THEN
            format('has the outcome %L, which must be complete, permanent, retry_later or retry.', left(e.result ->> 'outcome', 80))
          WHEN settle_upload_request.status = 'succeeded' AND e.result ->> 'outcome' <> 'complete' THEN
            'rejects an entry of a request that succeeded.'
          WHEN num_nonnulls(e.result ->> 'index', e.result ->> 'id') = 2 THEN 'has an index and an id, and may have one of them.'
          WHEN e.result ->> 'index' !~ '^[0-9]{1,9}$' THEN
            format('has the index %L, which must be a whole number from 0.', left(e.result ->> 'index', 80))
          WHEN (e.result ->> 'index')::integer >= cardinality(ids) THEN
            format('has the index %s, but the request has %s entries.', e.result ->> 'index', cardinality(ids))
          WHEN e.result ->> 'id' IS NOT NULL AND i.id IS NULL THEN
            format('has the id %L, which is not in the request.', left(e.result ->> 'id', 80))
          WHEN e.result ->> 'count' !~ '^[0-9]{1,9}$' THEN
            format('has the count %L, which must be a whole number.', left(e.result ->> 'count', 80))
        END AS problem
        FROM jsonb_array_elements(rejected) WITH ORDINALITY e (result, place)
        LEFT JOIN (SELECT DISTINCT u.id::text FROM unnest(ids) u (id)) i (id) ON i.id = lower(e.result ->> 'id')) p
   WHERE p.problem IS NOT NULL
   ORDER BY p.place
   LIMIT 1;
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,
      HINT = 'Nothing was changed. Correct rejected and call again.';
  END IF;

  SELECT array_agg(n.id), array_agg(n.code), array_agg(n.message), array_agg(n.outcome)
    INTO named, codes, messages, outcomes
    FROM (
      SELECT DISTINCT ON (e.id) e.id, e.code, e.message, e.outcome
        FROM (
          SELECT coalesce(ids[(o.result ->> 'index')::integer + 1], (o.result ->> 'id')::uuid) AS id,
                 o.result ->> 'code' AS code, o.result ->> 'message' AS message, o.result ->> 'outcome' AS outcome, o.place
            FROM jsonb_array_elements(rejected) WITH ORDINALITY o (result, place)
           WHERE num_nonnulls(o.result ->> 'index', o.result ->> 'id') = 1) e
       ORDER BY e.id, array_position(ARRAY['complete', 'permanent', 'retry_later', 'retry'], e.outcome), e.place) n;
  remaining := request.entry_count - coalesce(cardinality(named), 0);
  -- What is known of the entries that no result names.
  SELECT o.code, o.message, o.outcome, count(*) OVER () AS results, sum(o.count) OVER () AS entries,
         count(*) FILTER (WHERE o.outcome <> 'complete') OVER () AS rejections,
         string_agg(o.code || coalesce(' (' || o.count || ')', ''), ', ') OVER () AS codes
    INTO other
    FROM (
      SELECT e.result ->> 'code' AS code, e.result ->> 'message' AS message, e.result ->> 'outcome' AS outcome,
             (e.result ->> 'count')::integer AS count, e.place
        FROM jsonb_array_elements(rejected) WITH ORDINALITY e (result, place)
       WHERE num_nonnulls(e.result ->> 'index', e.result ->> 'id') = 0) o
   ORDER BY array_position(ARRAY['complete', 'permanent', 'retry_later', 'retry'], o.outcome), o.place
   LIMIT 1;
  IF settle_upload_request.status = 'succeeded' OR other.rejections = 0
     OR other.results IS NULL AND named IS NOT NULL AND settle_upload_request.status = 'partially_succeeded' THEN
    other.outcome := 'complete';
  ELSIF remaining = 1
     OR coalesce(other.results, 1) = 1 AND (settle_upload_request.status = 'failed' OR other.entries >= remaining) THEN
    other.outcome := coalesce(other.outcome, 'retry');
    other.code := coalesce(other.code, 'REQUEST_FAILED');
  ELSE
    other.message := format('The platform rejected entries of the request %s without saying which: %s.',
      left(settle_upload_request.request_id, 80), coalesce(other.codes, 'it gave no reason'));
    other.outcome := 'alone';
    other.code := 'UNLOCATED_REJECTION';
  END IF;
  SELECT array_agg(r.id), array_agg(r.code), array_agg(r.message), array_agg(r.outcome), count(*)
    INTO named, codes, messages, outcomes, rejected_count
    FROM (
      SELECT n.* FROM unnest(named, codes, messages, outcomes) n (id, code, message, outcome)
      UNION ALL
      SELECT u.id, other.code, other.message, other.outcome
        FROM (SELECT unnest(ids) EXCEPT SELECT unnest(named)) u (id)
       WHERE other.outcome <> 'complete') r
   WHERE r.outcome <> 'complete';
  confirmed_count := request.entry_count - rejected_count;
  IF NOT applied THEN
    refusal := CASE
      WHEN (status, rejected_count) IS DISTINCT FROM (request.status, request.rejected_count) THEN
        format('The request has been settled as %s with %s rejected entries, which differs from %s with %s.',
          request.status, request.rejected_count, status, rejected_count)
    END;
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,
      HINT = 'Nothing was changed. A result is final: do not report another.';
  END IF;
    RETURN;
  END IF;

  SELECT array_agg(l.ctid) INTO entries
    FROM (SELECT q.ctid FROM {schema}.conversion_queue q WHERE q.id = ANY (named) ORDER BY q.id FOR NO KEY UPDATE) l;
  UPDATE {schema}.conversion_queue q
     SET status = CASE WHEN (r.outcome = 'permanent' OR q.retry_count >= q.max_retries - 1 AND NOT (r.outcome = 'alone' AND q.send_alone IS NOT TRUE)) THEN 'dead_letter' ELSE 'failed' END,
         retry_count = CASE WHEN (r.outcome = 'alone' AND q.send_alone IS NOT TRUE) THEN greatest(0, least(q.retry_count, q.max_retries - 2) + 1)
           ELSE q.retry_count + (q.retry_count < q.max_retries)::integer END,
         next_retry_at = CASE WHEN (r.outcome = 'permanent' OR q.retry_count >= q.max_retries - 1 AND NOT (r.outcome = 'alone' AND q.send_alone IS NOT TRUE)) THEN NULL
           WHEN r.outcome = 'retry_later' THEN at + interval '6 hours'
           ELSE at + least(power(4, least(q.retry_count, 8)) * interval '5 minutes', interval '6 hours') * (1 - random() / 4) END,
         last_error = coalesce(r.message, r.code),
         error_code = r.code,
         uploaded_at = NULL,
         send_alone = q.send_alone OR r.outcome = 'alone',
         updated_at = now()
    FROM unnest(named, codes, messages, outcomes) r (id, code, message, outcome)
   WHERE q.ctid = ANY (entries) AND r.id = q.id
     AND q.status = 'uploaded' AND q.request_id = settle_upload_request.request_id;
  UPDATE {schema}.upload_requests r
     SET status = settle_upload_request.status,
         rejected_count = settle_upload_request.rejected_count,
         next_check_at = NULL,
         lease_id = NULL,
         settled_at = at
   WHERE r.platform = settle_upload_request.platform AND r.request_id = settle_upload_request.request_id;
END
$body$, '{schema}', home));
  target := home || $types$.settle_upload_request(text, text, text, jsonb, uuid)$types$;
  EXECUTE format('COMMENT ON FUNCTION %s IS %L', target, $comment$Records the result of an upload request. status is processing, succeeded, partially_succeeded or failed. rejected is an array of objects with index (from 0) or id of an entry, outcome (complete, permanent, retry_later or retry), code and message: a rejected entry is retried or becomes a dead letter. Without index and id, count says how many were rejected; if it is unknown which, all entries not named are sent again, each in a request of its own. With the lease_id of the claim, processing that comes after another claim changes nothing. applied says whether this call changed the request.$comment$);
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
      VALUES ('20261128101000000_create-upload-request-functions', pg_catalog.now() AT TIME ZONE 'UTC');
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
