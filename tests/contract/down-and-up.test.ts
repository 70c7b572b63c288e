import { beforeAll, describe, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { onThisMajor } from '../support/cases.ts';
import { snapshot, tablesOf } from '../support/catalogue.ts';
import { createDatabase, createMigratedDatabase, type TestDatabase } from '../support/database.ts';

const HOST_LEADS = `
  CREATE TABLE leads (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text NOT NULL);
  CREATE INDEX leads_email ON leads (lower(email));
  COMMENT ON TABLE leads IS 'People who filled in a form.';
  COMMENT ON COLUMN leads.email IS 'As typed.';
  INSERT INTO leads (email) VALUES ('a@example.com'), ('b@example.com');`;

/** [name, how many migrations are applied once it is] */
const STEPS = migrations.map(({ name }, index) => [name, index + 1] as const);
const ALL = migrations.length;

async function up(db: TestDatabase, count = Number.POSITIVE_INFINITY): Promise<void> {
  await runMigrations({ databaseUrl: db.url, count });
}

async function down(db: TestDatabase, count = Number.POSITIVE_INFINITY): Promise<void> {
  await runMigrations({ databaseUrl: db.url, direction: 'down', count });
}

const SETUPS = [
  ['without a leads table', 'SELECT'],
  ["with the application's leads table", HOST_LEADS],
] as const;

describe.each(onThisMajor(SETUPS))('%s', (_, setup) => {
  let db: TestDatabase;
  /** The catalogue by the number of migrations applied, on the way up. */
  const wayUp: string[][] = [];

  beforeAll(async () => {
    db = await createDatabase();
    await db.query(setup);
    for (let applied = 1; applied <= ALL; applied += 1) {
      await up(db, 1);
      wayUp[applied] = await snapshot(db);
    }
  });

  test.each(STEPS)('each step changes the catalogue: %s', (_, applied) => {
    expect(wayUp[applied]).not.toEqual(wayUp[applied - 1]);
  });

  test.each(STEPS)('down to before %s and up again leaves all as it was', async (_, applied) => {
    await down(db, ALL - applied + 1);
    if (applied > 1) expect(await snapshot(db)).toEqual(wayUp[applied - 1]);
    await up(db);
    expect(await snapshot(db)).toEqual(wayUp[ALL]);
  });

  test('one step down at a time leaves what was there on the way up', async () => {
    const copy = await createDatabase(db);
    for (let applied = ALL - 1; applied > 0; applied -= 1) {
      await down(copy, 1);
      expect(await snapshot(copy)).toEqual(wayUp[applied]);
    }
  });

  test('all the way down leaves nothing but the migrations table, empty', async () => {
    const copy = await createDatabase(db);
    const empty = await createDatabase();
    await empty.query(setup);
    await down(copy);
    const left = (await snapshot(copy)).filter((line) => !line.includes('tracking_migrations'));
    expect(left).toEqual(await snapshot(empty));
    expect(await copy.query('SELECT name FROM tracking_migrations')).toEqual([]);
  });
});

test("the application's leads is never altered, and keeps its rows", async () => {
  const db = await createDatabase();
  await db.query(HOST_LEADS);
  const before = await snapshot(db, 'public.leads');
  const rows = await db.query('SELECT * FROM leads ORDER BY email');
  const expectSame = async () => {
    expect(await snapshot(db, 'public.leads')).toEqual(before);
    expect(await db.query('SELECT * FROM leads ORDER BY email')).toEqual(rows);
    expect(await foreignTriggers(db)).toEqual([]);
  };
  await up(db);
  await expectSame();
  await down(db);
  await expectSame();
  expect(await internalTriggers(db)).toBe(0);
  await up(db);
  await expectSame();
  expect(await internalTriggers(db)).toBe(2);
});

describe('going down, the placeholder leads', () => {
  test('is dropped', async () => {
    const db = await createMigratedDatabase();
    await down(db);
    expect(await tablesOf(db)).toEqual(['tracking_migrations']);
  });

  test.each([
    ['has added a column to it', 'ALTER TABLE leads ADD email text'],
    ['has renamed a column of it', 'ALTER TABLE leads RENAME created_at TO at'],
    ['refers to it by a foreign key', 'CREATE TABLE notes (lead_id uuid REFERENCES leads (id))'],
    ['has a view of it', 'CREATE VIEW recent AS SELECT id FROM leads'],
    ['has made it its own by a comment', "COMMENT ON TABLE leads IS 'Ours now.'"],
  ])('stays where the application %s, and serves again going up', async (_, sql) => {
    const db = await createMigratedDatabase();
    await db.query(sql);
    const leads = await snapshot(db, 'public.leads');
    const before = await snapshot(db);
    await down(db);
    expect(await tablesOf(db)).toContain('leads');
    expect(await tablesOf(db)).not.toContain('conversions');
    expect(await snapshot(db, 'public.leads')).toEqual(leads);
    await up(db);
    expect(await snapshot(db)).toEqual(before);
  });

  test('stays with its rows where the application has built upon it', async () => {
    const db = await createMigratedDatabase();
    await db.query("ALTER TABLE leads ADD email text; INSERT INTO leads (email) VALUES ('a')");
    await runMigrations({
      databaseUrl: db.url,
      direction: 'down',
      count: Number.POSITIVE_INFINITY,
      allowDataLoss: true,
    });
    expect(await db.query('SELECT email FROM leads')).toEqual([{ email: 'a' }]);
  });
});

/** Triggers of the foreign key on leads: two while conversions refers to it. */
async function internalTriggers(db: TestDatabase): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_trigger WHERE tgrelid = 'leads'::regclass AND tgisinternal`,
  );
  return row?.count ?? -1;
}

/** Triggers on leads that belong to anything but the foreign key of conversions. */
async function foreignTriggers(db: TestDatabase): Promise<object[]> {
  return db.query(
    `SELECT t.tgname FROM pg_trigger t LEFT JOIN pg_constraint c ON c.oid = t.tgconstraint
      WHERE t.tgrelid = 'leads'::regclass AND c.conname IS DISTINCT FROM 'conversions_lead_id_fkey'`,
  );
}
