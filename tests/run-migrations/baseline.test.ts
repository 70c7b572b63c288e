import { beforeAll, describe, expect, test } from 'vitest';
import { PreflightError, runMigrations, verifySchema } from '../../src/index.ts';
import { CONTRACT_TABLES, migrations } from '../../src/schema/migrations.ts';
import { snapshot } from '../support/catalogue.ts';
import { createDatabase, createRole, type TestDatabase } from '../support/database.ts';
import { HAND_MADE, HAND_MADE_ROWS } from '../support/hand-made.ts';

const NAMES = migrations.map(({ name }) => name);

/** Everything that the catalogue says of the package's tables and functions. */
async function ours(db: TestDatabase): Promise<string[]> {
  const lines = await snapshot(db);
  return lines.filter(
    (line) => !/^public\.(_?leads|leads_pkey)? /.test(line) && !line.includes(' schema owner='),
  );
}

let fresh: string[];
let template: TestDatabase;
beforeAll(async () => {
  const db = await createDatabase();
  await db.query('CREATE TABLE leads (id uuid PRIMARY KEY)');
  await runMigrations({ databaseUrl: db.url });
  fresh = await ours(db);
  template = await createDatabase();
  await template.query(HAND_MADE);
});

async function rowsOf(db: TestDatabase): Promise<object[]> {
  const counts = CONTRACT_TABLES.map((table) => `(SELECT json_agg(t) FROM ${table} t) AS ${table}`);
  return db.query(`SELECT ${counts.join(', ')}`);
}

describe('a schema made by hand as in the contract', () => {
  test('is made equal to a fresh install, closed and recorded, and keeps its rows', async () => {
    const db = await createDatabase(template);
    await db.query(HAND_MADE_ROWS);
    const before = await rowsOf(db);
    const result = await runMigrations({ databaseUrl: db.url });
    expect(result.adopted).toEqual(NAMES.slice(0, 5));
    expect(result.ran.map(({ name }) => name)).toEqual(NAMES.slice(5));
    expect(await ours(db)).toEqual(fresh);
    expect(await rowsOf(db)).toMatchObject(before);
    const migrationsTable = await db.query('SELECT name FROM tracking_migrations ORDER BY id');
    expect(migrationsTable.map(({ name }) => name)).toEqual(NAMES);
    expect(await runMigrations({ databaseUrl: db.url })).toMatchObject({ ran: [], adopted: [] });
  });

  test('verifies without findings after it was adopted with 1,000 rows', async () => {
    const db = await createDatabase(template);
    await db.query(`
      INSERT INTO visitors (visitor_id) SELECT 'v' || n FROM generate_series(1, 250) n;
      INSERT INTO tracking_events (visitor_id, event_name) SELECT id, 'page_view' FROM visitors;
      WITH new AS (INSERT INTO leads (email) SELECT n || '@example.com' FROM generate_series(1, 250) n RETURNING id)
      INSERT INTO conversions (lead_id, conversion_type, idempotency_key, crm_deal_id)
      SELECT id, 'closed', id || ':closed', id FROM new;
      INSERT INTO conversion_queue (conversion_id) SELECT id FROM conversions`);
    await runMigrations({ databaseUrl: db.url });
    expect(await verifySchema({ databaseUrl: db.url })).toEqual({
      ok: true,
      head: NAMES.at(-1),
      findings: [],
    });
    expect(await db.query('SELECT FROM conversion_queue')).toHaveLength(250);
  });

  test('loses grants on columns, and grants that were passed on', async () => {
    const db = await createDatabase(template);
    const [reader, friend] = [await createRole(), await createRole()];
    await db.query(`
      REVOKE ALL ON visitors, conversions, conversion_queue, tracking_events FROM PUBLIC;
      REVOKE SELECT (gclid) ON visitors FROM PUBLIC;
      GRANT SELECT (gclid) ON conversions TO ${reader.name};
      GRANT SELECT ON visitors TO ${reader.name} WITH GRANT OPTION;
      SET LOCAL ROLE ${reader.name};
      GRANT SELECT ON visitors TO ${friend.name}`);
    await runMigrations({ databaseUrl: db.url });
    expect(await ours(db)).toEqual(fresh);
  });

  test('keeps columns and indexes of the application, and loses policies and other names', async () => {
    const db = await createDatabase(template);
    await db.query(`
      ALTER TABLE visitors ADD COLUMN host_note text;
      CREATE INDEX host_index ON visitors (host_note);
      CREATE POLICY everybody ON visitors USING (true);
      ALTER TABLE conversions RENAME CONSTRAINT conversions_conversion_type_check TO my_check;
      ALTER TABLE tracking_events RENAME CONSTRAINT tracking_events_pkey TO my_key;
      ALTER INDEX idx_queue_platform RENAME TO my_platform;
      ALTER TABLE conversions DROP CONSTRAINT conversions_idempotency_key_key;
      DROP INDEX idx_conversions_idempotency_key;
      CREATE UNIQUE INDEX only_an_index ON conversions (idempotency_key)`);
    await runMigrations({ databaseUrl: db.url });
    const lines = await ours(db);
    expect(lines.filter((line) => !line.includes('host_'))).toEqual(fresh);
    expect(lines.filter((line) => line.includes('host_'))).not.toEqual([]);
  });

  test('a dry run says what would be adopted, and changes nothing', async () => {
    const db = await createDatabase(template);
    const before = await snapshot(db);
    const result = await runMigrations({ databaseUrl: db.url, dryRun: true });
    expect(result).toMatchObject({ adopted: NAMES.slice(0, 5), wouldRun: NAMES.slice(5), ran: [] });
    expect(await snapshot(db)).toEqual(before);
  });

  test('is refused with every difference listed where it does not fit', async () => {
    const db = await createDatabase(template);
    await db.query(`
      ALTER TABLE visitors ALTER COLUMN gclid TYPE varchar(100), ALTER COLUMN first_seen_at DROP NOT NULL,
        ADD COLUMN tenant text NOT NULL, ALTER COLUMN created_at SET DEFAULT clock_timestamp(), DROP COLUMN utm_term;
      ALTER TABLE conversions DROP CONSTRAINT conversions_idempotency_key_key, ADD CHECK (conversion_value > 0);
      DROP INDEX idx_tracking_events_created_at;
      DROP INDEX idx_queue_status_next_retry;
      CREATE INDEX idx_queue_status_next_retry ON conversion_queue (status, next_retry_at);
      ALTER TABLE tracking_events DROP CONSTRAINT tracking_events_visitor_id_fkey,
        ADD CONSTRAINT tracking_events_visitor_id_fkey FOREIGN KEY (visitor_id) REFERENCES visitors(id) ON DELETE CASCADE`);
    const before = await snapshot(db);
    const error = await runMigrations({ databaseUrl: db.url }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PreflightError);
    const { failures } = error as PreflightError;
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['TABLE_MISMATCH']));
    expect(failures.map(({ message }) => message)).toMatchInlineSnapshot(`
      [
        ""public"."visitors": gclid is character varying(100), not text.",
        ""public"."visitors": there is no column utm_term.",
        ""public"."visitors": first_seen_at is nullable, and should not be.",
        ""public"."visitors": the default of created_at is clock_timestamp(), not now().",
        ""public"."visitors": tenant, a column of your own, is NOT NULL without a default, so that no row can be inserted.",
        ""public"."conversions": there is an extra constraint, conversions_conversion_value_check CHECK ((conversion_value > (0)::numeric)).",
        ""public"."conversions": there is no constraint idx_conversions_idempotency_key UNIQUE (idempotency_key).",
        ""public"."conversion_queue": idx_queue_status_next_retry is btree (status, next_retry_at), not btree (status, next_retry_at) WHERE (status = ANY (ARRAY['pending'::text, 'failed'::text])).",
        ""public"."tracking_events": there is an extra constraint, tracking_events_visitor_id_fkey FOREIGN KEY (visitor_id) REFERENCES "public".visitors(id) ON DELETE CASCADE.",
        ""public"."tracking_events": there is no constraint tracking_events_visitor_id_fkey FOREIGN KEY (visitor_id) REFERENCES "public".visitors(id) ON DELETE SET NULL.",
        ""public"."tracking_events": there is no index idx_tracking_events_created_at.",
      ]
    `);
    expect(await snapshot(db)).toEqual(before);
    // The fixes fix it: all that the messages ask for is to run them.
    for (const { fix } of failures) await db.query(fix.replace('Run: ', ''));
    expect(await runMigrations({ databaseUrl: db.url })).toMatchObject({
      adopted: NAMES.slice(0, 5),
    });
  });

  test.each([
    [
      'DROP TABLE tracking_events; CREATE VIEW tracking_events AS SELECT 1 AS id',
      'not an ordinary table',
    ],
    ['ALTER TABLE conversion_queue SET UNLOGGED', 'not permanent'],
    ['CREATE TABLE child () INHERITS (tracking_events)', 'a parent of public.child'],
    [
      'CREATE RULE copy AS ON INSERT TO visitors DO ALSO SELECT 1',
      'a table with the rewrite rule copy',
    ],
  ])('is refused where a table is of another kind: %s', async (change, trait) => {
    const db = await createDatabase(template);
    await db.query(change);
    const before = await snapshot(db);
    const error = await runMigrations({ databaseUrl: db.url }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PreflightError);
    expect((error as Error).message).toContain(`it is ${trait}`);
    expect(await snapshot(db)).toEqual(before);
  });

  test('is refused where nothing enforces a foreign key', async () => {
    const db = await createDatabase(template);
    await db.query('ALTER TABLE tracking_events DISABLE TRIGGER ALL');
    const error = await runMigrations({ databaseUrl: db.url }).catch((reason: unknown) => reason);
    const [failure, ...others] = (error as PreflightError).failures;
    expect(others).toEqual([]);
    expect(failure?.message).toContain('tracking_events_visitor_id_fkey is not enforced');
    await db.query(failure?.fix.replace('Run: ', '') ?? '');
    expect((await runMigrations({ databaseUrl: db.url })).adopted).toEqual(NAMES.slice(0, 5));
  });

  test.each([
    [
      'DROP INDEX idx_conversions_created_at; CREATE INDEX idx_conversions_created_at ON conversions (created_at DESC)',
    ],
    [
      'DROP INDEX idx_visitors_gclid; CREATE INDEX idx_visitors_gclid ON visitors (gclid text_pattern_ops) WHERE gclid IS NOT NULL',
    ],
    ['ALTER TABLE visitors ALTER COLUMN gclid TYPE text COLLATE "C"'],
  ])('is refused where a detail differs: %s', async (change) => {
    const db = await createDatabase(template);
    await db.query(change);
    const error = await runMigrations({ databaseUrl: db.url }).catch((reason: unknown) => reason);
    expect((error as PreflightError).failures[0]?.code).toBe('TABLE_MISMATCH');
    for (const { fix } of (error as PreflightError).failures)
      await db.query(fix.replace('Run: ', ''));
    expect((await runMigrations({ databaseUrl: db.url })).adopted).toHaveLength(5);
  });

  test('loses FORCE ROW LEVEL SECURITY, which would lock out its owner', async () => {
    const db = await createDatabase(template);
    await db.query('ALTER TABLE visitors ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY');
    await runMigrations({ databaseUrl: db.url });
    expect(await ours(db)).toEqual(fresh);
  });

  test('is refused where a table is missing, or a row breaks a check', async () => {
    const db = await createDatabase(template);
    await db.query("INSERT INTO visitors (visitor_id, ip_hash) VALUES ('v', '203.0.113.7')");
    const before = await snapshot(db);
    await expect(runMigrations({ databaseUrl: db.url })).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      sqlState: '23514',
      migration: NAMES[5],
    });
    expect(await snapshot(db)).toEqual(before);
    await db.query('DROP TABLE tracking_events');
    await expect(runMigrations({ databaseUrl: db.url })).rejects.toMatchObject({
      failures: [{ code: 'TABLE_CONFLICT' }],
    });
  });

  test('is not taken for one where a table of the application has a name of the package alone', async () => {
    const owner = await createRole();
    const db = await createDatabase();
    await db.query(`
      CREATE TABLE visitors (id serial PRIMARY KEY, updated_at date);
      ALTER TABLE visitors OWNER TO ${owner.name};
      CREATE TABLE leads (id bigint PRIMARY KEY)`);
    await expect(runMigrations({ databaseUrl: db.url })).rejects.toMatchObject({
      failures: [
        {
          code: 'TABLE_CONFLICT',
          fix: `Rename it (ALTER TABLE "public"."visitors" RENAME TO "visitors_old";), or use another schema: pass schema: 'tracking' and createSchema: true (--schema tracking --create-schema).`,
        },
      ],
    });
    await runMigrations({ databaseUrl: db.url, schema: 'tracking', createSchema: true });
  });
});

describe('a schema recorded by node-pg-migrate on its own', () => {
  /** What the bare CLI leaves: our tables, with its migrations table. */
  async function bareDatabase(): Promise<TestDatabase> {
    const db = await createDatabase();
    await db.query('CREATE TABLE leads (id uuid PRIMARY KEY)');
    await runMigrations({ databaseUrl: db.url, migrationsTable: 'pgmigrations' });
    return db;
  }

  test('changes over to our migrations table, and is not run again', async () => {
    const db = await bareDatabase();
    const result = await runMigrations({ databaseUrl: db.url });
    expect(result).toMatchObject({ adopted: NAMES, ran: [] });
    expect(await ours(db)).toEqual(fresh);
  });

  test('only the pending ones are run, and the rows of the application stay in its migrations table', async () => {
    const db = await createDatabase();
    await db.query('CREATE TABLE leads (id uuid PRIMARY KEY)');
    await runMigrations({ databaseUrl: db.url, migrationsTable: 'pgmigrations', count: 3 });
    await db.query("INSERT INTO pgmigrations (name, run_on) VALUES ('1_of_the_host', now())");
    const result = await runMigrations({ databaseUrl: db.url });
    expect(result.adopted).toEqual(NAMES.slice(0, 3));
    expect(result.ran.map(({ name }) => name)).toEqual(NAMES.slice(3));
    expect(await db.query('SELECT name FROM pgmigrations')).toEqual([{ name: '1_of_the_host' }]);
    expect((await ours(db)).filter((line) => !line.includes('pgmigrations'))).toEqual(fresh);
  });

  test('is refused when a newer version has recorded it', async () => {
    const db = await bareDatabase();
    await db.query(`
      INSERT INTO pgmigrations (name, run_on) VALUES ('20991231000000000_newer', now());
      COMMENT ON TABLE pgmigrations IS 'x {"release":"9.0.0","head":"20991231000000000_newer","compatibleFrom":"9.0.0"}'`);
    await expect(runMigrations({ databaseUrl: db.url })).rejects.toMatchObject({
      code: 'DATABASE_AHEAD',
      compatibleFrom: '9.0.0',
    });
  });

  test('a schema recorded in a migrations table of another name is not taken for one made by hand', async () => {
    const db = await createDatabase();
    await runMigrations({ databaseUrl: db.url, migrationsTable: 'my_migrations' });
    const before = await snapshot(db);
    await expect(runMigrations({ databaseUrl: db.url })).rejects.toMatchObject({
      failures: [
        {
          code: 'RECORDED_ELSEWHERE',
          fix: 'Pass migrationsTable: "my_migrations" (--migrations-table my_migrations).',
        },
      ],
    });
    expect(await snapshot(db)).toEqual(before);
  });
});

test('a schema whose migrations table was dropped is adopted and declares its release again', async () => {
  const db = await createDatabase();
  await runMigrations({ databaseUrl: db.url });
  const declared = () =>
    db.query("SELECT obj_description('tracking_migrations'::regclass) AS comment");
  const before = await declared();
  await db.query('DROP TABLE tracking_migrations');
  expect(await runMigrations({ databaseUrl: db.url })).toMatchObject({ adopted: NAMES, ran: [] });
  expect(await declared()).toEqual(before);
});
