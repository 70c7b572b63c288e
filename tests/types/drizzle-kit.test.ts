import { drizzle } from 'drizzle-orm/node-postgres';
import { pgSchema, pgSequence, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import * as tracking from '../../src/drizzle/index.ts';
import { runMigrations } from '../../src/index.ts';
import { snapshot } from '../support/catalogue.ts';
import { createDatabase, createMigratedDatabase, type TestDatabase } from '../support/database.ts';
import { statementsOfGenerate, statementsOfPush } from '../support/drizzle-kit.ts';
import { needTool } from '../support/tools.ts';

const installed = needTool('drizzle-kit');

let migrated: TestDatabase;
beforeAll(async () => {
  if (!installed) return;
  // It shows its progress.
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  migrated = await createMigratedDatabase();
});

async function push(
  { url }: TestDatabase,
  objects: object,
  schemas?: readonly string[],
  tables?: readonly string[],
): Promise<readonly string[]> {
  const pool = new pg.Pool({ connectionString: url });
  const statements = await statementsOfPush(objects, drizzle(pool), schemas, tables);
  await pool.end();
  return statements;
}

describe('drizzle-kit push', () => {
  test('with tablesFilter leaves the tables alone if the sequence is exported', async () => {
    const mine = pgTable('mine', { id: uuid().primaryKey() });
    const ids = pgSequence('tracking_migrations_id_seq', { maxValue: 2147483647 });
    const statements = (objects: object) => push(migrated, objects, ['public'], ['mine']);
    expect((await statements({ mine })).join()).toContain('DROP SEQUENCE');
    expect(await statements({ mine, ids })).toEqual([
      expect.stringContaining('CREATE TABLE "mine"'),
    ]);
  });

  test('finds nothing to do in public', async () => {
    expect(await push(migrated, tracking)).toEqual([]);
  });

  test("finds nothing to do in a schema of their own, with the application's leads", async () => {
    const db = await createDatabase();
    await db.query('CREATE TABLE leads (id uuid PRIMARY KEY, email text NOT NULL)');
    const options = { schema: ['tracking', 'public'], createSchema: true };
    await runMigrations({ databaseUrl: db.url, ...options });
    const leads = pgTable('leads', { id: uuid().primaryKey(), email: text().notNull() });
    const objects = tracking.trackingTables({ schema: 'tracking', leads });
    const all = { ...objects, schema: pgSchema('tracking') };
    expect(await push(db, all, ['tracking', 'public'])).toEqual([]);
    // Of itself it looks at public alone.
    expect(await push(db, { leads })).toEqual([]);
  });

  test('finds every difference, except what an index has beside its columns', async () => {
    const db = await createDatabase(migrated);
    await db.query(`
      ALTER TABLE conversion_queue ALTER platform SET DEFAULT 'x';
      ALTER TABLE visitors ALTER created_at DROP NOT NULL;
      ALTER TABLE conversions ALTER conversion_value TYPE numeric(12, 2);
      ALTER TABLE leads ADD COLUMN email text;
      DROP INDEX idx_visitors_gclid;
      DROP INDEX idx_conversions_type;
      CREATE INDEX idx_conversions_type ON conversions (conversion_type DESC);
      ALTER TABLE visitors DROP CONSTRAINT idx_visitors_visitor_id;
      ALTER TABLE tracking_events DROP CONSTRAINT tracking_events_params_check;
      ALTER TABLE tracking_events DROP CONSTRAINT tracking_events_visitor_id_fkey,
        ADD CONSTRAINT tracking_events_visitor_id_fkey FOREIGN KEY (visitor_id) REFERENCES visitors (id);
      ALTER TABLE tracking_events DISABLE ROW LEVEL SECURITY;
      DROP INDEX idx_queue_due;
      CREATE INDEX idx_queue_due ON conversion_queue (platform, COALESCE(leased_until, created_at))`);
    const statements = await push(db, tracking);
    expect(statements.map((one) => one.trim()).sort()).toMatchInlineSnapshot(`
      [
        "ALTER TABLE "conversion_queue" ALTER COLUMN "platform" SET DEFAULT 'google_ads';",
        "ALTER TABLE "conversions" ALTER COLUMN "conversion_value" SET DATA TYPE numeric(10, 2);",
        "ALTER TABLE "leads" DROP COLUMN "email";",
        "ALTER TABLE "tracking_events" ADD CONSTRAINT "tracking_events_params_check" CHECK (jsonb_typeof(params) = 'object'::text);",
        "ALTER TABLE "tracking_events" ADD CONSTRAINT "tracking_events_visitor_id_fkey" FOREIGN KEY ("visitor_id") REFERENCES "public"."visitors"("id") ON DELETE set null ON UPDATE no action;",
        "ALTER TABLE "tracking_events" DROP CONSTRAINT "tracking_events_visitor_id_fkey";",
        "ALTER TABLE "tracking_events" ENABLE ROW LEVEL SECURITY;",
        "ALTER TABLE "visitors" ADD CONSTRAINT "idx_visitors_visitor_id" UNIQUE("visitor_id");",
        "ALTER TABLE "visitors" ALTER COLUMN "created_at" SET NOT NULL;",
        "CREATE INDEX "idx_conversions_type" ON "conversions" USING btree ("conversion_type");",
        "CREATE INDEX "idx_visitors_gclid" ON "visitors" USING btree ("gclid") WHERE (gclid IS NOT NULL);",
        "DROP INDEX "idx_conversions_type";",
      ]
    `);
  });
});

/** What Drizzle knows of a table. It knows no owners, privileges, comments, triggers and functions. */
async function known(db: TestDatabase): Promise<string[]> {
  return (await snapshot(db))
    .filter((line) => /^\S+ (relation|column|constraint|index|sequence) /.test(line))
    .map((line) => line.replace(/ (acl|comment)=.*$/, ''));
}

test('drizzle-kit generate makes the tables that the migrations make', async () => {
  const generated = await createDatabase();
  await generated.query((await statementsOfGenerate(tracking)).join('\n'));
  expect(await known(generated)).toEqual(await known(migrated));
});
