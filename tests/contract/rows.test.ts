import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../support/database.ts';

const LEAD = '11111111-1111-4111-8111-111111111111';
const CONVERSION = '22222222-2222-4222-8222-222222222222';
const ENTRY = '33333333-3333-4333-8333-333333333333';
const VISITOR = '44444444-4444-4444-8444-444444444444';
const EVENT = '55555555-5555-4555-8555-555555555555';

const LONG_AGO = '2001-01-01T00:00:00.000Z';

let db: TestDatabase;

beforeAll(async () => {
  db = await createMigratedDatabase();
});

beforeEach(async () => {
  await db.query(`
    TRUNCATE leads, visitors CASCADE;
    INSERT INTO leads (id) VALUES ('${LEAD}');
    INSERT INTO conversions (id, lead_id, conversion_type, idempotency_key, updated_at)
      VALUES ('${CONVERSION}', '${LEAD}', 'closed', 'D-1:closed', '${LONG_AGO}');
    INSERT INTO conversion_queue (id, conversion_id, updated_at)
      VALUES ('${ENTRY}', '${CONVERSION}', '${LONG_AGO}');
    INSERT INTO visitors (id, visitor_id) VALUES ('${VISITOR}', 'cookie');
    INSERT INTO tracking_events (id, visitor_id, event_name) VALUES ('${EVENT}', '${VISITOR}', 'page_view');`);
});

describe.each([
  ['conversions', 'conversion_value = 12.50', 'gclid = NULL, conversion_type = conversion_type'],
  ['conversion_queue', "last_error = 'quota'", "platform = platform, status = 'pending'"],
])('%s.updated_at', (table, change, noChange) => {
  test('is kept as inserted', async () => {
    expect(await updatedAt(table)).toBe(LONG_AGO);
  });

  test('moves to the time of the transaction when the row changes', async () => {
    const before = await clock();
    await db.query(`UPDATE ${table} SET ${change}`);
    expect(await updatedAt(table)).toSatisfy(isBetween(before, await clock()));
  });

  test.each(["'1999-01-01'", "'infinity'", 'NULL', 'DEFAULT', 'now()'])(
    'moves though the statement sets it to %s',
    async (value) => {
      const before = await clock();
      await db.query(`UPDATE ${table} SET ${change}, updated_at = ${value}`);
      expect(await updatedAt(table)).toSatisfy(isBetween(before, await clock()));
    },
  );

  test('stays when an update changes nothing', async () => {
    await db.query(`UPDATE ${table} SET ${noChange}`);
    expect(await updatedAt(table)).toBe(LONG_AGO);
  });

  test('moves whatever the search_path is', async () => {
    await db.query(`
      SET LOCAL search_path = pg_catalog;
      UPDATE public.${table} SET ${change}`);
    expect(await updatedAt(table)).not.toBe(LONG_AGO);
  });
});

describe('ON DELETE', () => {
  test('a lead takes its conversions and their queue entries along', async () => {
    await db.query('DELETE FROM leads');
    expect(await count('conversions')).toBe(0);
    expect(await count('conversion_queue')).toBe(0);
  });

  test('a conversion takes its queue entries along, and leaves the lead', async () => {
    await db.query('DELETE FROM conversions');
    expect(await count('conversion_queue')).toBe(0);
    expect(await count('leads')).toBe(1);
  });

  test('a queue entry leaves its conversion', async () => {
    await db.query('DELETE FROM conversion_queue');
    expect(await count('conversions')).toBe(1);
  });

  test('an event outlives its visitor', async () => {
    await db.query('DELETE FROM visitors');
    expect(await db.query('SELECT id, visitor_id FROM tracking_events')).toEqual([
      { id: EVENT, visitor_id: null },
    ]);
  });
});

describe('defaults', () => {
  test('a queue entry begins pending, for Google Ads, with five tries and no date', async () => {
    const [entry] = await db.query(
      `SELECT platform, status, retry_count, max_retries, next_retry_at, last_error, uploaded_at
         FROM conversion_queue`,
    );
    expect(entry).toEqual({
      platform: 'google_ads',
      status: 'pending',
      retry_count: 0,
      max_retries: 5,
      next_retry_at: null,
      last_error: null,
      uploaded_at: null,
    });
  });

  test('a conversion is in euros, its value unknown', async () => {
    const [row] = await db.query('SELECT conversion_currency, conversion_value FROM conversions');
    expect(row).toEqual({ conversion_currency: 'EUR', conversion_value: null });
  });

  test('an event has no parameters', async () => {
    expect(await db.query('SELECT params FROM tracking_events')).toEqual([{ params: {} }]);
  });
});

async function updatedAt(table: string): Promise<string> {
  const [row] = await db.query<{ updated_at: Date }>(`SELECT updated_at FROM ${table}`);
  return row?.updated_at.toISOString() ?? '';
}

/** The server's clock; ours may differ. */
async function clock(): Promise<string> {
  const [row] = await db.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return row?.now.toISOString() ?? '';
}

function isBetween(first: string, last: string): (time: string) => boolean {
  return (time) => first <= time && time <= last;
}

async function count(table: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
  return row?.count ?? -1;
}
