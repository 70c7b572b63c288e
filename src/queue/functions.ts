/** The functions of the schema, with the SQL types of their arguments. */
export const FUNCTIONS = {
  record_conversion: {
    lead_id: 'uuid',
    conversion_type: 'text',
    crm_deal_id: 'text',
    conversion_value: 'numeric',
    conversion_currency: 'text',
    idempotency_key: 'text',
    gclid: 'text',
    email_hash: 'text',
    utm_source: 'text',
    utm_medium: 'text',
    utm_campaign: 'text',
    converted_at: 'timestamptz',
    consent_ad_user_data: 'text',
    consent_ad_personalization: 'text',
    visitor_id: 'text',
    platforms: 'text[]',
    max_retries: 'integer',
  },
  claim_conversions: { platform: 'text', limit: 'integer', lease: 'interval' },
  complete_conversions: { ids: 'uuid[]', request_id: 'text' },
  fail_conversions: {
    ids: 'uuid[]',
    error: 'text',
    retry_at: 'timestamptz',
    permanent: 'boolean',
    error_code: 'text',
    lease_id: 'uuid',
  },
  requeue_dead_letters: { platform: 'text', ids: 'uuid[]', error_code: 'text', limit: 'integer' },
  conversion_queue_health: { platform: 'text' },
  upsert_visitor: {
    visitor_id: 'text',
    gclid: 'text',
    utm_source: 'text',
    utm_medium: 'text',
    utm_campaign: 'text',
    utm_term: 'text',
    utm_content: 'text',
    ip_hash: 'text',
    user_agent: 'text',
    landing_page: 'text',
    referrer: 'text',
    seen_at: 'timestamptz',
  },
  record_events: { events: 'jsonb' },
  purge_tracking_data: { older_than: 'interval', limit: 'integer' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The name of a function. */
export type FunctionName = keyof typeof FUNCTIONS;

/** The required arguments of each function. */
export const REQUIRED: Readonly<Record<FunctionName, readonly string[]>> = {
  record_conversion: ['lead_id', 'conversion_type'],
  claim_conversions: [],
  complete_conversions: ['ids'],
  fail_conversions: ['ids', 'error'],
  requeue_dead_letters: [],
  conversion_queue_health: [],
  upsert_visitor: ['visitor_id'],
  record_events: ['events'],
  purge_tracking_data: ['older_than'],
};
