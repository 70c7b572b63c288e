import { describe, expect, test } from 'vitest';
import { createApplication, MIGRATIONS, reasonOf, SHIPPED } from './application.ts';
import { snapshot } from './snapshot.ts';

const CONFIG = 'node_modules/conversion-tracking-schema/node-pg-migrate.config.js';

const MISFITS = [
  {
    leads: 'with an id of type bigint',
    objects: 'CREATE TABLE leads (id bigint PRIMARY KEY); INSERT INTO leads VALUES (1)',
    problem: 'public.leads.id is bigint and conversions.lead_id needs uuid; nothing was changed.',
  },
  {
    leads: 'without a unique key',
    objects: 'CREATE TABLE leads (id uuid); CREATE INDEX ON leads (id)',
    problem:
      'public.leads.id is not unique, so conversions.lead_id cannot reference it; nothing was changed. Run: ALTER TABLE public.leads ADD UNIQUE (id)',
  },
  {
    leads: 'that is a view',
    objects: 'CREATE VIEW leads AS SELECT gen_random_uuid() AS id',
    problem: 'public.leads is not an ordinary table',
  },
];

describe.concurrent.each([
  { settings: 'no settings', args: [], migrationsTable: 'pgmigrations' },
  { settings: 'the shipped settings', args: SHIPPED, migrationsTable: 'tracking_migrations' },
])('node-pg-migrate with $settings', ({ args, migrationsTable }) => {
  test.each(MISFITS)('refuses leads $leads and changes nothing', async ({ objects, problem }) => {
    const application = await createApplication(objects);
    const before = await snapshot(application.database);
    const refused = await application.cli('up', ...args);
    expect(reasonOf(refused)).toContain(problem);
    expect(refused.code).toBe(1);
    expect(await snapshot(application.database)).toEqual(before);
  });

  test('refuses a table of one of its names and changes nothing', async () => {
    const application = await createApplication('CREATE TABLE visitors (id int)');
    const before = await snapshot(application.database);
    const refused = await application.cli('up', ...args);
    expect(reasonOf(refused)).toContain(
      'no migrations table records them: public.visitors; nothing was changed.',
    );
    expect(refused.code).toBe(1);
    expect(await snapshot(application.database)).toEqual(before);
  });

  test('succeeds once the command that a refusal names has been run', async () => {
    const application = await createApplication('CREATE TABLE leads (id uuid)');
    const reason = reasonOf(await application.cli('up', ...args)) ?? '';
    const command = /Run: (.*)$/.exec(reason)?.[1];
    expect(command).toBe('ALTER TABLE public.leads ADD UNIQUE (id)');
    await application.database.query(command ?? '');
    expect(await application.cli('up', ...args)).toMatchObject({ code: 0 });
    expect(await application.recorded(migrationsTable)).toEqual(MIGRATIONS);
  });
});

test.concurrent('without settings it refuses what the shipped settings have migrated, and names them', async () => {
  const application = await createApplication();
  await application.cli('up', ...SHIPPED);
  const before = await snapshot(application.database);
  const refused = await application.cli('up');
  expect(reasonOf(refused)).toContain(
    'recorded in public.tracking_migrations; nothing was changed.',
  );
  expect(reasonOf(refused)).toContain(`Run: npx node-pg-migrate up -f ${CONFIG}`);
  expect(refused.code).toBe(1);
  expect(await snapshot(application.database)).toEqual(before);
});

test.concurrent('the shipped settings refuse what was migrated without them, and say so', async () => {
  const application = await createApplication();
  await application.cli('up');
  const before = await snapshot(application.database);
  const refused = await application.cli('up', ...SHIPPED);
  expect(reasonOf(refused)).toContain('recorded in public.pgmigrations; nothing was changed.');
  expect(reasonOf(refused)).toContain('Run: npx node-pg-migrate up (without -f)');
  expect(refused.code).toBe(1);
  expect(await snapshot(application.database)).toEqual(before);
  expect((await application.cli('up')).stdout).toContain('No migrations to run!');
});
