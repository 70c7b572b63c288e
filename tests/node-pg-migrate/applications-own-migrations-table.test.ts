import { describe, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { createRole } from '../support/database.ts';
import { createApplication, type Host, MIGRATIONS, SHIPPED } from './application.ts';
import { snapshot } from './snapshot.ts';

const OWN_MIGRATION = '20200101000000000_create-users';

/** An application that uses node-pg-migrate itself, with a role that watches its migrations table. */
async function createApplicationWithMigrationsTable(objects = ''): Promise<Host> {
  const monitor = await createRole();
  return createApplication(`
    CREATE TABLE pgmigrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL);
    GRANT SELECT ON pgmigrations TO ${monitor.name};
    ${objects}`);
}

/** What the snapshot says of the application's migrations table, its sequence and its rows. */
async function migrationsTableOf(host: Host): Promise<readonly string[]> {
  return (await snapshot(host.database)).filter((line) => /\bpgmigrations/.test(line));
}

describe.concurrent.each([
  {
    migrator: 'the API',
    migrate: async (host: Host) => {
      await runMigrations({ databaseUrl: host.url });
    },
  },
  {
    migrator: 'the CLI with the shipped settings',
    migrate: async (host: Host) => {
      expect(await host.cli('up', ...SHIPPED)).toMatchObject({ code: 0 });
    },
  },
])('$migrator', ({ migrate }) => {
  test.each([
    { state: 'with rows', row: `INSERT INTO pgmigrations VALUES (1, '${OWN_MIGRATION}', now())` },
    { state: 'without rows', row: '' },
  ])('leaves a pgmigrations of the application $state as it is', async ({ row }) => {
    const host = await createApplicationWithMigrationsTable(row);
    const before = await migrationsTableOf(host);
    expect(before.length).toBeGreaterThan(3);
    await migrate(host);
    expect(await migrationsTableOf(host)).toEqual(before);
    expect(await host.recorded('tracking_migrations')).toEqual(MIGRATIONS);
  });
});

test.concurrent('a refused run of the shipped settings leaves an empty pgmigrations of the application there', async () => {
  const host = await createApplicationWithMigrationsTable(
    'CREATE TABLE leads (id bigint PRIMARY KEY)',
  );
  const before = await snapshot(host.database);
  expect(await host.cli('up', ...SHIPPED)).toMatchObject({ code: 1 });
  expect(await snapshot(host.database)).toEqual(before);
});
