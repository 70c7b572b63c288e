import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/types/kysely.ts';
import type {
  Conversion,
  ConversionQueueEntry,
  Lead,
  NewTrackingEvent,
  NewVisitor,
  TrackingEvent,
  Visitor,
  VisitorUpdate,
} from '../../src/types/rows.ts';
import { createMigratedDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
let kysely: Kysely<Database>;

beforeAll(async () => {
  db = await createMigratedDatabase();
  const pool = new pg.Pool({ connectionString: db.url });
  kysely = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
});
afterAll(() => kysely.destroy());

/** What a value is, as far as the types tell it apart. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return value instanceof Date ? 'Date' : typeof value;
}

describe('with Kysely', () => {
  test('a conversion is inserted, joined, changed and read back', async () => {
    const lead = await kysely
      .insertInto('leads')
      .defaultValues()
      .returning('id')
      .executeTakeFirstOrThrow();
    const conversion = await kysely
      .insertInto('conversions')
      .values({
        lead_id: lead.id,
        conversion_type: 'qualified',
        conversion_value: 12.5,
        idempotency_key: 'D-1:qualified',
        converted_at: '2026-11-20T10:00:00Z',
        consent_ad_user_data: 'granted',
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await kysely.insertInto('conversion_queue').values({ conversion_id: conversion.id }).execute();
    await kysely
      .updateTable('conversion_queue')
      .set({ status: 'failed', retry_count: 1, next_retry_at: new Date('2026-11-21T10:00:00Z') })
      .where('status', '=', 'pending')
      .execute();
    const row = await kysely
      .selectFrom('conversion_queue as q')
      .innerJoin('conversions as c', 'c.id', 'q.conversion_id')
      .select([
        'q.status',
        'q.retry_count',
        'q.next_retry_at',
        'c.conversion_value',
        'c.converted_at',
      ])
      .executeTakeFirstOrThrow();
    const typed: {
      status: ConversionQueueEntry['status'];
      retry_count: number;
      next_retry_at: Date | null;
      conversion_value: string | null;
      converted_at: Date | null;
    } = row;
    expect(typed).toEqual({
      status: 'failed',
      retry_count: 1,
      next_retry_at: new Date('2026-11-21T10:00:00Z'),
      conversion_value: '12.50',
      converted_at: new Date('2026-11-20T10:00:00Z'),
    });
  });

  test('what the checks refuse does not compile', async () => {
    const wrong = kysely
      .updateTable('conversion_queue')
      // @ts-expect-error There is no such status.
      .set({ status: 'processing' })
      .execute();
    await expect(wrong).rejects.toMatchObject({ code: '23514' });
    // @ts-expect-error A visitor has an id of its cookie.
    const missing = kysely.insertInto('visitors').values({ gclid: 'click' }).execute();
    await expect(missing).rejects.toMatchObject({ code: '23502' });
  });
});

describe('rows as pg gives them', () => {
  test('have the columns and the kinds of values that their types say', async () => {
    const visitor: NewVisitor = { visitor_id: 'cookie', gclid: 'click', first_seen_at: new Date() };
    const [{ id = '' } = {}] = await db.query<Visitor>(
      'INSERT INTO visitors (visitor_id, gclid, first_seen_at) VALUES ($1, $2, $3) RETURNING *',
      [visitor.visitor_id, visitor.gclid, visitor.first_seen_at],
    );
    const event: NewTrackingEvent = { event_name: 'page_view', params: { a: 1 }, visitor_id: id };
    await db.query(
      'INSERT INTO tracking_events (event_name, params, visitor_id) VALUES ($1, $2, $3)',
      [event.event_name, event.params, event.visitor_id],
    );
    const update: VisitorUpdate = { last_seen_at: new Date('2026-11-20T10:00:00Z') };
    await db.query('UPDATE visitors SET last_seen_at = $1', [update.last_seen_at]);

    const [read] = await db.query<Visitor>('SELECT * FROM visitors');
    expect(read?.last_seen_at.toISOString()).toBe('2026-11-20T10:00:00.000Z');
    const kinds = async (table: string) => {
      const [row = {}] = await db.query(`SELECT * FROM ${table}`);
      return Object.fromEntries(
        Object.entries(row).map(([column, value]) => [column, kindOf(value)]),
      );
    };
    const visitors: Record<keyof Visitor, string> = {
      id: 'string',
      visitor_id: 'string',
      gclid: 'string',
      utm_source: 'null',
      utm_medium: 'null',
      utm_campaign: 'null',
      utm_term: 'null',
      utm_content: 'null',
      ip_hash: 'null',
      user_agent: 'null',
      landing_page: 'null',
      referrer: 'null',
      first_seen_at: 'Date',
      last_seen_at: 'Date',
      created_at: 'Date',
    };
    const events: Record<keyof TrackingEvent, string> = {
      id: 'string',
      visitor_id: 'string',
      event_name: 'string',
      event_id: 'null',
      params: 'object',
      page_url: 'null',
      created_at: 'Date',
    };
    const conversions: Record<keyof Conversion, string> = {
      id: 'string',
      lead_id: 'string',
      conversion_type: 'string',
      conversion_value: 'string',
      conversion_currency: 'string',
      idempotency_key: 'string',
      crm_deal_id: 'null',
      gclid: 'null',
      email_hash: 'null',
      utm_source: 'null',
      utm_medium: 'null',
      utm_campaign: 'null',
      created_at: 'Date',
      updated_at: 'Date',
      converted_at: 'Date',
      consent_ad_user_data: 'string',
      consent_ad_personalization: 'null',
    };
    const leads: Record<keyof Lead, string> = { id: 'string', created_at: 'Date' };
    expect(await kinds('visitors')).toEqual(visitors);
    expect(await kinds('tracking_events')).toEqual(events);
    expect(await kinds('conversions')).toEqual(conversions);
    expect(await kinds('leads')).toEqual(leads);
  });
});
