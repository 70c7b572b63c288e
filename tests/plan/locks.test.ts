import type pg from 'pg';
import { expect, test } from 'vitest';
import { planMigrations } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { serverMajor } from '../support/catalogue.ts';
import { createDatabase, withClient } from '../support/database.ts';
import { locksHeld, strongest } from './locks-held.ts';
import { SCENARIOS } from './scenarios.ts';

/** Every table but the migrations tables, by its OID, as a plan names it. */
async function tablesThere(
  client: pg.Client,
  kinds: readonly string[],
): Promise<ReadonlyMap<number, string>> {
  const { rows } = await client.query<{ oid: number; name: string }>(
    `
    SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = ANY ($1) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
       AND c.relname NOT IN ('tracking_migrations', 'pgmigrations')`,
    [kinds],
  );
  return new Map(rows.map(({ oid, name }) => [oid, name]));
}

test.each(Object.entries(SCENARIOS))(
  'the plan for %s lists the locks that are held after each migration, and no other',
  async (_, { options, prepare }) => {
    const db = await createDatabase();
    await prepare(db);
    const { statements, locks } = await planMigrations({ databaseUrl: db.url, ...options });
    await withClient(db.url, async (client) => {
      // PostgreSQL 14 locks the partitions alone when a foreign key to the whole is dropped.
      const sparesParents = options.direction === 'down' && (await serverMajor(db)) === 14;
      const tables = await tablesThere(client, sparesParents ? ['r'] : ['r', 'p']);
      const there = new Set(tables.values());
      const reached = new Set<string | undefined>();
      const beforeCommit = statements.slice(0, -1);
      for (const [place, { sql, migration }] of beforeCommit.entries()) {
        await client.query(sql);
        reached.add(migration);
        const next = beforeCommit[place + 1];
        if (next && next.migration === migration) continue;
        const expected = locks.filter(
          (lock) => reached.has(lock.migration) && (!sparesParents || there.has(lock.table)),
        );
        expect([migration, await locksHeld(client, tables)]).toEqual([
          migration,
          strongest(expected),
        ]);
      }
      expect(locks.filter((lock) => !reached.has(lock.migration))).toEqual([]);
    });
    const places = locks.map(({ table, migration }) => `${table} ${migration}`);
    expect(new Set(places).size).toBe(places.length);
  },
);

test('locks are named by table, mode and migration', async () => {
  const application = await createDatabase();
  await application.query('CREATE SCHEMA "Host"; CREATE TABLE "Host".leads (id uuid PRIMARY KEY)');
  const { locks } = await planMigrations({
    databaseUrl: application.url,
    schema: ['public', 'Host'],
  });
  expect(locks).toEqual([
    {
      table: '"Host".leads',
      mode: 'SHARE ROW EXCLUSIVE',
      migration: '20261128100200000_create-conversions',
    },
  ]);
  const empty = await planMigrations({ databaseUrl: (await createDatabase()).url });
  expect(empty.locks).toEqual([]);
});

test.each([
  ["the application's leads", 'CREATE TABLE leads (id uuid PRIMARY KEY)'],
  ['the placeholder leads', ''],
])('each migration by itself takes the locks that are declared for it, with %s', async (_, sql) => {
  const db = await createDatabase();
  await db.query(sql);
  await withClient(db.url, async (client) => {
    for (const direction of ['up', 'down'] as const) {
      for (const _each of migrations) {
        const plan = await planMigrations({ databaseUrl: db.url, direction, count: 1 });
        const tables = await tablesThere(client, ['r']);
        for (const { sql } of plan.statements.slice(0, -1)) await client.query(sql);
        expect([direction, ...plan.migrations, await locksHeld(client, tables)]).toEqual([
          direction,
          ...plan.migrations,
          strongest(plan.locks),
        ]);
        await client.query(plan.statements.at(-1)?.sql ?? '');
      }
    }
  });
});
