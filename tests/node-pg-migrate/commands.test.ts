import { describe, expect, test } from 'vitest';
import { createApplication, expectNoPassword, MIGRATIONS, runCli, SHIPPED } from './application.ts';

const TABLES = [
  'conversion_queue',
  'conversions',
  'leads',
  'tracking_events',
  'upload_requests',
  'visitors',
];

describe.concurrent.each([
  {
    settings: 'no settings',
    args: [],
    migrationsTable: 'pgmigrations',
    other: 'tracking_migrations',
  },
  {
    settings: 'the shipped settings',
    args: SHIPPED,
    migrationsTable: 'tracking_migrations',
    other: 'pgmigrations',
  },
])('node-pg-migrate with $settings', ({ args, migrationsTable, other }) => {
  test(`applies everything and records it in ${migrationsTable} alone`, async () => {
    const application = await createApplication();
    const { code, stdout } = await application.cli('up', ...args);
    expect(stdout).toContain('Migrations complete!');
    expect(code).toBe(0);
    expect(await application.recorded(migrationsTable)).toEqual(MIGRATIONS);
    const tables = await application.tables();
    expect(tables).toEqual([...TABLES, migrationsTable].sort());
    expect(tables).not.toContain(other);
  });

  test('has nothing to run the second time', async () => {
    const application = await createApplication();
    await application.cli('up', ...args);
    const { code, stdout } = await application.cli('up', ...args);
    expect(stdout).toContain('No migrations to run!');
    expect(code).toBe(0);
    expect(await application.recorded(migrationsTable)).toEqual(MIGRATIONS);
  });

  test('takes back one migration, then all from the table of events on, then all, and goes up again', async () => {
    const application = await createApplication();
    await application.cli('up', ...args);

    expect(await application.cli('down', ...args)).toMatchObject({ code: 0 });
    expect(await application.recorded(migrationsTable)).toEqual(MIGRATIONS.slice(0, -1));

    const left = MIGRATIONS.findIndex((name) => name.endsWith('_create-tracking-events'));
    const count = String(MIGRATIONS.length - 1 - left);
    expect(await application.cli('down', count, ...args)).toMatchObject({ code: 0 });
    expect(await application.recorded(migrationsTable)).toEqual(MIGRATIONS.slice(0, left));
    expect(await application.tables()).not.toContain('tracking_events');

    expect(await application.cli('down', '100', ...args)).toMatchObject({ code: 0 });
    expect(await application.recorded(migrationsTable)).toEqual([]);
    expect(await application.tables()).toEqual([migrationsTable]);
    expect(
      await application.database.query(
        `SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace`,
      ),
    ).toEqual([]);

    expect(await application.cli('up', ...args)).toMatchObject({ code: 0 });
    expect(await application.recorded(migrationsTable)).toEqual(MIGRATIONS);
  });

  test('redoes the last migration', async () => {
    const application = await createApplication();
    await application.cli('up', ...args);
    const lastId = `SELECT max(id) AS id FROM ${migrationsTable}`;
    const [before] = await application.database.query<{ id: number }>(lastId);
    expect(await application.cli('redo', ...args)).toMatchObject({ code: 0 });
    const [after] = await application.database.query<{ id: number }>(lastId);
    expect(await application.recorded(migrationsTable)).toEqual(MIGRATIONS);
    expect(after?.id).toBe((before?.id ?? 0) + 1);
  });

  test('creates in another schema, and creates that', async () => {
    const application = await createApplication();
    const { code } = await application.cli('up', '-s', 'tracking', '--create-schema', ...args);
    expect(code).toBe(0);
    expect(await application.tables('tracking')).toEqual([...TABLES, migrationsTable].sort());
    expect(await application.tables()).toEqual([]);
    expect(await application.recorded(`tracking.${migrationsTable}`)).toEqual(MIGRATIONS);
  });

  test('keeps the leads of the application and its rows when all is taken back', async () => {
    const application = await createApplication(`
      CREATE TABLE leads (id uuid PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now());
      INSERT INTO leads VALUES ('00000000-0000-0000-0000-000000000001')`);
    expect(await application.cli('up', ...args)).toMatchObject({ code: 0 });
    expect(await application.cli('down', '100', ...args)).toMatchObject({ code: 0 });
    expect(await application.database.query('SELECT id FROM leads')).toEqual([
      { id: '00000000-0000-0000-0000-000000000001' },
    ]);
  });
});

test.concurrent('a refused password is not shown', async () => {
  const application = await createApplication();
  const url = application.database.urlFor(application.role, 'not the password');
  const finished = await runCli(url, 'up', ...SHIPPED);
  expect(finished.code).toBe(1);
  expect(finished.stderr).toContain('password authentication failed');
  expectNoPassword(finished, 'not the password');
});
