import { beforeAll, describe, expect, test } from 'vitest';
import { tablesOf } from '../support/catalogue.ts';
import { createMigratedDatabase, type TestDatabase } from '../support/database.ts';

const NOW = 'timestamp with time zone NOT NULL DEFAULT now()';
const ID = 'id uuid NOT NULL DEFAULT gen_random_uuid()';

const COLUMNS = {
  visitors: [
    ID,
    'visitor_id text NOT NULL',
    'gclid text',
    'utm_source text',
    'utm_medium text',
    'utm_campaign text',
    'utm_term text',
    'utm_content text',
    'ip_hash text',
    'user_agent text',
    'landing_page text',
    'referrer text',
    `first_seen_at ${NOW}`,
    `last_seen_at ${NOW}`,
    `created_at ${NOW}`,
  ],
  conversions: [
    ID,
    'lead_id uuid NOT NULL',
    'conversion_type text NOT NULL',
    'conversion_value numeric(10,2)',
    "conversion_currency text DEFAULT 'EUR'::text",
    'idempotency_key text NOT NULL',
    'crm_deal_id text',
    'gclid text',
    'email_hash text',
    'utm_source text',
    'utm_medium text',
    'utm_campaign text',
    `created_at ${NOW}`,
    `updated_at ${NOW}`,
    'converted_at timestamp with time zone',
    'consent_ad_user_data text',
    'consent_ad_personalization text',
  ],
  conversion_queue: [
    ID,
    'conversion_id uuid NOT NULL',
    "platform text NOT NULL DEFAULT 'google_ads'::text",
    "status text NOT NULL DEFAULT 'pending'::text",
    'retry_count integer NOT NULL DEFAULT 0',
    'max_retries integer NOT NULL DEFAULT 5',
    'next_retry_at timestamp with time zone',
    'last_error text',
    'uploaded_at timestamp with time zone',
    `created_at ${NOW}`,
    `updated_at ${NOW}`,
    'request_id text',
    'error_code text',
    'leased_until timestamp with time zone',
    'lease_id uuid',
    'send_alone boolean',
  ],
  tracking_events: [
    ID,
    'visitor_id uuid',
    'event_name text NOT NULL',
    'event_id text',
    "params jsonb DEFAULT '{}'::jsonb",
    'page_url text',
    `created_at ${NOW}`,
  ],
  upload_requests: [
    'platform text NOT NULL',
    'request_id text NOT NULL',
    'entry_ids uuid[] NOT NULL',
    'entry_count integer NOT NULL',
    "status text NOT NULL DEFAULT 'processing'::text",
    'check_count integer NOT NULL DEFAULT 0',
    'next_check_at timestamp with time zone',
    'lease_id uuid',
    `accepted_at ${NOW}`,
    'settled_at timestamp with time zone',
    'rejected_count integer',
  ],
  leads: [ID, `created_at ${NOW}`],
  tracking_migrations: [
    "id integer NOT NULL DEFAULT nextval('tracking_migrations_id_seq'::regclass)",
    'name character varying(255) NOT NULL',
    'run_on timestamp without time zone NOT NULL',
  ],
} as const;

const CONSTRAINTS = {
  visitors: [
    'idx_visitors_visitor_id UNIQUE (visitor_id)',
    // What it refuses is told by the tests of the checks.
    expect.stringMatching(/^visitors_ip_hash_check CHECK \(\(NOT \(\(\(strpos\(ip_hash, /),
    'visitors_pkey PRIMARY KEY (id)',
  ],
  conversions: [
    "conversions_consent_ad_personalization_check CHECK ((consent_ad_personalization = ANY (ARRAY['granted'::text, 'denied'::text])))",
    "conversions_consent_ad_user_data_check CHECK ((consent_ad_user_data = ANY (ARRAY['granted'::text, 'denied'::text])))",
    "conversions_conversion_currency_check CHECK ((conversion_currency ~ '^[A-Z]{3}$'::text))",
    "conversions_conversion_type_check CHECK ((conversion_type = ANY (ARRAY['qualified'::text, 'closed'::text])))",
    "conversions_idempotency_key_check CHECK ((idempotency_key = ((crm_deal_id || ':'::text) || conversion_type)))",
    'conversions_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES leads(id) ON DELETE CASCADE',
    'conversions_pkey PRIMARY KEY (id)',
    'idx_conversions_idempotency_key UNIQUE (idempotency_key)',
  ],
  conversion_queue: [
    'conversion_queue_conversion_id_fkey FOREIGN KEY (conversion_id) REFERENCES conversions(id) ON DELETE CASCADE',
    'conversion_queue_pkey PRIMARY KEY (id)',
    'conversion_queue_retry_count_check CHECK (((retry_count >= 0) AND (retry_count <= max_retries)))',
    "conversion_queue_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'uploaded'::text, 'failed'::text, 'dead_letter'::text])))",
  ],
  tracking_events: [
    "tracking_events_params_check CHECK ((jsonb_typeof(params) = 'object'::text))",
    'tracking_events_pkey PRIMARY KEY (id)',
    'tracking_events_visitor_id_fkey FOREIGN KEY (visitor_id) REFERENCES visitors(id) ON DELETE SET NULL',
  ],
  upload_requests: [
    "upload_requests_next_check_at_check CHECK (((next_check_at IS NOT NULL) = (status = 'processing'::text)))",
    'upload_requests_pkey PRIMARY KEY (request_id, platform)',
    "upload_requests_settled_at_check CHECK (((settled_at IS NULL) = (status = ANY (ARRAY['processing'::text, 'expired'::text]))))",
    "upload_requests_status_check CHECK ((status = ANY (ARRAY['processing'::text, 'succeeded'::text, 'partially_succeeded'::text, 'failed'::text, 'expired'::text])))",
  ],
  leads: ['leads_pkey PRIMARY KEY (id)'],
  tracking_migrations: ['tracking_migrations_pkey PRIMARY KEY (id)'],
} as const;

const TABLES = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];

let db: TestDatabase;

beforeAll(async () => {
  db = await createMigratedDatabase();
});

describe.each(TABLES)('%s', (table) => {
  test('has these columns, in this order', async () => {
    expect(await columnsOf(table)).toEqual(COLUMNS[table]);
  });

  test('has these constraints, valid and not deferrable', async () => {
    expect(await constraintsOf(table)).toEqual(CONSTRAINTS[table]);
  });

  test('is an ordinary, permanent, logged table that inherits from none', async () => {
    const [shape] = await db.query(
      `SELECT relkind AS kind, relpersistence AS persistence, relhassubclass AS parent,
              EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid) AS child
         FROM pg_class c WHERE oid = $1::regclass`,
      [table],
    );
    expect(shape).toEqual({ kind: 'r', persistence: 'p', parent: false, child: false });
  });
});

test('there is no table beside the four, upload_requests, the placeholder leads and the migrations table', async () => {
  expect(await tablesOf(db)).toEqual([...TABLES].sort());
});

test('the placeholder leads is told apart by its comment', async () => {
  const [row] = await db.query(`SELECT obj_description('leads'::regclass, 'pg_class') AS comment`);
  expect(row).toEqual({
    comment:
      'Placeholder leads table, created by conversion-tracking-schema where the application has none.',
  });
});

test('every table, the migrations table too, has a comment', async () => {
  expect(await uncommented('pg_class', "relkind IN ('r', 'p')", 'relnamespace')).toEqual([]);
});

test('every function has a comment', async () => {
  expect(await uncommented('pg_proc', 'true', 'pronamespace')).toEqual([]);
});

test('every column but those of the migrations table, which are not our own, has a comment', async () => {
  const missing = await db.query(
    `SELECT c.relname || '.' || a.attname AS name
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        AND c.relname <> 'tracking_migrations' AND a.attnum > 0 AND NOT a.attisdropped
        AND coalesce(col_description(c.oid, a.attnum), '') = ''`,
  );
  expect(missing).toEqual([]);
});

async function columnsOf(table: string): Promise<string[]> {
  const rows = await db.query<{ text: string }>(
    `SELECT concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
                      CASE WHEN a.attnotnull THEN 'NOT NULL' END,
                      'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid),
                      'GENERATED ' || nullif(a.attgenerated::text || a.attidentity::text, '')) AS text
       FROM pg_attribute a
       LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attnum`,
    [table],
  );
  return rows.map(({ text }) => text);
}

/** Without NOT NULL, which PostgreSQL 18 lists here too. */
async function constraintsOf(table: string): Promise<string[]> {
  const rows = await db.query<{ text: string }>(
    `SELECT conname || ' ' || pg_get_constraintdef(oid) AS text FROM pg_constraint
      WHERE conrelid = $1::regclass AND contype <> 'n' ORDER BY conname`,
    [table],
  );
  return rows.map(({ text }) => text);
}

async function uncommented(
  catalogue: 'pg_class' | 'pg_proc',
  where: string,
  namespace: string,
): Promise<object[]> {
  return db.query(
    `SELECT oid FROM ${catalogue}
      WHERE ${where} AND ${namespace} = 'public'::regnamespace
        AND coalesce(obj_description(oid, '${catalogue}'), '') = ''`,
  );
}
