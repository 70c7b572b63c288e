import { expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { onServer, withClient } from '../support/database.ts';
import { type Application, createApplication, MIGRATIONS, SHIPPED } from './application.ts';

/** For every session that begins from now on. */
async function useTimeZone(application: Application, zone: string): Promise<void> {
  await onServer(`ALTER DATABASE ${application.database.name} SET timezone = '${zone}'`);
  const { rows } = await withClient(application.url, (client) => client.query('SHOW timezone'));
  expect(rows).toEqual([{ TimeZone: zone }]);
}

/** The migrations table's run_on has no zone: its order decides whether the CLI runs at all. */
async function expectOrderToPass(application: Application): Promise<void> {
  const { code, stdout, stderr } = await application.cli('up', ...SHIPPED);
  expect(stderr).toBe('');
  expect(stdout).toContain('No migrations to run!');
  expect(code).toBe(0);
  expect(await application.recorded('tracking_migrations')).toEqual(MIGRATIONS);
  expect(
    await application.database.query(
      `SELECT name, run_on FROM tracking_migrations
        WHERE abs(extract(epoch FROM run_on - now() AT TIME ZONE 'UTC')) > 600`,
    ),
  ).toEqual([]);
}

test.concurrent('the API goes on in UTC after the CLI in Tokyo, and the CLI accepts the order', async () => {
  const application = await createApplication();
  await useTimeZone(application, 'Asia/Tokyo');
  expect(await application.cli('up', '3', ...SHIPPED)).toMatchObject({ code: 0 });
  await useTimeZone(application, 'UTC');
  expect((await runMigrations({ databaseUrl: application.url })).ran).toHaveLength(
    MIGRATIONS.length - 3,
  );
  await expectOrderToPass(application);
});

test.concurrent('the CLI goes on in Los Angeles after the API in Tokyo, and accepts the order', async () => {
  const application = await createApplication();
  await useTimeZone(application, 'Asia/Tokyo');
  expect((await runMigrations({ databaseUrl: application.url, count: 3 })).ran).toHaveLength(3);
  await useTimeZone(application, 'America/Los_Angeles');
  expect(await application.cli('up', ...SHIPPED)).toMatchObject({ code: 0 });
  await expectOrderToPass(application);
});

test.concurrent('every single migration is recorded in UTC, whatever the zone of the CLI', async () => {
  const application = await createApplication();
  for (const [index, name] of MIGRATIONS.entries()) {
    await useTimeZone(application, index % 2 === 0 ? 'Asia/Tokyo' : 'America/Los_Angeles');
    const { code, stdout } = await application.cli('up', '1', ...SHIPPED);
    expect(stdout).toContain(`> - ${name}`);
    expect(code).toBe(0);
  }
  await expectOrderToPass(application);
});
