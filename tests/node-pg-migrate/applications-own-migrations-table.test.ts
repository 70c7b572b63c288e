import { describe, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { createRole } from '../support/database.ts';
import { type Application, createApplication, MIGRATIONS, SHIPPED } from './application.ts';
import { snapshot } from './snapshot.ts';

const OWN_MIGRATION = '20200101000000000_create-users';

/** An application that uses node-pg-migrate itself, with a role that watches its migrations table. */
async function createApplicationWithMigrationsTable(objects = ''): Promise<Application> {
  const monitor = await createRole();
  return createApplication(`
    CREATE TABLE pgmigrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL);
    GRANT SELECT ON pgmigrations TO ${monitor.name};
    ${objects}`);
}

/** What the snapshot says of the application's migrations table, its sequence and its rows. */
async function migrationsTableOf(application: Application): Promise<readonly string[]> {
  return (await snapshot(application.database)).filter((line) => /\bpgmigrations/.test(line));
}

describe.concurrent.each([
  {
    migrator: 'the API',
    migrate: async (application: Application) => {
      await runMigrations({ databaseUrl: application.url });
    },
  },
  {
    migrator: 'the CLI with the shipped settings',
    migrate: async (application: Application) => {
      expect(await application.cli('up', ...SHIPPED)).toMatchObject({ code: 0 });
    },
  },
])('$migrator', ({ migrate }) => {
  test.each([
    { state: 'with rows', row: `INSERT INTO pgmigrations VALUES (1, '${OWN_MIGRATION}', now())` },
    { state: 'without rows', row: '' },
  ])('leaves a pgmigrations of the application $state as it is', async ({ row }) => {
    const application = await createApplicationWithMigrationsTable(row);
    const before = await migrationsTableOf(application);
    expect(before.length).toBeGreaterThan(3);
    await migrate(application);
    expect(await migrationsTableOf(application)).toEqual(before);
    expect(await application.recorded('tracking_migrations')).toEqual(MIGRATIONS);
  });
});

test.concurrent('a refused run of the shipped settings leaves an empty pgmigrations of the application there', async () => {
  const application = await createApplicationWithMigrationsTable(
    'CREATE TABLE leads (id bigint PRIMARY KEY)',
  );
  const before = await snapshot(application.database);
  expect(await application.cli('up', ...SHIPPED)).toMatchObject({ code: 1 });
  expect(await snapshot(application.database)).toEqual(before);
});
