import { readFileSync } from 'node:fs';
import { drizzle } from 'drizzle-orm/node-postgres';
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js';
import knex from 'knex';
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import postgres from 'postgres';
import { describe, expect, onTestFinished, test } from 'vitest';
import { drizzleQueryable } from '../../src/drizzle/index.ts';
import { runMigrations } from '../../src/index.ts';
import { type Queryable, trackingQueue } from '../../src/queue/index.ts';
import { createDatabase } from '../support/database.ts';
import { readGuide } from '../support/guide.ts';
import { emptyQueueDatabase, type QueueDatabase } from '../support/queue.ts';

class Rollback extends Error {}

/** Opens a transaction, and passes it to `work` through the adapter of the guide. */
type Open = (url: string, work: (tx: Queryable) => Promise<void>) => Promise<unknown>;

const ORMS: Readonly<Record<string, Open>> = {
  'Drizzle with pg': async (url, work) => {
    const pool = new pg.Pool({ connectionString: url });
    onTestFinished(() => pool.end());
    await drizzle(pool).transaction((tx) => work(drizzleQueryable(tx)));
  },
  'Drizzle with postgres.js': async (url, work) => {
    const sql = postgres(url);
    onTestFinished(() => sql.end());
    await drizzlePostgres(sql).transaction((tx) => work(drizzleQueryable(tx)));
  },
  Kysely: async (url, work) => {
    const pool = new pg.Pool({ connectionString: url });
    const db = new Kysely<object>({ dialect: new PostgresDialect({ pool }) });
    onTestFinished(() => db.destroy());
    await db
      .transaction()
      .execute((trx) =>
        work({ query: (text, values) => trx.executeQuery(CompiledQuery.raw(text, values)) }),
      );
  },
  Knex: async (url, work) => {
    const db = knex({ client: 'pg', connection: url });
    onTestFinished(() => db.destroy());
    await db.transaction((trx) =>
      work({
        query: (text, values) =>
          trx.raw(text.replaceAll('?', '\\?').replace(/\$\d+(?=::)/g, '?'), values as string[]),
      }),
    );
  },
  'postgres.js': async (url, work) => {
    const sql = postgres(url);
    onTestFinished(() => sql.end());
    await sql.begin((tx) =>
      work({
        query: async (text, values) => ({ rows: await tx.unsafe(text, values as string[]) }),
      }),
    );
  },
};

test("the guide's adapters are those that are tried here", () => {
  const bare = (text: string) => text.replace(/\s|,(?=\s*[})])/g, '');
  const source = bare(readFileSync(new URL(import.meta.url), 'utf8'));
  const adapters = readGuide('docs/orms.md')
    .blocks('ts', 'Transactions')
    .flatMap((block) => /trackingQueue\((\{[\s\S]*\})\)/.exec(block)?.[1] ?? []);
  expect(adapters).toHaveLength(3);
  for (const adapter of adapters) expect(source).toContain(bare(adapter));
});

/** Calls every function that takes arrays, JSON, times, numbers or null. */
async function useAll(tx: Queryable, { lead }: QueueDatabase): Promise<void> {
  const queue = trackingQueue(tx);
  await queue.upsertVisitor({
    visitor_id: 'v',
    gclid: 'click',
    seen_at: new Date(),
    referrer: null,
  });
  const params = { page: 'it\'s "1"' };
  await queue.recordEvents([{ event_name: 'page_view', visitor_id: 'v', params }]);
  const converted_at = new Date();
  const conversion = await queue.recordConversion({
    lead_id: lead,
    conversion_type: 'closed',
    crm_deal_id: 'D-1',
    conversion_value: 12.5,
    converted_at,
    platforms: ['google_ads', 'it\'s "another"'],
  });
  expect(conversion).toMatchObject({ is_new: true, conversion_value: '12.50' });
  const [entry] = await queue.claimConversions({ limit: 1, lease: '5 minutes' });
  expect(entry?.leased_until).toBeInstanceOf(Date);
  expect(entry?.converted_at.getTime()).toBe(converted_at.getTime());
  const { id = '', lease_id = '' } = entry ?? {};
  const [failed] = await queue.failConversions({ ids: [id], lease_id, error: 'busy' });
  expect(failed).toMatchObject({ id, applied: true, status: 'failed' });
  expect((await queue.conversionQueueHealth())[0]).toMatchObject({ entries: expect.any(Number) });
}

describe.each(Object.entries(ORMS))('in a transaction of %s', (_, open) => {
  test('calls are committed and rolled back with it', async () => {
    const one = await emptyQueueDatabase();
    await expect(
      open(one.db.url, async (tx) => {
        await useAll(tx, one);
        throw new Rollback();
      }),
    ).rejects.toThrow(Rollback);
    expect(await one.entries()).toEqual([]);
    await open(one.db.url, (tx) => useAll(tx, one));
    expect(await one.entries()).toHaveLength(2);
    expect(await one.db.query("SELECT params ->> 'page' AS page FROM tracking_events")).toEqual([
      { page: 'it\'s "1"' },
    ]);
  });

  test('calls reach the functions of a schema with a parameter and a question mark in its name', async () => {
    const { url } = await createDatabase();
    const schema = 'costs $1 ?';
    await runMigrations({ databaseUrl: url, schema, createSchema: true });
    await open(url, async (tx) => {
      const visitor = await trackingQueue(tx, { schema }).upsertVisitor({
        visitor_id: 'v',
        gclid: 'click',
      });
      expect(visitor).toMatchObject({ visitor_id: 'v', gclid: 'click', is_new: true });
    });
  });

  test('errors of the server are typed', async () => {
    const { db } = await emptyQueueDatabase();
    const conversion = {
      lead_id: '00000000-0000-0000-0000-000000000000',
      conversion_type: 'closed',
      crm_deal_id: 'D-1',
    } as const;
    await expect(
      open(db.url, async (tx) => {
        await trackingQueue(tx).recordConversion(conversion);
      }),
    ).rejects.toMatchObject({ code: 'LEAD_NOT_FOUND', sqlState: '23503' });
    await expect(
      open(db.url, async (tx) => {
        await trackingQueue(tx).claimConversions({ limit: 0 });
      }),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', sqlState: '22023' });
  });
});

test.each([
  ['undefined', undefined],
  ['a URL', 'postgres://localhost/shop'],
  ['Drizzle', drizzle(new pg.Pool())],
  ['Kysely', new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool() }) })],
  ['Knex', knex({ client: 'pg' })],
  ['postgres.js', postgres()],
])('%s without an adapter is refused', (_, db) => {
  expect(() => trackingQueue(db as unknown as Queryable)).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      option: 'db',
      message: expect.stringMatching(/Drizzle, Kysely, Knex and postgres\.js .*docs\/orms\.md/),
    }),
  );
});
