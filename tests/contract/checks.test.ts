import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../support/database.ts';

const CHECK_VIOLATION = '23514';
const NOT_NULL_VIOLATION = '23502';
const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';

/** No row has this id. */
const NOBODY = '00000000-0000-4000-8000-000000000000';

let db: TestDatabase;
let lead: string;
let conversion: string;

beforeAll(async () => {
  db = await createMigratedDatabase();
  lead = await insert('leads', {});
  conversion = await insert('conversions', {
    lead_id: lead,
    conversion_type: 'qualified',
    idempotency_key: 'first:qualified',
  });
});

type Row = Record<string, unknown>;

interface Check {
  readonly constraint: string;
  readonly table: string;
  readonly row: () => Row;
  readonly accepted: readonly Row[];
  readonly refused: readonly Row[];
}

let keys = 0;
const newConversion = (): Row => {
  keys += 1;
  return { lead_id: lead, conversion_type: 'closed', idempotency_key: `key-${keys}` };
};
const newEntry = (): Row => ({ conversion_id: conversion });
const newRequest = (): Row => ({
  platform: 'google_ads',
  request_id: randomUUID(),
  entry_ids: [],
  entry_count: 0,
  next_check_at: 'now',
});
const newEvent = (): Row => ({ event_name: 'page_view' });

const CHECKS: readonly Check[] = [
  {
    constraint: 'conversions_conversion_type_check',
    table: 'conversions',
    row: newConversion,
    accepted: [{ conversion_type: 'qualified' }, { conversion_type: 'closed' }],
    refused: ['', 'Qualified', 'closed ', 'won', 'qualified,closed'].map((conversion_type) => ({
      conversion_type,
    })),
  },
  {
    constraint: 'conversions_conversion_currency_check',
    table: 'conversions',
    row: newConversion,
    accepted: ['EUR', 'USD', 'CHF', 'XAU', null].map((conversion_currency) => ({
      conversion_currency,
    })),
    refused: [
      '',
      'eur',
      'Eur',
      'EU',
      'EURO',
      'EUR\n',
      ' EUR',
      'EUR ',
      'E1R',
      '978',
      '€',
      'ÄÖÜ',
    ].map((conversion_currency) => ({ conversion_currency })),
  },
  {
    constraint: 'conversions_idempotency_key_check',
    table: 'conversions',
    row: newConversion,
    accepted: [
      { crm_deal_id: 'D-1', idempotency_key: 'D-1:closed' },
      { crm_deal_id: 'D-1', idempotency_key: 'D-1:qualified', conversion_type: 'qualified' },
      { crm_deal_id: 'a:b', idempotency_key: 'a:b:closed' },
      { crm_deal_id: null, idempotency_key: 'unknown:closed' },
    ],
    refused: [
      'D-2:qualified',
      'D-2',
      'D-2:',
      ':closed',
      'D-2:closed ',
      'd-2:closed',
      'D-3:closed',
    ].map((idempotency_key) => ({ crm_deal_id: 'D-2', idempotency_key })),
  },
  {
    constraint: 'conversion_queue_status_check',
    table: 'conversion_queue',
    row: newEntry,
    accepted: ['pending', 'uploaded', 'failed', 'dead_letter'].map((status) => ({ status })),
    refused: ['', 'PENDING', 'dead-letter', 'retrying', 'pending '].map((status) => ({ status })),
  },
  {
    constraint: 'conversion_queue_retry_count_check',
    table: 'conversion_queue',
    row: newEntry,
    accepted: [
      { retry_count: 0 },
      { retry_count: 5 },
      { retry_count: 0, max_retries: 0 },
      { retry_count: 9, max_retries: 9 },
    ],
    refused: [
      { retry_count: -1 },
      { retry_count: 6 },
      { retry_count: 1, max_retries: 0 },
      { max_retries: -1 },
    ],
  },
  {
    constraint: 'upload_requests_status_check',
    table: 'upload_requests',
    row: newRequest,
    accepted: [
      {},
      { status: 'succeeded', next_check_at: null, settled_at: 'now' },
      { status: 'partially_succeeded', next_check_at: null, settled_at: 'now' },
      { status: 'failed', next_check_at: null, settled_at: 'now' },
      { status: 'expired', next_check_at: null },
    ],
    refused: ['', 'PROCESSING', 'accepted', 'confirmed'].map((status) => ({
      status,
      next_check_at: null,
      settled_at: 'now',
    })),
  },
  {
    constraint: 'upload_requests_next_check_at_check',
    table: 'upload_requests',
    row: newRequest,
    accepted: [{ next_check_at: '2000-01-01' }],
    refused: [
      { next_check_at: null },
      { status: 'expired' },
      { status: 'failed', settled_at: 'now' },
    ],
  },
  {
    constraint: 'upload_requests_settled_at_check',
    table: 'upload_requests',
    row: newRequest,
    accepted: [],
    refused: [
      { settled_at: 'now' },
      { status: 'failed', next_check_at: null },
      { status: 'expired', next_check_at: null, settled_at: 'now' },
    ],
  },
  {
    constraint: 'tracking_events_params_check',
    table: 'tracking_events',
    row: newEvent,
    accepted: ['{}', '{"value": 12.5, "items": [{"id": null}]}', null].map((params) => ({
      params,
    })),
    refused: ['[]', '[{}]', '"{}"', '1', 'true', 'null'].map((params) => ({ params })),
  },
];

describe.each(CHECKS)('$constraint', ({ constraint, table, row, accepted, refused }) => {
  test.each(accepted)('accepts %j', async (values) => {
    await expect(insert(table, { ...row(), ...values })).resolves.toEqual(expect.any(String));
  });

  test.each(refused)('refuses %j by its name', async (values) => {
    await expect(insert(table, { ...row(), ...values })).rejects.toMatchObject({
      code: CHECK_VIOLATION,
      constraint,
    });
  });
});

describe('keys', () => {
  test('a second row of the same visitor is refused', async () => {
    await insert('visitors', { visitor_id: 'twice' });
    await expect(insert('visitors', { visitor_id: 'twice' })).rejects.toMatchObject({
      code: UNIQUE_VIOLATION,
      constraint: 'idx_visitors_visitor_id',
    });
  });

  test('a conversion is recorded once for its idempotency key', async () => {
    const row = { ...newConversion(), idempotency_key: 'once:closed' };
    await insert('conversions', row);
    await expect(insert('conversions', row)).rejects.toMatchObject({
      code: UNIQUE_VIOLATION,
      constraint: 'idx_conversions_idempotency_key',
    });
  });

  test.each([
    ['visitors', 'visitor_id', () => ({})],
    ['conversions', 'lead_id', () => ({ ...newConversion(), lead_id: null })],
    ['conversions', 'conversion_type', () => ({ ...newConversion(), conversion_type: null })],
    ['conversions', 'idempotency_key', () => ({ ...newConversion(), idempotency_key: null })],
    ['conversion_queue', 'conversion_id', () => ({})],
    ['conversion_queue', 'platform', () => ({ ...newEntry(), platform: null })],
    ['conversion_queue', 'status', () => ({ ...newEntry(), status: null })],
    ['upload_requests', 'entry_ids', () => ({ ...newRequest(), entry_ids: null })],
    ['upload_requests', 'entry_count', () => ({ ...newRequest(), entry_count: null })],
    ['tracking_events', 'event_name', () => ({})],
  ])('%s without %s is refused', async (table, column, row) => {
    await expect(insert(table, row())).rejects.toMatchObject({ code: NOT_NULL_VIOLATION, column });
  });

  test.each([
    ['conversions', 'conversions_lead_id_fkey', () => ({ ...newConversion(), lead_id: NOBODY })],
    ['conversion_queue', 'conversion_queue_conversion_id_fkey', () => ({ conversion_id: NOBODY })],
    [
      'tracking_events',
      'tracking_events_visitor_id_fkey',
      () => ({ ...newEvent(), visitor_id: NOBODY }),
    ],
  ])('%s that point nowhere are refused by %s', async (table, constraint, row) => {
    await expect(insert(table, row())).rejects.toMatchObject({
      code: FOREIGN_KEY_VIOLATION,
      constraint,
    });
  });
});

/** Inserts one row in a transaction of its own, and returns its id. */
async function insert(table: string, row: Row): Promise<string> {
  const columns = Object.keys(row);
  const values = columns.map((_, index) => `$${index + 1}`);
  const source = columns.length === 0 ? 'DEFAULT VALUES' : `(${columns}) VALUES (${values})`;
  const [inserted] = await db.query<{ id: string }>(
    `INSERT INTO ${table} AS t ${source} RETURNING coalesce(to_jsonb(t) ->> 'id', to_jsonb(t) ->> 'request_id') AS id`,
    Object.values(row),
  );
  return inserted?.id ?? '';
}
