import { describe, expect, test } from 'vitest';
import { migrationStatus, planMigrations, runMigrations, verifySchema } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { tablesOf } from '../support/catalogue.ts';
import { createDatabase, createMigratedDatabase, createRole } from '../support/database.ts';

const COUNT = migrations.length;

describe('a migrations table', () => {
  test('of another installation keeps its declaration and its grants', async () => {
    const role = await createRole();
    const db = await createDatabase();
    await db.query(
      `CREATE SCHEMA one; CREATE SCHEMA two; GRANT USAGE ON SCHEMA one TO ${role.name}`,
    );
    await runMigrations({ databaseUrl: db.url, schema: 'one', count: 3 });
    await db.query(`GRANT SELECT ON one.tracking_migrations TO ${role.name}`);
    const state =
      "SELECT relacl::text, obj_description(oid) FROM pg_class WHERE oid = 'one.tracking_migrations'::regclass";
    const before = await db.query(state);
    await runMigrations({ databaseUrl: db.url, schema: 'two' });
    await runMigrations({ databaseUrl: db.url, schema: 'two', direction: 'down', count: 1 });
    expect(await db.query(state)).toEqual(before);
  });

  test('keeps what the application has granted when later migrations declare anew', async () => {
    const role = await createRole();
    const db = await createMigratedDatabase();
    await db.query(`GRANT SELECT ON tracking_migrations TO ${role.name}`);
    await runMigrations({ databaseUrl: db.url, direction: 'down', count: 1 });
    await runMigrations({ databaseUrl: db.url });
    const databaseUrl = db.urlFor(role.name, role.password);
    expect((await runMigrations({ databaseUrl })).alreadyApplied).toHaveLength(COUNT);
  });
});

describe('schema', () => {
  test('is created only on request, and then used for everything', async () => {
    const db = await createDatabase();
    await expect(runMigrations({ databaseUrl: db.url, schema: 'tracking' })).rejects.toMatchObject({
      failures: [{ code: 'SCHEMA_NOT_FOUND' }],
    });
    await runMigrations({ databaseUrl: db.url, schema: 'tracking', createSchema: true });
    const rows = await db.query(
      "SELECT relname FROM pg_class WHERE relnamespace = 'tracking'::regnamespace AND relkind = 'r' ORDER BY 1",
    );
    expect(rows.map(({ relname }) => relname)).toEqual([
      'conversion_queue',
      'conversions',
      'leads',
      'tracking_events',
      'tracking_migrations',
      'upload_requests',
      'visitors',
    ]);
    expect(await runMigrations({ databaseUrl: db.url, schema: 'tracking' })).toMatchObject({
      ran: [],
    });
  });

  test('has to be passed for a second installation, so that none is made by accident', async () => {
    const db = await createDatabase();
    const databaseUrl = db.url;
    await runMigrations({ databaseUrl, schema: 'tracking', createSchema: true });
    for (const call of [
      () => runMigrations({ databaseUrl }),
      () => runMigrations({ databaseUrl, dryRun: true }),
      () => planMigrations({ databaseUrl }),
    ]) {
      await expect(call()).rejects.toMatchObject({
        code: 'PREFLIGHT_FAILED',
        failures: [{ code: 'INSTALLED_ELSEWHERE', fix: expect.stringContaining("'tracking'") }],
      });
    }
    expect(await tablesOf(db)).toEqual([]);
    expect(await migrationStatus({ databaseUrl })).toMatchObject({
      verdict: 'pending',
      installedIn: ['tracking'],
    });
    expect((await verifySchema({ databaseUrl })).findings).toMatchObject([
      { code: 'NOT_INSTALLED', fix: "Pass schema: 'tracking' (--schema tracking)." },
    ]);
    expect((await runMigrations({ databaseUrl, schema: 'public' })).ran).toHaveLength(COUNT);
    expect((await runMigrations({ databaseUrl })).alreadyApplied).toHaveLength(COUNT);
    expect(await migrationStatus({ databaseUrl })).toMatchObject({ installedIn: [] });
  });

  test('that does not exist is refused with the one that was probably meant', async () => {
    const db = await createMigratedDatabase();
    for (const [schema, meant] of [
      ['Public', 'is installed in schema public: pass that one (--schema public)'],
      ['public, crm', 'pass an array (--schema public --schema crm)'],
    ] as const) {
      await expect(runMigrations({ databaseUrl: db.url, schema })).rejects.toMatchObject({
        failures: [{ code: 'SCHEMA_NOT_FOUND', fix: expect.stringContaining(meant) }],
      });
    }
    const { findings } = await verifySchema({
      databaseUrl: (await createDatabase()).url,
      schema: 'x',
    });
    expect(findings).toMatchObject([{ fix: expect.stringMatching(/up --schema x$/) }]);
  });

  test('two installations of one database do not know of each other', async () => {
    const db = await createDatabase();
    await db.query('CREATE SCHEMA one; CREATE SCHEMA two');
    await runMigrations({ databaseUrl: db.url, schema: ['one', 'public'] });
    const { ran } = await runMigrations({ databaseUrl: db.url, schema: ['two', 'one'] });
    expect(ran).toHaveLength(COUNT);
    const [row] = await db.query(
      "SELECT confrelid::regclass::text AS refers_to FROM pg_constraint WHERE conrelid = 'two.conversions'::regclass AND contype = 'f'",
    );
    expect(row).toEqual({ refers_to: 'one.leads' });
  });

  test('names with spaces, capitals, dots, backslashes and 63 bytes are quoted', async () => {
    const db = await createDatabase();
    const schema = 'Müller; DROP TABLE leads \\ x.y $1'.padEnd(62, '_');
    const migrationsTable = 'My migrationsTable.\\';
    const options = { databaseUrl: db.url, schema, migrationsTable, createSchema: true };
    expect(await runMigrations(options)).toMatchObject({ alreadyApplied: [] });
    expect((await runMigrations(options)).alreadyApplied).toHaveLength(COUNT);
    const down = { ...options, direction: 'down', count: Number.POSITIVE_INFINITY } as const;
    expect((await runMigrations(down)).ran).toHaveLength(COUNT);
  });
});
