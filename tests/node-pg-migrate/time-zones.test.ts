import { expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { onServer, withClient } from '../support/database.ts';
import { createApplication, type Host, MIGRATIONS, SHIPPED } from './application.ts';

/** For every session that begins from now on. */
async function useTimeZone(host: Host, zone: string): Promise<void> {
  await onServer(`ALTER DATABASE ${host.database.name} SET timezone = '${zone}'`);
  const { rows } = await withClient(host.url, (client) => client.query('SHOW timezone'));
  expect(rows).toEqual([{ TimeZone: zone }]);
}

/** The migrations table's run_on has no zone: its order decides whether the CLI runs at all. */
async function expectOrderToPass(host: Host): Promise<void> {
  const { code, stdout, stderr } = await host.cli('up', ...SHIPPED);
  expect(stderr).toBe('');
  expect(stdout).toContain('No migrations to run!');
  expect(code).toBe(0);
  expect(await host.recorded('tracking_migrations')).toEqual(MIGRATIONS);
  expect(
    await host.database.query(
      `SELECT name, run_on FROM tracking_migrations
        WHERE abs(extract(epoch FROM run_on - now() AT TIME ZONE 'UTC')) > 600`,
    ),
  ).toEqual([]);
}

test.concurrent('the API goes on in UTC after the CLI in Tokyo, and the CLI accepts the order', async () => {
  const host = await createApplication();
  await useTimeZone(host, 'Asia/Tokyo');
  expect(await host.cli('up', '3', ...SHIPPED)).toMatchObject({ code: 0 });
  await useTimeZone(host, 'UTC');
  expect((await runMigrations({ databaseUrl: host.url })).ran).toHaveLength(MIGRATIONS.length - 3);
  await expectOrderToPass(host);
});

test.concurrent('the CLI goes on in Los Angeles after the API in Tokyo, and accepts the order', async () => {
  const host = await createApplication();
  await useTimeZone(host, 'Asia/Tokyo');
  expect((await runMigrations({ databaseUrl: host.url, count: 3 })).ran).toHaveLength(3);
  await useTimeZone(host, 'America/Los_Angeles');
  expect(await host.cli('up', ...SHIPPED)).toMatchObject({ code: 0 });
  await expectOrderToPass(host);
});

test.concurrent('every single migration is recorded in UTC, whatever the zone of the CLI', async () => {
  const host = await createApplication();
  for (const [index, name] of MIGRATIONS.entries()) {
    await useTimeZone(host, index % 2 === 0 ? 'Asia/Tokyo' : 'America/Los_Angeles');
    const { code, stdout } = await host.cli('up', '1', ...SHIPPED);
    expect(stdout).toContain(`> - ${name}`);
    expect(code).toBe(0);
  }
  await expectOrderToPass(host);
});
