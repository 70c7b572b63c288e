import { randomUUID } from 'node:crypto';
import type pg from 'pg';

/** A table that is written to, and what an application puts into its columns. */
export interface WrittenTable {
  readonly title: string;
  readonly name: string;
  readonly columns: Readonly<Record<string, string>>;
  row(): unknown[];
}

/** Rows of the tables that others refer to. */
const REFERRED = 10_000;
const HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const AGENT =
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36';
const CAMPAIGN = ['google', 'cpc', 'spring-offer'];

let latest = 0;
/** In turn, so that both schemas get the same. */
function referred(): string {
  latest = (latest * 7919 + 13) % REFERRED;
  return `00000000-0000-4000-8000-${String(latest).padStart(12, '0')}`;
}

/** As long as Google's. */
function clickId(): string {
  return `EAIaIQobChMI${randomUUID()}${randomUUID()}EAAYASAA`;
}

export const WRITTEN: readonly WrittenTable[] = [
  {
    title: 'visitors, after a click on an ad',
    name: 'visitors',
    columns: {
      visitor_id: 'text',
      gclid: 'text',
      utm_source: 'text',
      utm_medium: 'text',
      utm_campaign: 'text',
      ip_hash: 'text',
      user_agent: 'text',
      landing_page: 'text',
      referrer: 'text',
    },
    row: () => [
      randomUUID(),
      clickId(),
      ...CAMPAIGN,
      HASH,
      AGENT,
      'https://example.com/landing?gclid=1',
      'https://www.google.com/',
    ],
  },
  {
    title: 'visitors, nothing known but the id',
    name: 'visitors',
    columns: { visitor_id: 'text' },
    row: () => [randomUUID()],
  },
  {
    title: 'tracking_events',
    name: 'tracking_events',
    columns: {
      visitor_id: 'uuid',
      event_name: 'text',
      event_id: 'text',
      params: 'jsonb',
      page_url: 'text',
    },
    row: () => [
      referred(),
      'page_view',
      randomUUID(),
      '{"engagement_time_msec": 100, "session_id": 1763812345}',
      'https://example.com/pricing',
    ],
  },
  {
    title: 'conversions',
    name: 'conversions',
    columns: {
      lead_id: 'uuid',
      conversion_type: 'text',
      conversion_value: 'numeric',
      idempotency_key: 'text',
      crm_deal_id: 'text',
      gclid: 'text',
      email_hash: 'text',
      utm_source: 'text',
      utm_medium: 'text',
      utm_campaign: 'text',
    },
    row: () => {
      const deal = randomUUID();
      return [
        referred(),
        'qualified',
        '149.00',
        `${deal}:qualified`,
        deal,
        clickId(),
        HASH,
        ...CAMPAIGN,
      ];
    },
  },
];

/** What the rows refer to. */
export async function createReferred(client: pg.Client): Promise<void> {
  const id = "('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid";
  await client.query(`INSERT INTO leads (id) SELECT ${id} FROM generate_series(0, ${REFERRED}) i`);
  await client.query(
    `INSERT INTO visitors (id, visitor_id) SELECT ${id}, gen_random_uuid() FROM generate_series(0, ${REFERRED}) i`,
  );
  await client.query('VACUUM (ANALYZE)');
}

/** One INSERT that writes all of the rows, however many. */
export function multiRowInsert(
  { name, columns }: WrittenTable,
  rows: readonly (readonly unknown[])[],
): { text: string; values: unknown[][] } {
  const arrays = Object.values(columns).map((type, index) => `$${index + 1}::${type}[]`);
  return {
    text: `INSERT INTO ${name} (${Object.keys(columns).join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})`,
    values: Object.keys(columns).map((_, index) => rows.map((row) => row[index])),
  };
}

/** One INSERT that writes one row. */
export function singleRowInsert(
  { name, columns }: WrittenTable,
  row: unknown[],
): { text: string; values: unknown[] } {
  const names = Object.keys(columns);
  const places = names.map((_, index) => `$${index + 1}`);
  return {
    text: `INSERT INTO ${name} (${names.join(', ')}) VALUES (${places.join(', ')})`,
    values: row,
  };
}
