import { eq, relations, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import * as tracking from '../../src/drizzle/index.ts';
import { runMigrations } from '../../src/index.ts';
import type {
  Conversion,
  ConversionQueueEntry,
  Lead,
  NewConversion,
  NewConversionQueueEntry,
  NewLead,
  NewTrackingEvent,
  NewVisitor,
  TrackingEvent,
  Visitor,
} from '../../src/types/rows.ts';
import { createDatabase } from '../support/database.ts';

const { trackingTables } = tracking;
const pools: pg.Pool[] = [];

/** A database that is migrated after some SQL, where public is searched for leads. */
async function migrated(schema: string, before = 'SELECT'): Promise<pg.Pool> {
  const db = await createDatabase();
  await db.query(before);
  const schemas = schema === 'public' ? schema : ([schema, 'public'] as const);
  await runMigrations({ databaseUrl: db.url, schema: schemas, createSchema: true });
  const pool = new pg.Pool({ connectionString: db.url });
  pools.push(pool);
  return pool;
}

afterAll(async () => {
  for (const pool of pools) await pool.end();
});

describe.each([
  { schema: 'public', tables: tracking },
  { schema: 'tracking', tables: trackingTables({ schema: 'tracking' }) },
])('in $schema', ({ schema, tables }: { schema: string; tables: tracking.TrackingTables }) => {
  const { conversionQueue, conversions, leads, trackingEvents, visitors } = tables;
  let pool: pg.Pool;
  beforeAll(async () => {
    pool = await migrated(schema);
  });

  test('a conversion is inserted, joined, changed and read back', async () => {
    const db = drizzle(pool, { schema: tables });
    const [lead] = await db.insert(leads).values({}).returning();
    const converted_at = new Date('2026-11-20T10:00:00.123Z');
    const row = {
      lead_id: lead?.id ?? '',
      conversion_type: 'qualified',
      conversion_value: '12.5',
      idempotency_key: 'D-1:qualified',
      converted_at,
      consent_ad_user_data: 'granted',
    } as const;
    const [conversion] = await db.insert(conversions).values(row).returning();
    const repeated = await db.insert(conversions).values(row).onConflictDoNothing().returning();
    expect(repeated).toEqual([]);
    await db.insert(conversionQueue).values({ conversion_id: conversion?.id ?? '' });
    const next_retry_at = new Date('2026-11-21T10:00:00Z');
    await db
      .update(conversionQueue)
      .set({ status: 'failed', retry_count: 1, next_retry_at })
      .where(eq(conversionQueue.status, 'pending'));

    const [joined] = await db
      .select()
      .from(conversionQueue)
      .innerJoin(conversions, eq(conversions.id, conversionQueue.conversion_id));
    expect(joined?.conversion_queue).toMatchObject({
      platform: 'google_ads',
      status: 'failed',
      max_retries: 5,
      next_retry_at,
      leased_until: null,
    });
    expect(joined?.conversions).toEqual(conversion);
    expect(conversion).toMatchObject({
      conversion_value: '12.50',
      conversion_currency: 'EUR',
      converted_at,
    });

    const entry = await db.query.conversionQueue.findFirst({
      with: { conversion: { with: { lead: true, queue: { columns: { id: true } } } } },
    });
    expect(entry?.conversion.lead).toEqual(lead);
    expect(entry?.conversion.queue).toEqual([{ id: entry?.id }]);
    await db.delete(leads);
    expect(await db.$count(conversionQueue)).toBe(0);
  });

  test('a visitor is inserted once, and outlived by its events', async () => {
    // A client that renames columns has no say in the names of these.
    const db = drizzle(pool, { schema: tables, casing: 'camelCase' });
    const upsert = (gclid: string) =>
      db
        .insert(visitors)
        .values({ visitor_id: 'cookie', gclid })
        .onConflictDoUpdate({
          target: visitors.visitor_id,
          set: { gclid: sql`excluded.gclid`, last_seen_at: sql`now()` },
        })
        .returning();
    await upsert('first');
    const [visitor] = await upsert('second');
    await db.insert(trackingEvents).values([
      { visitor_id: visitor?.id, event_name: 'page_view', params: { a: [1] } },
      { visitor_id: visitor?.id, event_name: 'generate_lead' },
    ]);
    const [found] = await db.query.visitors.findMany({
      with: { events: { orderBy: (t, { asc }) => asc(t.event_name), with: { visitor: true } } },
    });
    expect(found).toMatchObject({
      gclid: 'second',
      events: [
        { event_name: 'generate_lead', params: {}, visitor },
        { event_name: 'page_view', params: { a: [1] }, visitor },
      ],
    });
    await db.delete(visitors);
    const events = await db.select({ visitor_id: trackingEvents.visitor_id }).from(trackingEvents);
    expect(events).toEqual([{ visitor_id: null }, { visitor_id: null }]);
  });

  test('what the checks refuse does not compile', async () => {
    const db = drizzle(pool);
    const [lead] = await db.insert(leads).values({}).returning();
    const row = { lead_id: lead?.id ?? '', idempotency_key: 'D-1:won' };
    // @ts-expect-error There is no such type.
    const type = db.insert(conversions).values({ ...row, conversion_type: 'won' });
    await expect(type).rejects.toMatchObject({ cause: { code: '23514' } });
    const [conversion] = await db
      .insert(conversions)
      .values({ ...row, conversion_type: 'closed' })
      .returning();
    await db.insert(conversionQueue).values({ conversion_id: conversion?.id ?? '' });
    // @ts-expect-error There is no such consent.
    const consent = db.update(conversions).set({ consent_ad_user_data: 'yes' });
    await expect(consent).rejects.toMatchObject({ cause: { code: '23514' } });
    // @ts-expect-error There is no such status.
    const status = db.update(conversionQueue).set({ status: 'processing' });
    await expect(status).rejects.toMatchObject({ cause: { code: '23514' } });
    // @ts-expect-error A visitor has an id of its cookie.
    const missing = db.insert(visitors).values({ gclid: 'click' });
    await expect(missing).rejects.toMatchObject({ cause: { code: '23502' } });
    // @ts-expect-error Parameters are an object.
    const params = db.insert(trackingEvents).values({ event_name: 'page_view', params: [1] });
    await expect(params).rejects.toMatchObject({ cause: { code: '23514' } });
  });
});

describe("with the application's leads", () => {
  test('they keep their own columns and relations', async () => {
    const pool = await migrated(
      'tracking',
      'CREATE TABLE leads (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text NOT NULL)',
    );
    const leads = pgTable('leads', {
      id: uuid().primaryKey().defaultRandom(),
      email: text().notNull(),
    });
    const tables = trackingTables({ schema: 'tracking', leads });
    const leadsRelations = relations(leads, ({ many }) => ({
      conversions: many(tables.conversions),
    }));
    const db = drizzle(pool, { schema: { ...tables, leadsRelations } });
    const [lead] = await db.insert(leads).values({ email: 'jane@example.com' }).returning();
    await db.insert(tables.conversions).values({
      lead_id: lead?.id ?? '',
      conversion_type: 'closed',
      idempotency_key: 'D-1:closed',
    });
    const conversion = await db.query.conversions.findFirst({ with: { lead: true } });
    const email: string | undefined = conversion?.lead.email;
    expect(email).toBe('jane@example.com');
    const found = await db.query.leads.findFirst({ with: { conversions: true } });
    expect(found?.conversions).toEqual([expect.objectContaining({ conversion_type: 'closed' })]);
  });

  test('they have an id that is a uuid, else it does not compile', () => {
    const numbered = pgTable('leads', { id: integer() });
    const unnamed = pgTable('leads', { number: uuid() });
    // @ts-expect-error The id is an integer.
    const one = trackingTables({ leads: numbered });
    // @ts-expect-error There is no id.
    const other = trackingTables({ leads: unnamed });
    expect(one.leads).toBe(numbered);
    expect(other.leads).toBe(unnamed);
  });
});

test('rows are those of the other types', () => {
  const { conversionQueue, conversions, leads, trackingEvents, visitors } = tracking;
  type Row<T> = T extends { readonly $inferSelect: infer R } ? Readonly<R> : never;
  expectTypeOf<Row<typeof visitors>>().toEqualTypeOf<Visitor>();
  expectTypeOf<Row<typeof conversions>>().toEqualTypeOf<Conversion>();
  expectTypeOf<Row<typeof conversionQueue>>().toEqualTypeOf<ConversionQueueEntry>();
  expectTypeOf<Row<typeof trackingEvents>>().toEqualTypeOf<TrackingEvent>();
  expectTypeOf<Row<typeof leads>>().toEqualTypeOf<Lead>();
  expectTypeOf<typeof visitors.$inferInsert>().toExtend<NewVisitor>();
  expectTypeOf<typeof conversions.$inferInsert>().toExtend<NewConversion>();
  expectTypeOf<typeof conversionQueue.$inferInsert>().toExtend<NewConversionQueueEntry>();
  expectTypeOf<typeof trackingEvents.$inferInsert>().toExtend<NewTrackingEvent>();
  expectTypeOf<typeof leads.$inferInsert>().toExtend<NewLead>();
});
