-- conversion-tracking-schema: 20261128101200000_create-visitor-functions
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
  IF NOT '20261128101200000_create-visitor-functions' = ANY (recorded) THEN
    IF NOT '20261128101100000_create-queue-health' = ANY (recorded) THEN
      RAISE EXCEPTION USING MESSAGE = '20261128101200000_create-visitor-functions comes after 20261128101100000_create-queue-health, which is not recorded in tracking_migrations. Run the SQL of that one first.';
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
  EXECUTE 'CREATE FUNCTION ' || home || $declaration$.upsert_visitor(
  INOUT visitor_id text,
  INOUT gclid text DEFAULT NULL,
  INOUT utm_source text DEFAULT NULL,
  INOUT utm_medium text DEFAULT NULL,
  INOUT utm_campaign text DEFAULT NULL,
  INOUT utm_term text DEFAULT NULL,
  INOUT utm_content text DEFAULT NULL,
  INOUT ip_hash text DEFAULT NULL,
  INOUT user_agent text DEFAULT NULL,
  INOUT landing_page text DEFAULT NULL,
  INOUT referrer text DEFAULT NULL,
  seen_at timestamptz DEFAULT NULL,
  OUT id uuid,
  OUT is_new boolean,
  OUT first_seen_at timestamptz,
  OUT last_seen_at timestamptz,
  OUT created_at timestamptz)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $declaration$ || quote_literal(replace($body$
#variable_conflict use_variable
DECLARE
  at CONSTANT timestamptz := coalesce(seen_at, now());
  known record;
  refusal text := CASE
    WHEN coalesce(upsert_visitor.visitor_id, '') = '' THEN 'visitor_id is missing.'
    WHEN (pg_catalog.strpos(upsert_visitor.ip_hash, '.') > 0 OR pg_catalog.strpos(upsert_visitor.ip_hash, ':') > 0) AND upsert_visitor.ip_hash ~ '(^|[^0-9A-Za-z./+$_-])/*[0-9]{1,3}([.][0-9]{1,3}){3}[.]?($|[^0-9A-Za-z.+$])|(^|[^0-9A-Za-z./+$_:-])/*(([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|([0-9A-Fa-f]{1,4}:){6}[0-9]{1,3}([.][0-9]{1,3}){3}|([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,6})?::(([0-9A-Fa-f]{1,4}:){0,6}([0-9A-Fa-f]{1,4}|[0-9]{1,3}([.][0-9]{1,3}){3}))?)(:[0-9]{1,5})?($|[^0-9A-Za-z.+$:])' THEN
      'ip_hash is an IP address and must be the hash of one.'
    WHEN NOT isfinite(at) THEN 'seen_at is not a finite time.'
  END;
BEGIN
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,
      HINT = 'Nothing was recorded. Correct the argument and call again.';
  END IF;
  SELECT v.* INTO known
    FROM {schema}.visitors v
   WHERE v.visitor_id = left(upsert_visitor.visitor_id, 512)
     AND at < v.last_seen_at + interval '1 minute'
     AND (CASE WHEN length(upsert_visitor.gclid) BETWEEN 1 AND 512 THEN upsert_visitor.gclid END IS NULL OR CASE WHEN length(upsert_visitor.gclid) BETWEEN 1 AND 512 THEN upsert_visitor.gclid END = v.gclid OR (at < v.last_seen_at AND v.gclid IS NOT NULL))
     AND (num_nonnulls(nullif(upsert_visitor.utm_source, ''), nullif(upsert_visitor.utm_medium, ''), nullif(upsert_visitor.utm_campaign, ''), nullif(upsert_visitor.utm_term, ''), nullif(upsert_visitor.utm_content, '')) = 0 OR NOT num_nonnulls(v.utm_source, v.utm_medium, v.utm_campaign, v.utm_term, v.utm_content) = 0)
     AND (nullif(upsert_visitor.ip_hash, '') IS NULL OR v.ip_hash IS NOT NULL)
     AND (nullif(upsert_visitor.user_agent, '') IS NULL OR v.user_agent IS NOT NULL)
     AND (nullif(upsert_visitor.landing_page, '') IS NULL OR v.landing_page IS NOT NULL)
     AND (nullif(upsert_visitor.referrer, '') IS NULL OR v.referrer IS NOT NULL);
  IF FOUND THEN
    is_new := false;
    id := known.id;
    visitor_id := known.visitor_id;
    gclid := known.gclid;
    utm_source := known.utm_source;
    utm_medium := known.utm_medium;
    utm_campaign := known.utm_campaign;
    utm_term := known.utm_term;
    utm_content := known.utm_content;
    ip_hash := known.ip_hash;
    user_agent := known.user_agent;
    landing_page := known.landing_page;
    referrer := known.referrer;
    first_seen_at := known.first_seen_at;
    last_seen_at := known.last_seen_at;
    created_at := known.created_at;
    RETURN;
  END IF;
  INSERT INTO {schema}.visitors AS v (visitor_id, gclid, utm_source, utm_medium, utm_campaign, utm_term,
    utm_content, ip_hash, user_agent, landing_page, referrer, first_seen_at, last_seen_at)
  VALUES (left(upsert_visitor.visitor_id, 512), CASE WHEN length(upsert_visitor.gclid) BETWEEN 1 AND 512 THEN upsert_visitor.gclid END, nullif(upsert_visitor.utm_source, ''), nullif(upsert_visitor.utm_medium, ''), nullif(upsert_visitor.utm_campaign, ''), nullif(upsert_visitor.utm_term, ''), nullif(upsert_visitor.utm_content, ''), nullif(upsert_visitor.ip_hash, ''), nullif(upsert_visitor.user_agent, ''), nullif(upsert_visitor.landing_page, ''), nullif(upsert_visitor.referrer, ''), at, at)
  ON CONFLICT ON CONSTRAINT idx_visitors_visitor_id DO UPDATE
    SET gclid = CASE WHEN excluded.last_seen_at < v.last_seen_at THEN coalesce(v.gclid, excluded.gclid)
          ELSE coalesce(excluded.gclid, v.gclid) END,
        utm_source = CASE WHEN num_nonnulls(v.utm_source, v.utm_medium, v.utm_campaign, v.utm_term, v.utm_content) = 0 THEN excluded.utm_source ELSE v.utm_source END,
        utm_medium = CASE WHEN num_nonnulls(v.utm_source, v.utm_medium, v.utm_campaign, v.utm_term, v.utm_content) = 0 THEN excluded.utm_medium ELSE v.utm_medium END,
        utm_campaign = CASE WHEN num_nonnulls(v.utm_source, v.utm_medium, v.utm_campaign, v.utm_term, v.utm_content) = 0 THEN excluded.utm_campaign ELSE v.utm_campaign END,
        utm_term = CASE WHEN num_nonnulls(v.utm_source, v.utm_medium, v.utm_campaign, v.utm_term, v.utm_content) = 0 THEN excluded.utm_term ELSE v.utm_term END,
        utm_content = CASE WHEN num_nonnulls(v.utm_source, v.utm_medium, v.utm_campaign, v.utm_term, v.utm_content) = 0 THEN excluded.utm_content ELSE v.utm_content END,
        ip_hash = coalesce(v.ip_hash, excluded.ip_hash),
        user_agent = coalesce(v.user_agent, excluded.user_agent),
        landing_page = coalesce(v.landing_page, excluded.landing_page),
        referrer = coalesce(v.referrer, excluded.referrer),
        last_seen_at = greatest(v.last_seen_at, excluded.last_seen_at)
  RETURNING v.id, v.xmax = 0, v.visitor_id, v.gclid, v.utm_source, v.utm_medium, v.utm_campaign,
    v.utm_term, v.utm_content, v.ip_hash, v.user_agent, v.landing_page, v.referrer, v.first_seen_at,
    v.last_seen_at, v.created_at
  INTO id, is_new, visitor_id, gclid, utm_source, utm_medium, utm_campaign, utm_term, utm_content,
    ip_hash, user_agent, landing_page, referrer, first_seen_at, last_seen_at, created_at;
END
$body$, '{schema}', home));
  target := home || $types$.upsert_visitor(text, text, text, text, text, text, text, text, text, text, text, timestamptz)$types$;
  EXECUTE format('COMMENT ON FUNCTION %s IS %L', target, $comment$Creates or updates the visitor with this cookie id. Of a known visitor, last_seen_at advances, by less than a minute only if something else changes as well, and gclid becomes that of the latest click; other columns keep their first known value. The five utm columns are set together, from the first visit that has any. A visitor_id is cut to 512 characters; a gclid of more is ignored.$comment$);
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
  EXECUTE 'CREATE FUNCTION ' || home || $declaration$.record_events(events jsonb)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $declaration$ || quote_literal(replace($body$
#variable_conflict use_variable
DECLARE
  recorded integer;
  refusal text;
  place bigint;
  moment text;
BEGIN
  IF (jsonb_typeof(events) = 'array') IS NOT TRUE THEN
    refusal := 'events is not an array.';
  ELSE
    BEGIN
      SELECT format('events[%s] %s', e.place - 1, e.problem) INTO refusal
        FROM (
          SELECT a.place, CASE
              WHEN jsonb_typeof(a.event) <> 'object' THEN 'is not an object.'
              WHEN coalesce(a.event ->> 'event_name', '') = '' THEN 'has no event_name.'
              WHEN length(a.event ->> 'event_name') > 512 THEN
                format('has an event_name of %s characters, which may have at most 512.', length(a.event ->> 'event_name'))
              WHEN NOT isfinite((a.event ->> 'created_at')::timestamptz) THEN 'has a created_at that is not a finite time.'
              WHEN jsonb_typeof(a.event -> 'params') NOT IN ('object', 'null') THEN 'has params that are not an object.'
            END AS problem
            FROM jsonb_array_elements(events) WITH ORDINALITY a (event, place)) e
       WHERE e.problem IS NOT NULL
       ORDER BY e.place
       LIMIT 1;
    EXCEPTION WHEN data_exception THEN
      FOR place, moment IN
        SELECT a.place, a.event ->> 'created_at' FROM jsonb_array_elements(events) WITH ORDINALITY a (event, place)
      LOOP
        BEGIN
          PERFORM moment::timestamptz;
        EXCEPTION WHEN data_exception THEN
          refusal := format('events[%s].created_at is %L and must be a timestamp.', place - 1, left(moment, 80));
          EXIT;
        END;
      END LOOP;
    END;
  END IF;
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,
      HINT = 'Nothing was recorded. Correct the batch and call again.';
  END IF;
  -- Visitors locked first cannot be purged before their events reference them.
  PERFORM FROM {schema}.visitors v
    WHERE v.visitor_id IN (SELECT e.visitor_id FROM jsonb_to_recordset(events) e (visitor_id text))
    ORDER BY v.id
    FOR KEY SHARE;
  INSERT INTO {schema}.tracking_events (visitor_id, event_name, event_id, params, page_url, created_at)
  SELECT v.id, e.event_name, e.event_id, coalesce(nullif(e.params, 'null'), '{}'), e.page_url,
         coalesce(e.created_at, now())
    FROM jsonb_to_recordset(events) e (visitor_id text, event_name text, event_id text, params jsonb,
      page_url text, created_at timestamptz)
    LEFT JOIN {schema}.visitors v ON v.visitor_id = e.visitor_id;
  GET DIAGNOSTICS recorded = ROW_COUNT;
  RETURN recorded;
END
$body$, '{schema}', home));
  target := home || $types$.record_events(jsonb)$types$;
  EXECUTE format('COMMENT ON FUNCTION %s IS %L', target, $comment$Records a batch of events, all or none, and returns their number. events is an array of objects with event_name and, where known, visitor_id (the cookie id), event_id, params, page_url and created_at. An event with an unknown cookie id is stored without a visitor.$comment$);
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
      VALUES ('20261128101200000_create-visitor-functions', pg_catalog.now() AT TIME ZONE 'UTC');
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
