import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { type Queryable, snapshot } from '../support/catalogue.ts';
import { createDatabase } from '../support/database.ts';
import {
  type Migrator,
  type SupabaseProject,
  type SupabaseServer,
  startSupabase,
  type World,
} from '../support/supabase.ts';
import { grantees, heldPrivileges } from './privileges.ts';

const TABLES = [
  'conversion_queue',
  'conversions',
  'leads',
  'tracking_events',
  'tracking_migrations',
  'visitors',
];
const ROW_PRIVILEGES = ['DELETE', 'INSERT', 'SELECT', 'UPDATE'];
const INSUFFICIENT_PRIVILEGE = '42501';

let server: SupabaseServer;

beforeAll(async () => {
  server = await startSupabase();
});

afterAll(() => server?.stop());

const CASES: readonly (readonly [World, Migrator])[] = [
  ['legacy', 'supabase_postgres'],
  ['2026', 'supabase_postgres'],
  ['2026', 'supabase_admin'],
];

describe.each(CASES)('with default privileges of %s, migrated by %s', (world, migrator) => {
  let project: SupabaseProject;

  beforeAll(async () => {
    project = await server.createProject(world);
    await runMigrations({ databaseUrl: project.urlFor(migrator) });
  });

  test.each(['anon', 'authenticated', 'public', 'reporter'])(
    '%s holds no privilege on any object',
    async (role) => {
      expect(await heldPrivileges(project, role)).toEqual([]);
    },
  );

  test('service_role reads and writes the rows of the tables, and may nothing else', async () => {
    const expected = TABLES.flatMap((table) => [
      ...ROW_PRIVILEGES.map((privilege) => `table ${table} ${privilege}`),
      ...['INSERT', 'SELECT', 'UPDATE'].map((privilege) => `column of ${table} ${privilege}`),
    ]);
    expect(await heldPrivileges(project, 'service_role')).toEqual(expected.sort());
  });

  test('the access lists name the owner and service_role, and nobody else', async () => {
    expect(await grantees(project)).toEqual(
      [
        `function tracking_set_updated_at() ${migrator}`,
        `sequence tracking_migrations_id_seq ${migrator}`,
        ...TABLES.flatMap((table) => [
          `table ${table} ${migrator}`,
          `table ${table} service_role`,
          `type ${table} ${migrator}`,
        ]),
      ].sort(),
    );
  });

  test('service_role may not pass its privileges on', async () => {
    const grantable = await project.query(
      `SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.relnamespace = 'public'::regnamespace AND a.is_grantable AND a.grantee <> c.relowner`,
    );
    expect(grantable).toEqual([]);
  });

  test('row level security is on, not forced, with no policy', async () => {
    expect(await rowSecurity(project)).toEqual(
      TABLES.map((table) => ({ table, enabled: true, forced: false, policies: 0 })),
    );
  });

  test('no table is published', async () => {
    expect(await project.query('SELECT tablename FROM pg_publication_tables')).toEqual([]);
  });

  describe.each(TABLES)('on %s', (table) => {
    test.each([
      ['SELECT', `SELECT FROM ${table}`],
      ['SELECT of a column', `SELECT id FROM ${table}`],
      ['INSERT', `INSERT INTO ${table} DEFAULT VALUES`],
      ['UPDATE', `UPDATE ${table} SET id = id`],
      ['DELETE', `DELETE FROM ${table}`],
      ['TRUNCATE', `TRUNCATE ${table} CASCADE`],
      ['LOCK', `LOCK ${table} IN ACCESS EXCLUSIVE MODE`],
      ['LOCK in its weakest mode', `LOCK ${table} IN ACCESS SHARE MODE`],
      [
        'CREATE TRIGGER',
        `CREATE TRIGGER spy BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
      ],
      ['REINDEX', `REINDEX TABLE ${table}`],
    ])('%s by anon is refused', async (_, sql) => {
      await expect(project.asApiRole('anon', sql)).rejects.toMatchObject({
        code: INSUFFICIENT_PRIVILEGE,
      });
    });
  });

  test('a foreign key by anon, which would tell what values exist, is refused', async () => {
    await project.query('CREATE SCHEMA IF NOT EXISTS own; GRANT ALL ON SCHEMA own TO anon');
    await expect(
      project.asApiRole('anon', 'CREATE TABLE own.probe (id uuid REFERENCES public.visitors)'),
    ).rejects.toMatchObject({ code: INSUFFICIENT_PRIVILEGE });
  });

  test('the trigger function cannot be called by service_role', async () => {
    await expect(
      project.asApiRole('service_role', 'SELECT tracking_set_updated_at()'),
    ).rejects.toMatchObject({ code: INSUFFICIENT_PRIVILEGE });
  });

  test('service_role writes, changes, reads and deletes rows of all tables', async () => {
    const rows = await project.asApiRole('service_role', WRITE_ALL);
    expect(rows).toEqual([{ conversions: 1, entries: 1, events: 1 }]);
    await project.asApiRole('service_role', "UPDATE conversion_queue SET status = 'uploaded'");
    const read = await project.asApiRole(
      'service_role',
      `SELECT c.idempotency_key, q.status, v.visitor_id, e.event_name
         FROM leads l JOIN conversions c ON c.lead_id = l.id
         JOIN conversion_queue q ON q.conversion_id = c.id,
              visitors v JOIN tracking_events e ON e.visitor_id = v.id`,
    );
    expect(read).toEqual([
      {
        idempotency_key: 'D-1:closed',
        status: 'uploaded',
        visitor_id: 'cookie',
        event_name: 'page_view',
      },
    ]);
    await project.asApiRole('service_role', 'DELETE FROM leads');
    expect(await project.asApiRole('service_role', 'SELECT id FROM conversion_queue')).toEqual([]);
  });

  test('down and up again leaves every privilege as it was', async () => {
    const databaseUrl = project.urlFor(migrator);
    const before = await snapshot(project);
    const count = Number.POSITIVE_INFINITY;
    await runMigrations({ databaseUrl, direction: 'down', count, dropTablesHoldingRows: true });
    await runMigrations({ databaseUrl });
    expect(await snapshot(project)).toEqual(before);
  });
});

const WRITE_ALL = `
  WITH lead AS (INSERT INTO leads DEFAULT VALUES RETURNING id),
       visitor AS (INSERT INTO visitors (visitor_id) VALUES ('cookie') RETURNING id),
       conversion AS (
         INSERT INTO conversions (lead_id, conversion_type, idempotency_key, crm_deal_id)
         SELECT id, 'closed', 'D-1:closed', 'D-1' FROM lead RETURNING id),
       entry AS (INSERT INTO conversion_queue (conversion_id) SELECT id FROM conversion RETURNING id),
       event AS (
         INSERT INTO tracking_events (visitor_id, event_name)
         SELECT id, 'page_view' FROM visitor RETURNING id)
  SELECT (SELECT count(*)::int FROM conversion) AS conversions,
         (SELECT count(*)::int FROM entry) AS entries,
         (SELECT count(*)::int FROM event) AS events`;

describe.each<World>(['legacy', '2026'])('a host with default privileges of %s', (world) => {
  test('keeps its own leads table exactly as it was', async () => {
    const project = await server.createProject(world);
    await project.query(`
      SET ROLE supabase_postgres;
      CREATE TABLE leads (id uuid PRIMARY KEY, email text);
      GRANT SELECT, INSERT (email) ON leads TO anon;
      GRANT SELECT ON leads TO PUBLIC;
      CREATE POLICY everybody ON leads USING (true);`);
    const before = await snapshot(project, 'public.leads');
    await runMigrations({ databaseUrl: project.url });
    expect(await snapshot(project, 'public.leads')).toEqual(before);
    expect(await project.asApiRole('anon', 'SELECT * FROM leads')).toEqual([]);
  });

  test.each(['anon', 'authenticated', 'service_role'])(
    'would have opened a table of its own to %s',
    async (role) => {
      const project = await server.createProject(world);
      await project.query('SET ROLE supabase_postgres; CREATE TABLE careless (id serial)');
      const held = await heldPrivileges(project, role);
      expect(held).toEqual(expect.arrayContaining(['type careless USAGE']));
      const onRows = ROW_PRIVILEGES.filter((name) => held.includes(`table careless ${name}`));
      expect(onRows).toEqual(world === 'legacy' ? ROW_PRIVILEGES : []);
      const onTable = ['REFERENCES', 'TRIGGER', 'TRUNCATE'].map((name) => `table careless ${name}`);
      expect(held).toEqual(expect.arrayContaining(onTable));
    },
  );
});

test('on plain PostgreSQL the access lists name the owner alone', async () => {
  const db = await createDatabase();
  await runMigrations({ databaseUrl: db.url });
  const [owner] = await db.query<{ name: string }>('SELECT current_user AS name');
  expect(await grantees(db)).toEqual(
    [
      `function tracking_set_updated_at() ${owner?.name}`,
      `sequence tracking_migrations_id_seq ${owner?.name}`,
      ...TABLES.flatMap((table) => [
        `table ${table} ${owner?.name}`,
        `type ${table} ${owner?.name}`,
      ]),
    ].sort(),
  );
  expect(await heldPrivileges(db, 'public')).toEqual([]);
});

async function rowSecurity(db: Queryable): Promise<object[]> {
  return db.query(
    `SELECT c.relname AS table, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
            (SELECT count(*)::int FROM pg_policy WHERE polrelid = c.oid) AS policies
       FROM pg_class c
      WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1`,
  );
}
