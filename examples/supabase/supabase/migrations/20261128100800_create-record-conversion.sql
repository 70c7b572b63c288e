-- conversion-tracking-schema: 20261128100800000_create-record-conversion
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
  IF NOT '20261128100800000_create-record-conversion' = ANY (recorded) THEN
    IF NOT '20261128100700000_create-updated-at-triggers' = ANY (recorded) THEN
      RAISE EXCEPTION USING MESSAGE = '20261128100800000_create-record-conversion comes after 20261128100700000_create-updated-at-triggers, which is not recorded in tracking_migrations. Run the SQL of that one first.';
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
  EXECUTE 'CREATE FUNCTION ' || home || $declaration$.record_conversion(
  INOUT lead_id uuid,
  INOUT conversion_type text,
  INOUT crm_deal_id text DEFAULT NULL,
  INOUT conversion_value numeric DEFAULT NULL,
  INOUT conversion_currency text DEFAULT 'EUR',
  INOUT idempotency_key text DEFAULT NULL,
  INOUT gclid text DEFAULT NULL,
  INOUT email_hash text DEFAULT NULL,
  INOUT utm_source text DEFAULT NULL,
  INOUT utm_medium text DEFAULT NULL,
  INOUT utm_campaign text DEFAULT NULL,
  INOUT converted_at timestamptz DEFAULT NULL,
  INOUT consent_ad_user_data text DEFAULT NULL,
  INOUT consent_ad_personalization text DEFAULT NULL,
  visitor_id text DEFAULT NULL,
  platforms text[] DEFAULT ARRAY['google_ads'],
  max_retries integer DEFAULT 5,
  OUT id uuid,
  OUT is_new boolean,
  OUT created_at timestamptz,
  OUT updated_at timestamptz)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $declaration$ || quote_literal(replace($body$
#variable_conflict use_variable
DECLARE
  key CONSTANT text := coalesce(
    record_conversion.idempotency_key,
    record_conversion.crm_deal_id || ':' || record_conversion.conversion_type);
  conversion {schema}.conversions%ROWTYPE;
  visitor {schema}.visitors%ROWTYPE;
  incomplete boolean := true; -- lacks the entry of a platform
  violated text;
  refusal text := CASE
    WHEN record_conversion.lead_id IS NULL THEN
      'lead_id is missing.'
    WHEN (record_conversion.conversion_type IN ('qualified', 'closed')) IS NOT TRUE THEN
      format('conversion_type is %L and must be qualified or closed.', left(record_conversion.conversion_type, 80))
    WHEN record_conversion.crm_deal_id = '' THEN
      'crm_deal_id is empty.'
    WHEN key IS NULL THEN
      'crm_deal_id and idempotency_key are both missing.'
    WHEN key <> record_conversion.crm_deal_id || ':' || record_conversion.conversion_type THEN
      format('idempotency_key is %L and must be crm_deal_id:conversion_type, %L.',
        left(key, 80), left(record_conversion.crm_deal_id || ':' || record_conversion.conversion_type, 80))
    WHEN key = '' THEN
      'idempotency_key is empty.'
    WHEN length(key) > 512 THEN
      format('idempotency_key has %s characters and may have at most 512.', length(key))
    WHEN record_conversion.email_hash LIKE '%@%' THEN
      'email_hash is an e-mail address and must be the hash of one.'
    WHEN length(record_conversion.email_hash) NOT IN (0, 43, 44, 64) OR strpos(record_conversion.email_hash, ' ') > 0 THEN
      'email_hash is no SHA-256 and must be one: 64 hex digits, or 43 or 44 characters of Base64.'
    WHEN record_conversion.conversion_value = 'NaN' THEN
      'conversion_value is not a number.'
    WHEN abs(record_conversion.conversion_value) >= 99999999.995 THEN
      format('conversion_value is %s and may have at most eight digits before the decimal point.', left(record_conversion.conversion_value::text, 80))
    WHEN record_conversion.conversion_currency !~ '^[A-Z]{3}$' THEN
      format('conversion_currency is %L and must be an ISO 4217 code such as EUR.', left(record_conversion.conversion_currency, 80))
    WHEN record_conversion.consent_ad_user_data NOT IN ('granted', 'denied') THEN
      format('consent_ad_user_data is %L and must be granted, denied or null.', left(record_conversion.consent_ad_user_data, 80))
    WHEN record_conversion.consent_ad_personalization NOT IN ('granted', 'denied') THEN
      format('consent_ad_personalization is %L and must be granted, denied or null.', left(record_conversion.consent_ad_personalization, 80))
    WHEN NOT isfinite(record_conversion.converted_at) THEN
      'converted_at is not a finite time.'
    WHEN platforms IS NULL OR array_ndims(platforms) > 1 OR array_position(platforms, NULL) IS NOT NULL OR '' = ANY (platforms) THEN
      'platforms must be an array of platform names; an empty array queues nothing.'
    WHEN cardinality(platforms) > 100 OR length(array_to_string(platforms, '')) > 512 THEN
      format('platforms has %s names of %s characters and may have at most 100 names of 512 characters in total.',
        cardinality(platforms), length(array_to_string(platforms, '')))
    WHEN (max_retries >= 1) IS NOT TRUE THEN
      format('max_retries is %s and must be at least 1.', coalesce(max_retries::text, 'null'))
  END;
BEGIN
  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,
      HINT = 'Nothing was recorded. Correct the argument and call again.';
  END IF;
  IF record_conversion.visitor_id IS NOT NULL THEN
    SELECT v.* INTO visitor FROM {schema}.visitors v WHERE v.visitor_id = record_conversion.visitor_id;
  END IF;
  utm_source := nullif(utm_source, '');
  utm_medium := nullif(utm_medium, '');
  utm_campaign := nullif(utm_campaign, '');
  IF num_nonnulls(utm_source, utm_medium, utm_campaign) = 0 THEN
    utm_source := visitor.utm_source;
    utm_medium := visitor.utm_medium;
    utm_campaign := visitor.utm_campaign;
  END IF;
  FOR round IN 1..100 LOOP
    BEGIN
      INSERT INTO {schema}.conversions AS c (lead_id, conversion_type, conversion_value,
        conversion_currency, idempotency_key, crm_deal_id, gclid, email_hash, utm_source, utm_medium,
        utm_campaign, converted_at, consent_ad_user_data, consent_ad_personalization)
      VALUES (record_conversion.lead_id, record_conversion.conversion_type,
        record_conversion.conversion_value, coalesce(record_conversion.conversion_currency, 'EUR'), key,
        record_conversion.crm_deal_id, coalesce(nullif(record_conversion.gclid, ''), visitor.gclid),
        nullif(record_conversion.email_hash, ''), record_conversion.utm_source, record_conversion.utm_medium,
        record_conversion.utm_campaign, record_conversion.converted_at,
        record_conversion.consent_ad_user_data, record_conversion.consent_ad_personalization)
      ON CONFLICT ON CONSTRAINT idx_conversions_idempotency_key DO NOTHING
      RETURNING c.* INTO conversion;
    EXCEPTION WHEN foreign_key_violation THEN
      GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
      IF violated IS DISTINCT FROM 'conversions_lead_id_fkey' THEN
        RAISE;
      END IF;
      RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = violated,
        MESSAGE = format('There is no lead %s.', record_conversion.lead_id),
        HINT = 'Nothing was recorded. Insert the lead first, then call again.';
    END;
    is_new := conversion.id IS NOT NULL;
    EXIT WHEN is_new;
    SELECT c.* INTO conversion FROM {schema}.conversions c WHERE c.idempotency_key = key;
    CONTINUE WHEN NOT FOUND; -- it was deleted in between
    incomplete := EXISTS (
      SELECT FROM unnest(platforms) p (platform)
       WHERE NOT EXISTS (
         SELECT FROM {schema}.conversion_queue q WHERE q.conversion_id = conversion.id AND q.platform = p.platform));
    EXIT WHEN NOT incomplete;
    -- One of several callers adds what is missing; a lock alone would not stop REPEATABLE READ.
    UPDATE {schema}.conversions c SET updated_at = c.updated_at WHERE c.id = conversion.id;
    -- Otherwise it was deleted in between, or a trigger suppresses the update.
    EXIT WHEN FOUND OR EXISTS (SELECT FROM {schema}.conversions c WHERE c.id = conversion.id FOR KEY SHARE);
    conversion := NULL;
  END LOOP;
  IF conversion.id IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'triggered_action_exception', MESSAGE = 'The conversion was not inserted.',
      HINT = 'Nothing was recorded. Look for a trigger on conversions that suppresses inserts.';
  END IF;
  IF incomplete THEN
    INSERT INTO {schema}.conversion_queue (conversion_id, platform, max_retries)
    SELECT conversion.id, p.platform, record_conversion.max_retries
      FROM (SELECT DISTINCT unnest(platforms)) p (platform)
     WHERE NOT EXISTS (
       SELECT FROM {schema}.conversion_queue q WHERE q.conversion_id = conversion.id AND q.platform = p.platform);
  END IF;
  id := conversion.id;
  lead_id := conversion.lead_id;
  conversion_type := conversion.conversion_type;
  crm_deal_id := conversion.crm_deal_id;
  conversion_value := conversion.conversion_value;
  conversion_currency := conversion.conversion_currency;
  idempotency_key := conversion.idempotency_key;
  gclid := conversion.gclid;
  email_hash := conversion.email_hash;
  utm_source := conversion.utm_source;
  utm_medium := conversion.utm_medium;
  utm_campaign := conversion.utm_campaign;
  converted_at := conversion.converted_at;
  consent_ad_user_data := conversion.consent_ad_user_data;
  consent_ad_personalization := conversion.consent_ad_personalization;
  created_at := conversion.created_at;
  updated_at := conversion.updated_at;
END
$body$, '{schema}', home));
  target := home || $types$.record_conversion(uuid, text, text, numeric, text, text, text, text, text, text, text, timestamptz, text, text, text, text[], integer)$types$;
  EXECUTE format('COMMENT ON FUNCTION %s IS %L', target, $comment$Records a lead's conversion and queues it for each platform, exactly once per idempotency key (crm_deal_id:conversion_type unless given). A repeated call returns the stored conversion, and queues it for platforms without an entry. gclid, and utm_* where none is given, are copied from the visitor with this cookie id.$comment$);
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
      VALUES ('20261128100800000_create-record-conversion', pg_catalog.now() AT TIME ZONE 'UTC');
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
