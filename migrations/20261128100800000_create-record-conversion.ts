import type { MigrationBuilder } from 'node-pg-migrate';
import { revokeGranted } from './shared/event-triggers.ts';
import {
  type ClientFunction,
  createClientFunction,
  dropClientFunction,
  LONGEST_TEXT,
  MOST_SHOWN,
  refuse,
} from './shared/functions.ts';
import { recordInUtc } from './shared/migrations-table.ts';

/** The foreign key to leads. */
const LEAD_KEY = 'conversions_lead_id_fkey';

const MOST_PLATFORMS = 100;

const RECORD_CONVERSION: ClientFunction = {
  name: 'record_conversion',
  types:
    'uuid, text, text, numeric, text, text, text, text, text, text, text, timestamptz, text, text, text, text[], integer',
  comment:
    "Records a lead's conversion and queues it for each platform, exactly once per idempotency key (crm_deal_id:conversion_type unless given). A repeated call returns the stored conversion, and queues it for platforms without an entry. gclid, and utm_* where none is given, are copied from the visitor with this cookie id.",
  declaration: `(
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
`,
  body: `
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
      format('conversion_type is %L and must be qualified or closed.', left(record_conversion.conversion_type, ${MOST_SHOWN}))
    WHEN record_conversion.crm_deal_id = '' THEN
      'crm_deal_id is empty.'
    WHEN key IS NULL THEN
      'crm_deal_id and idempotency_key are both missing.'
    WHEN key <> record_conversion.crm_deal_id || ':' || record_conversion.conversion_type THEN
      format('idempotency_key is %L and must be crm_deal_id:conversion_type, %L.',
        left(key, ${MOST_SHOWN}), left(record_conversion.crm_deal_id || ':' || record_conversion.conversion_type, ${MOST_SHOWN}))
    WHEN key = '' THEN
      'idempotency_key is empty.'
    WHEN length(key) > ${LONGEST_TEXT} THEN
      format('idempotency_key has %s characters and may have at most ${LONGEST_TEXT}.', length(key))
    WHEN record_conversion.email_hash LIKE '%@%' THEN
      'email_hash is an e-mail address and must be the hash of one.'
    WHEN length(record_conversion.email_hash) NOT IN (0, 43, 44, 64) OR strpos(record_conversion.email_hash, ' ') > 0 THEN
      'email_hash is no SHA-256 and must be one: 64 hex digits, or 43 or 44 characters of Base64.'
    WHEN record_conversion.conversion_value = 'NaN' THEN
      'conversion_value is not a number.'
    WHEN abs(record_conversion.conversion_value) >= 99999999.995 THEN
      format('conversion_value is %s and may have at most eight digits before the decimal point.', left(record_conversion.conversion_value::text, ${MOST_SHOWN}))
    WHEN record_conversion.conversion_currency !~ '^[A-Z]{3}$' THEN
      format('conversion_currency is %L and must be an ISO 4217 code such as EUR.', left(record_conversion.conversion_currency, ${MOST_SHOWN}))
    WHEN record_conversion.consent_ad_user_data NOT IN ('granted', 'denied') THEN
      format('consent_ad_user_data is %L and must be granted, denied or null.', left(record_conversion.consent_ad_user_data, ${MOST_SHOWN}))
    WHEN record_conversion.consent_ad_personalization NOT IN ('granted', 'denied') THEN
      format('consent_ad_personalization is %L and must be granted, denied or null.', left(record_conversion.consent_ad_personalization, ${MOST_SHOWN}))
    WHEN NOT isfinite(record_conversion.converted_at) THEN
      'converted_at is not a finite time.'
    WHEN platforms IS NULL OR array_ndims(platforms) > 1 OR array_position(platforms, NULL) IS NOT NULL OR '' = ANY (platforms) THEN
      'platforms must be an array of platform names; an empty array queues nothing.'
    WHEN cardinality(platforms) > ${MOST_PLATFORMS} OR length(array_to_string(platforms, '')) > ${LONGEST_TEXT} THEN
      format('platforms has %s names of %s characters and may have at most ${MOST_PLATFORMS} names of ${LONGEST_TEXT} characters in total.',
        cardinality(platforms), length(array_to_string(platforms, '')))
    WHEN (max_retries >= 1) IS NOT TRUE THEN
      format('max_retries is %s and must be at least 1.', coalesce(max_retries::text, 'null'))
  END;
BEGIN
${refuse('Nothing was recorded. Correct the argument and call again.')}  IF record_conversion.visitor_id IS NOT NULL THEN
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
      IF violated IS DISTINCT FROM '${LEAD_KEY}' THEN
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
`,
};

export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  createClientFunction(pgm, RECORD_CONVERSION);
  revokeGranted(pgm);
}

export function down(pgm: MigrationBuilder): void {
  dropClientFunction(pgm, RECORD_CONVERSION);
}
