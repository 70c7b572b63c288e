import { beforeAll, describe, expect, test } from 'vitest';
import { PreflightError, runMigrations, verifySchema } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { snapshot, tablesOf } from '../support/catalogue.ts';
import { createDatabase, createMigratedDatabase, type TestDatabase } from '../support/database.ts';
import { readGuide } from '../support/guide.ts';

const LEAD = '11111111-1111-4111-8111-111111111111';

describe('a leads table that does not fit', () => {
  test.each([
    ['with a bigint id', 'CREATE TABLE leads (id bigint PRIMARY KEY)'],
    ['with a text id', 'CREATE TABLE leads (id text PRIMARY KEY)'],
    ['without an id', 'CREATE TABLE leads (lead_id uuid PRIMARY KEY)'],
    ['without a unique key', 'CREATE TABLE leads (id uuid NOT NULL)'],
    [
      'with an index on id that is not unique',
      'CREATE TABLE leads (id uuid); CREATE INDEX ON leads (id)',
    ],
    [
      'with an id that is unique only together with another column',
      'CREATE TABLE leads (id uuid, tenant uuid, PRIMARY KEY (id, tenant))',
    ],
    [
      'with an id that is unique only in part',
      'CREATE TABLE leads (id uuid, gone bool); CREATE UNIQUE INDEX ON leads (id) WHERE NOT gone',
    ],
    [
      'with a unique key that is deferrable',
      'CREATE TABLE leads (id uuid UNIQUE DEFERRABLE INITIALLY IMMEDIATE)',
    ],
    ['that is unlogged', 'CREATE UNLOGGED TABLE leads (id uuid PRIMARY KEY)'],
    ['that is a view', 'CREATE VIEW leads AS SELECT gen_random_uuid() AS id'],
    [
      'that is a materialized view',
      'CREATE MATERIALIZED VIEW leads AS SELECT gen_random_uuid() AS id; CREATE UNIQUE INDEX ON leads (id)',
    ],
  ])('%s is refused, and nothing is changed', async (_, sql) => {
    const db = await createDatabase();
    await db.query(sql);
    const before = await snapshot(db);
    const error = await runMigrations({ databaseUrl: db.url }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PreflightError);
    expect(error).toMatchObject({
      code: 'PREFLIGHT_FAILED',
      failures: [{ code: 'LEADS_MISMATCH', message: expect.stringContaining('public.leads') }],
    });
    expect(await snapshot(db)).toEqual(before);
  });
});

test('a leads table that is partitioned by another column gets no fix that fails', async () => {
  const db = await createDatabase();
  await db.query(`
    CREATE TABLE leads (id uuid, created_at timestamptz, PRIMARY KEY (id, created_at)) PARTITION BY RANGE (created_at);
    CREATE TABLE leads_now PARTITION OF leads DEFAULT`);
  const error = await runMigrations({ databaseUrl: db.url }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    failures: [{ code: 'LEADS_MISMATCH', message: expect.stringContaining('partitioned') }],
  });
  expect(String(error)).not.toContain('ADD UNIQUE');
});

test.each([
  ['without a unique key', 'CREATE TABLE leads (id uuid NOT NULL)'],
  [
    'that is partitioned by id, without a unique key',
    `CREATE TABLE leads (id uuid) PARTITION BY HASH (id);
     CREATE TABLE leads_0 PARTITION OF leads FOR VALUES WITH (MODULUS 1, REMAINDER 0)`,
  ],
])('a leads table %s fits after the SQL of the fix', async (_, sql) => {
  const db = await createDatabase();
  await db.query(sql);
  const error = await runMigrations({ databaseUrl: db.url }).catch((reason: unknown) => reason);
  const fix = (error as PreflightError).failures[0]?.fix ?? '';
  await db.query(fix.slice(fix.indexOf('ALTER')));
  await runMigrations({ databaseUrl: db.url });
});

test.each([
  ['that has a bigint id', 'CREATE TABLE leads (id bigint PRIMARY KEY)'],
  ['that is a view', 'CREATE VIEW leads AS SELECT gen_random_uuid() AS id'],
])(
  'a leads table %s is left alone by an installation into the schema of the fix',
  async (_, sql) => {
    const db = await createDatabase();
    await db.query(sql);
    const before = await snapshot(db, 'public.leads');
    const error = await runMigrations({ databaseUrl: db.url }).catch((reason: unknown) => reason);
    expect((error as PreflightError).failures[0]?.fix).toContain(
      "schema: 'tracking' and createSchema: true (--schema tracking --create-schema)",
    );
    await runMigrations({ databaseUrl: db.url, schema: 'tracking', createSchema: true });
    expect(await snapshot(db, 'public.leads')).toEqual(before);
  },
);

test('a leads table with a bigint id is tied to conversions as the guide shows', async () => {
  const db = await createDatabase();
  await db.query('CREATE TABLE leads (id bigint PRIMARY KEY); INSERT INTO leads VALUES (42)');
  const options = { databaseUrl: db.url, schema: 'tracking' };
  await runMigrations({ ...options, createSchema: true });
  const guide = readGuide('docs/deploying.md');
  const [alter = '', lookUp = ''] = guide.blocks('sql', 'Leads with another id');
  await db.query(alter);
  const [lead] = await db.query(lookUp);
  expect(await db.query(lookUp)).toEqual([lead]);
  await db.query(`SELECT tracking.record_conversion($1, 'closed', crm_deal_id => 'D-1')`, [
    lead?.id,
  ]);
  expect(await verifySchema(options)).toMatchObject({ ok: true });
  await db.query('DELETE FROM leads');
  expect(await db.query('SELECT FROM tracking.conversions')).toEqual([]);
  await runMigrations({ ...options, direction: 'down', count: Number.POSITIVE_INFINITY });
  expect(await tablesOf(db, 'tracking')).toContain('leads');
});

test('warns of a table that is named almost like leads, and of children that inherit from leads', async () => {
  const warningsOf = async (sql: string) => {
    const db = await createDatabase();
    await db.query(sql);
    const warnings: string[] = [];
    await runMigrations({
      databaseUrl: db.url,
      onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
    });
    return warnings;
  };
  expect(await warningsOf('CREATE TABLE "Lead" (id uuid PRIMARY KEY)')).toEqual([
    expect.stringContaining('not public."Lead"'),
  ]);
  expect(
    await warningsOf(`
      CREATE TABLE leads (id uuid PRIMARY KEY);
      CREATE TABLE old_leads () INHERITS (leads)`),
  ).toEqual([expect.stringContaining('rows of public.old_leads')]);
  expect(
    await warningsOf('CREATE TABLE leads (id uuid PRIMARY KEY); CREATE TABLE lead (id int)'),
  ).toEqual([]);
});

describe('a leads table that fits', () => {
  test.each([
    ['with id as its primary key', 'CREATE TABLE leads (id uuid PRIMARY KEY)'],
    [
      'with a unique id beside another primary key',
      'CREATE TABLE leads (number bigint PRIMARY KEY, id uuid UNIQUE)',
    ],
    [
      'with a unique index on id, and no constraint',
      'CREATE TABLE leads (number bigint, id uuid); CREATE UNIQUE INDEX ON leads (id)',
    ],
    [
      'with columns before id that were dropped',
      'CREATE TABLE leads (old int, id uuid UNIQUE); ALTER TABLE leads DROP COLUMN old',
    ],
    [
      'whose id is of a domain over uuid',
      `CREATE DOMAIN any_id AS uuid; CREATE DOMAIN lead_id AS any_id CHECK (VALUE IS NOT NULL);
       CREATE TABLE leads (id lead_id PRIMARY KEY)`,
    ],
    [
      'that is partitioned',
      `CREATE TABLE leads (id uuid PRIMARY KEY) PARTITION BY HASH (id);
       CREATE TABLE leads_0 PARTITION OF leads FOR VALUES WITH (MODULUS 1, REMAINDER 0)`,
    ],
  ])('%s is used as it is', async (_, sql) => {
    const db = await createDatabase();
    await db.query(sql);
    const before = await snapshot(db, 'public.leads');
    await runMigrations({ databaseUrl: db.url });
    expect(await snapshot(db, 'public.leads')).toEqual(before);
    expect(await referenced(db)).toBe('public.leads');
    await expectCascade(db, 'public');
  });

  test('in a later schema of the search path is used, and no placeholder is made', async () => {
    const db = await createDatabase();
    await db.query('CREATE SCHEMA tracking; CREATE TABLE leads (id uuid PRIMARY KEY)');
    const before = await snapshot(db, 'public.leads');
    await runMigrations({ databaseUrl: db.url, schema: ['tracking', 'public'] });
    expect(await snapshot(db, 'public.leads')).toEqual(before);
    expect(await referenced(db)).toBe('public.leads');
    expect(await tablesOf(db)).toEqual(['leads']);
    expect(await tablesOf(db, 'tracking')).not.toContain('leads');
    await expectCascade(db, 'tracking');
  });

  test('in the first schema is preferred to one in a later schema', async () => {
    const db = await createDatabase();
    await db.query(`
      CREATE SCHEMA tracking;
      CREATE TABLE tracking.leads (id uuid PRIMARY KEY);
      CREATE TABLE public.leads (id bigint PRIMARY KEY)`);
    await runMigrations({ databaseUrl: db.url, schema: ['tracking', 'public'] });
    expect(await referenced(db)).toBe('tracking.leads');
  });

  test('in a schema that is not searched is left alone', async () => {
    const db = await createDatabase();
    await db.query('CREATE SCHEMA tracking; CREATE TABLE leads (id bigint)');
    const before = await snapshot(db, 'public.leads');
    await runMigrations({ databaseUrl: db.url, schema: 'tracking' });
    expect(await referenced(db)).toBe('tracking.leads');
    expect(await snapshot(db, 'public.leads')).toEqual(before);
  });
});

test('without a leads table a placeholder is made and referred to', async () => {
  const db = await createMigratedDatabase();
  expect(await referenced(db)).toBe('public.leads');
});

describe('the list of migrations', () => {
  let created: Map<string, string[]>;

  beforeAll(async () => {
    const db = await createDatabase();
    created = new Map();
    let before = ['tracking_migrations'];
    for (const { name } of migrations) {
      const { ran } = await runMigrations({ databaseUrl: db.url, count: 1 });
      expect(ran.map((run) => run.name)).toEqual([name]);
      const after = await tablesOf(db);
      created.set(
        name,
        after.filter((table) => !before.includes(table)),
      );
      before = after;
    }
  });

  test.each(migrations)('$name creates the tables that it says: $creates', ({ name, creates }) => {
    expect(created.get(name)).toEqual(creates);
  });
});

/** The table that conversions.lead_id refers to. */
async function referenced(db: TestDatabase): Promise<string | undefined> {
  const [row] = await db.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name
       FROM pg_constraint f
       JOIN pg_class c ON c.oid = f.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE f.conname = 'conversions_lead_id_fkey' AND f.conparentid = 0`,
  );
  return row?.name;
}

/** A lead of public.leads can have a conversion, which goes with it. */
async function expectCascade(db: TestDatabase, schema: string): Promise<void> {
  const columns = await db.query<{ attname: string }>(
    `SELECT attname FROM pg_attribute WHERE attrelid = 'public.leads'::regclass AND attname = 'number'`,
  );
  const number = columns.length > 0 ? ', number' : '';
  await db.query(`
    INSERT INTO public.leads (id${number}) VALUES ('${LEAD}'${number && ', 1'});
    INSERT INTO ${schema}.conversions (lead_id, conversion_type, idempotency_key)
      VALUES ('${LEAD}', 'closed', 'D-1:closed')`);
  const conversions = `SELECT lead_id FROM ${schema}.conversions`;
  expect(await db.query(conversions)).toEqual([{ lead_id: LEAD }]);
  await db.query('DELETE FROM public.leads');
  expect(await db.query(conversions)).toEqual([]);
}
