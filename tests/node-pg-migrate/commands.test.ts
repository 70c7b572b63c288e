import { describe, expect, test } from 'vitest';
import { createApplication, expectNoPassword, MIGRATIONS, runCli, SHIPPED } from './application.ts';

const TABLES = ['conversion_queue', 'conversions', 'leads', 'tracking_events', 'visitors'];

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
    const host = await createApplication();
    const { code, stdout } = await host.cli('up', ...args);
    expect(stdout).toContain('Migrations complete!');
    expect(code).toBe(0);
    expect(await host.recorded(migrationsTable)).toEqual(MIGRATIONS);
    const tables = await host.tables();
    expect(tables).toEqual([...TABLES, migrationsTable].sort());
    expect(tables).not.toContain(other);
  });

  test('has nothing to run the second time', async () => {
    const host = await createApplication();
    await host.cli('up', ...args);
    const { code, stdout } = await host.cli('up', ...args);
    expect(stdout).toContain('No migrations to run!');
    expect(code).toBe(0);
    expect(await host.recorded(migrationsTable)).toEqual(MIGRATIONS);
  });

  test('takes back one migration, then all from the table of events on, then all, and goes up again', async () => {
    const host = await createApplication();
    await host.cli('up', ...args);

    expect(await host.cli('down', ...args)).toMatchObject({ code: 0 });
    expect(await host.recorded(migrationsTable)).toEqual(MIGRATIONS.slice(0, -1));

    const left = MIGRATIONS.findIndex((name) => name.endsWith('_create-tracking-events'));
    const count = String(MIGRATIONS.length - 1 - left);
    expect(await host.cli('down', count, ...args)).toMatchObject({ code: 0 });
    expect(await host.recorded(migrationsTable)).toEqual(MIGRATIONS.slice(0, left));
    expect(await host.tables()).not.toContain('tracking_events');

    expect(await host.cli('down', '100', ...args)).toMatchObject({ code: 0 });
    expect(await host.recorded(migrationsTable)).toEqual([]);
    expect(await host.tables()).toEqual([migrationsTable]);
    expect(
      await host.database.query(
        `SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace`,
      ),
    ).toEqual([]);

    expect(await host.cli('up', ...args)).toMatchObject({ code: 0 });
    expect(await host.recorded(migrationsTable)).toEqual(MIGRATIONS);
  });

  test('redoes the last migration', async () => {
    const host = await createApplication();
    await host.cli('up', ...args);
    const lastId = `SELECT max(id) AS id FROM ${migrationsTable}`;
    const [before] = await host.database.query<{ id: number }>(lastId);
    expect(await host.cli('redo', ...args)).toMatchObject({ code: 0 });
    const [after] = await host.database.query<{ id: number }>(lastId);
    expect(await host.recorded(migrationsTable)).toEqual(MIGRATIONS);
    expect(after?.id).toBe((before?.id ?? 0) + 1);
  });

  test('creates in another schema, and creates that', async () => {
    const host = await createApplication();
    const { code } = await host.cli('up', '-s', 'tracking', '--create-schema', ...args);
    expect(code).toBe(0);
    expect(await host.tables('tracking')).toEqual([...TABLES, migrationsTable].sort());
    expect(await host.tables()).toEqual([]);
    expect(await host.recorded(`tracking.${migrationsTable}`)).toEqual(MIGRATIONS);
  });

  test('keeps the leads of the application and its rows when all is taken back', async () => {
    const host = await createApplication(`
      CREATE TABLE leads (id uuid PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now());
      INSERT INTO leads VALUES ('00000000-0000-0000-0000-000000000001')`);
    expect(await host.cli('up', ...args)).toMatchObject({ code: 0 });
    expect(await host.cli('down', '100', ...args)).toMatchObject({ code: 0 });
    expect(await host.database.query('SELECT id FROM leads')).toEqual([
      { id: '00000000-0000-0000-0000-000000000001' },
    ]);
  });
});

test.concurrent('a refused password is not shown', async () => {
  const host = await createApplication();
  const url = host.database.urlFor(host.role, 'not the password');
  const finished = await runCli(url, 'up', ...SHIPPED);
  expect(finished.code).toBe(1);
  expect(finished.stderr).toContain('password authentication failed');
  expectNoPassword(finished, 'not the password');
});
