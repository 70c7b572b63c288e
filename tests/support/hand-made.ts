/**
 * The contract as somebody would write it by hand: second indexes on the unique columns, names
 * that the server made up, no comments, nothing closed.
 */
export const HAND_MADE = `
  CREATE TABLE leads (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text);
  CREATE TABLE visitors (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    visitor_id text NOT NULL UNIQUE,
    gclid text,
    utm_source text, utm_medium text, utm_campaign text, utm_term text, utm_content text,
    ip_hash text, user_agent text, landing_page text, referrer text,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX idx_visitors_visitor_id ON visitors (visitor_id);
  CREATE INDEX idx_visitors_gclid ON visitors (gclid) WHERE gclid IS NOT NULL;
  CREATE INDEX idx_visitors_last_seen_at ON visitors (last_seen_at);
  CREATE TABLE conversions (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    lead_id uuid NOT NULL REFERENCES leads(id) ON DELETE CASCADE,
    conversion_type text NOT NULL CHECK (conversion_type IN ('qualified', 'closed')),
    conversion_value numeric(10,2),
    conversion_currency text DEFAULT 'EUR',
    idempotency_key text NOT NULL UNIQUE,
    crm_deal_id text,
    gclid text, email_hash text, utm_source text, utm_medium text, utm_campaign text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX idx_conversions_lead_id ON conversions (lead_id);
  CREATE INDEX idx_conversions_idempotency_key ON conversions (idempotency_key);
  CREATE INDEX idx_conversions_created_at ON conversions (created_at);
  CREATE INDEX idx_conversions_type ON conversions (conversion_type);
  CREATE TABLE conversion_queue (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    conversion_id uuid NOT NULL REFERENCES conversions(id) ON DELETE CASCADE,
    platform text NOT NULL DEFAULT 'google_ads',
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'uploaded', 'failed', 'dead_letter')),
    retry_count integer NOT NULL DEFAULT 0,
    max_retries integer NOT NULL DEFAULT 5,
    next_retry_at timestamptz,
    last_error text,
    uploaded_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX idx_queue_status_next_retry ON conversion_queue (status, next_retry_at) WHERE status IN ('pending', 'failed');
  CREATE INDEX idx_queue_conversion_id ON conversion_queue (conversion_id);
  CREATE INDEX idx_queue_platform ON conversion_queue (platform);
  CREATE TABLE tracking_events (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    visitor_id uuid REFERENCES visitors(id) ON DELETE SET NULL,
    event_name text NOT NULL,
    event_id text,
    params jsonb DEFAULT '{}',
    page_url text,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX idx_tracking_events_visitor_id ON tracking_events (visitor_id);
  CREATE INDEX idx_tracking_events_event_name ON tracking_events (event_name);
  CREATE INDEX idx_tracking_events_created_at ON tracking_events (created_at);
  GRANT ALL ON visitors, conversions, conversion_queue, tracking_events TO PUBLIC;
  GRANT SELECT (gclid) ON visitors TO PUBLIC;
`;

/** Rows in each of the tables, five in all. */
export const HAND_MADE_ROWS = `
  INSERT INTO leads (email) VALUES ('someone@example.com');
  INSERT INTO visitors (visitor_id, gclid) VALUES ('v1', 'gclid-1');
  INSERT INTO tracking_events (visitor_id, event_name) SELECT id, 'page_view' FROM visitors;
  INSERT INTO conversions (lead_id, conversion_type, idempotency_key, crm_deal_id) SELECT id, 'qualified', 'd:qualified', 'd' FROM leads;
  INSERT INTO conversion_queue (conversion_id) SELECT id FROM conversions;
`;
