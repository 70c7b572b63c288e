import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { DatabaseAheadError, runMigrations, verifySchema } from '../../src/index.ts';
import { expectedAfter } from '../../src/schema/expected.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { catalogueQuery } from '../../src/schema/read-catalogue.ts';
import { scopeOf } from '../../src/schema/scope.ts';
import { resolveOptions } from '../../src/settings.ts';
import { snapshot } from '../support/catalogue.ts';
import {
  createDatabase,
  createMigratedDatabase,
  createRole,
  createTurkishDatabase,
  type TestDatabase,
  withClient,
} from '../support/database.ts';
import { hasServerLog, statementsDuring } from '../support/statements.ts';

const HEAD = migrations.at(-1)?.name;

let upToDate: TestDatabase;
beforeAll(async () => {
  upToDate = await createMigratedDatabase();
});

interface Plan {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly 'Temp Written Blocks': number;
  readonly Plans?: readonly Plan[];
}

/** What the catalogue's query costs: counts, not times. */
interface Cost {
  /** Rows that all of its steps handle. */
  readonly rows: number;
  /** Blocks that do not fit into memory. */
  readonly spilled: number;
}

async function costOf(db: TestDatabase): Promise<Cost> {
  const scope = scopeOf(expectedAfter(migrations.length), resolveOptions({ databaseUrl: db.url }));
  const [row] = await db.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
    `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${catalogueQuery(scope)}`,
  );
  const rows = (plan: Plan): number =>
    plan['Actual Loops'] *
      (plan['Actual Rows'] +
        (plan['Rows Removed by Filter'] ?? 0) +
        (plan['Rows Removed by Join Filter'] ?? 0)) +
    (plan.Plans ?? []).reduce((sum, part) => sum + rows(part), 0);
  if (row === undefined) throw new Error('no plan');
  const [{ Plan: plan }] = row['QUERY PLAN'];
  return { rows: rows(plan), spilled: plan['Temp Written Blocks'] };
}

describe('verifySchema()', () => {
  test.runIf(hasServerLog())('takes two statements, and changes nothing', async () => {
    const before = await snapshot(upToDate);
    const statements = await statementsDuring(upToDate, () =>
      verifySchema({ databaseUrl: upToDate.url }),
    );
    expect(statements).toHaveLength(2);
    expect(await snapshot(upToDate)).toEqual(before);
  });

  test('says that nothing is installed, and up fixes it', async () => {
    const db = await createDatabase();
    const { ok, head, findings } = await verifySchema({ databaseUrl: db.url });
    expect([ok, head, findings.map(({ code }) => code)]).toEqual([
      false,
      undefined,
      ['NOT_INSTALLED'],
    ]);
    await runMigrations({ databaseUrl: db.url });
    expect((await verifySchema({ databaseUrl: db.url })).ok).toBe(true);
  });

  test('compares with what the recorded migrations leave behind, not with the newest', async () => {
    const db = await createDatabase();
    await runMigrations({ databaseUrl: db.url, count: 5 });
    const result = await verifySchema({ databaseUrl: db.url });
    expect(result).toMatchObject({ ok: true, head: migrations[4]?.name });
    expect(result.findings.map(({ code }) => code)).toEqual(['MIGRATIONS_PENDING']);
  });

  test('leaves a leads table of the application alone, wherever it is', async () => {
    const db = await createDatabase();
    await db.query(`CREATE SCHEMA crm; CREATE TABLE crm.leads (id uuid PRIMARY KEY, email text);
      GRANT ALL ON crm.leads TO PUBLIC; CREATE VIEW open_leads AS SELECT * FROM crm.leads;
      GRANT ALL ON open_leads TO PUBLIC`);
    await runMigrations({ databaseUrl: db.url, schema: ['public', 'crm'] });
    for (const schema of ['public', ['public', 'crm']]) {
      const result = await verifySchema({ databaseUrl: db.url, schema });
      expect(result).toEqual({ ok: true, head: HEAD, findings: [] });
    }
  });

  test('finds its way with any names', async () => {
    const db = await createDatabase();
    const schema = 'Übersicht $1.%s \\ {schema}';
    const at = { databaseUrl: db.url, schema, migrationsTable: `L${'ö'.repeat(31)}` };
    await runMigrations({ ...at, createSchema: true });
    expect(await verifySchema(at)).toEqual({ ok: true, head: HEAD, findings: [] });
    const name = pg.escapeIdentifier(schema);
    await db.query(
      `DROP TABLE ${name}.conversion_queue; DROP FUNCTION ${name}.tracking_set_updated_at() CASCADE`,
    );
    const { findings } = await verifySchema(at);
    for (const { fix = '' } of findings) await db.query(fix);
    expect(await verifySchema(at)).toEqual({ ok: true, head: HEAD, findings: [] });
  });

  test.each([
    'SET quote_all_identifiers = on',
    'SET standard_conforming_strings = off',
    'SET row_security = on',
    "SET search_path = ''",
    "SET DateStyle = 'German'",
    "SET IntervalStyle = 'sql_standard'",
    "SET timezone = 'Asia/Tokyo'",
    'SET extra_float_digits = -15',
    "SET bytea_output = 'escape'",
    'SET default_transaction_read_only = on',
    'SET lock_timeout = 1',
  ])('says the same where the database has %s', async (setting) => {
    const db = await createDatabase(upToDate);
    await db.query(`ALTER TABLE visitors ADD COLUMN tenant text, ADD CONSTRAINT constants CHECK (tenant <>
      concat('2026-01-02 03:04+00'::timestamptz, '1 day 2 hours'::interval, '0.12345678901'::float8, '\\xdeadbeef'::bytea, 'a'::name))`);
    const { findings } = await verifySchema({ databaseUrl: db.url });
    expect(findings.map(({ code }) => code)).toEqual(['COLUMN_ADDED', 'CONSTRAINT_ADDED']);
    await db.query(`ALTER DATABASE ${db.name} ${setting}`);
    expect(await verifySchema({ databaseUrl: db.url })).toEqual({ ok: true, head: HEAD, findings });
  });

  test('takes no offence at what makes no difference', async () => {
    const db = await createDatabase();
    await db.query('CREATE TABLE leads (id uuid PRIMARY KEY) PARTITION BY HASH (id)');
    await db.query(
      'CREATE TABLE leads_all PARTITION OF leads FOR VALUES WITH (MODULUS 1, REMAINDER 0)',
    );
    await runMigrations({ databaseUrl: db.url });
    await db.query(`ALTER INDEX idx_visitors_gclid SET (fillfactor = 70);
      ALTER TABLE conversions ENABLE ALWAYS TRIGGER conversions_set_updated_at;
      ALTER TABLE visitors SET (fillfactor = 80), ALTER COLUMN user_agent SET STORAGE EXTERNAL,
        ALTER COLUMN gclid SET STATISTICS 500;
      COMMENT ON TABLE visitors IS 'of our own'`);
    expect(await verifySchema({ databaseUrl: db.url })).toEqual({
      ok: true,
      head: HEAD,
      findings: [],
    });
  });

  test("refuses a view in the migrations table's place before it runs anything", async () => {
    const db = await createDatabase();
    await db.query(`CREATE FUNCTION ran() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'it ran'; END $$;
      CREATE VIEW tracking_migrations AS SELECT ran() AS id, 'x'::text AS name, now()::timestamp AS run_on`);
    for (const call of [verifySchema, runMigrations]) {
      await expect(call({ databaseUrl: db.url })).rejects.toMatchObject({
        failures: [{ code: 'MIGRATIONS_TABLE_UNUSABLE' }],
      });
    }
  });

  test('costs in proportion to the functions that mention the tables', async () => {
    const db = await createDatabase(upToDate);
    const add = (from: number, to: number) =>
      db.query(`DO $$ BEGIN FOR i IN ${from}..${to} LOOP
        EXECUTE format('CREATE FUNCTION f%s() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS %L', i,
          'SELECT count(*) FROM visitors -- ' || repeat('words in a comment ', 100));
        EXECUTE format('REVOKE ALL ON FUNCTION f%s() FROM PUBLIC', i); END LOOP; END $$`);
    await add(1, 200);
    const few = await costOf(db);
    await add(201, 800);
    const many = await costOf(db);
    // Four times the functions: 3.9 times the rows, and 9.3 times where each is matched with each.
    expect(many.rows / few.rows).toBeLessThan(5);
    expect((await verifySchema({ databaseUrl: db.url })).ok).toBe(true);
  });

  test('keeps no text for each pair of schemas that have the same functions', async () => {
    const db = await createDatabase(upToDate);
    await db.query(`SET check_function_bodies = off;
      DO $$ DECLARE own text; o record; BEGIN FOR i IN 1..40 LOOP
        own := format('tenant_%s', i);
        EXECUTE format('CREATE SCHEMA %I', own);
        FOR o IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' LOOP
          EXECUTE format('CREATE TABLE %I.%I ()', own, o.relname);
        END LOOP;
        FOR o IN SELECT p.proname, p.prosrc FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace LOOP
          EXECUTE format('CREATE FUNCTION %I.%I() RETURNS void LANGUAGE plpgsql AS %L',
            own, o.proname, replace(o.prosrc, 'public.', own || '.'));
        END LOOP; END LOOP; END $$`);
    // 12,000 blocks where every body is kept for every name in it, whatever its schema.
    expect((await costOf(db)).spilled).toBeLessThan(1_000);
  });

  test('needs no more than SELECT on the migrations table', async () => {
    const role = await createRole();
    const db = await createDatabase(upToDate);
    await db.query(
      `GRANT SELECT ON tracking_migrations TO ${role.name}; DROP INDEX idx_queue_platform`,
    );
    const url = db.urlFor(role.name, role.password);
    const { head, findings } = await verifySchema({ databaseUrl: url });
    expect(head).toBe(HEAD);
    expect(findings.map(({ code }) => code)).toEqual([
      'INDEX_MISSING',
      'MIGRATIONS_TABLE_READABLE',
    ]);
  });

  test('leaves the database of a newer version to that version', async () => {
    const db = await createDatabase(upToDate);
    await db.query(
      `INSERT INTO tracking_migrations (name, run_on) VALUES ('20991231000000000_later', now())`,
    );
    const error = await verifySchema({ databaseUrl: db.url }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DatabaseAheadError);
    expect((error as DatabaseAheadError).unknown).toEqual(['20991231000000000_later']);
  });

  test('leaves the settings of a client as they were, and a transaction alone', async () => {
    await withClient(upToDate.url, async (client) => {
      await client.query("SET search_path = 'elsewhere'; SET statement_timeout = '7s'");
      expect((await verifySchema({ dbClient: client })).ok).toBe(true);
      const { rows } = await client.query<{ path: string; timeout: string; read_only: string }>(
        `SELECT current_setting('search_path') AS path, current_setting('statement_timeout') AS timeout,
                current_setting('transaction_read_only') AS read_only`,
      );
      expect(rows).toEqual([{ path: 'elsewhere', timeout: '7s', read_only: 'off' }]);
      await client.query('BEGIN');
      await expect(verifySchema({ dbClient: client })).rejects.toMatchObject({
        code: 'CLIENT_IN_TRANSACTION',
      });
    });
  });

  test('refuses options that it does not know', async () => {
    const options = { databaseUrl: upToDate.url, direction: 'up' } as object;
    await expect(verifySchema(options)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});

test('finds functions that mention the tables in any locale', async () => {
  const db = await createTurkishDatabase();
  if (!db) return;
  const databaseUrl = db.url;
  await runMigrations({ databaseUrl });
  expect(await verifySchema({ databaseUrl })).toMatchObject({ ok: true, findings: [] });
  await db.query(`CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS
    'SELECT COUNT(*) FROM VISITORS'`);
  const { findings } = await verifySchema({ databaseUrl });
  expect(findings.map(({ code, object }) => `${code} ${object}`)).toEqual([
    'FUNCTION_EXPOSES function public.peek()',
  ]);
});
