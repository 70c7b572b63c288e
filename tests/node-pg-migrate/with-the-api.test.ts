import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { withClient } from '../support/database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import {
  type Application,
  createApplication,
  MIGRATIONS,
  reasonOf,
  SHIPPED,
} from './application.ts';
import { snapshot } from './snapshot.ts';

const LOCK_KEY = '7241865325823964';

test('the CLI with the shipped settings finds nothing to run after the API', async () => {
  const application = await createApplication();
  await runMigrations({ databaseUrl: application.url });
  const before = await snapshot(application.database);
  const { code, stdout } = await application.cli('up', ...SHIPPED);
  expect(stdout).toContain('No migrations to run!');
  expect(code).toBe(0);
  expect(await snapshot(application.database)).toEqual(before);
});

test('the API finds nothing to run after the CLI with the shipped settings', async () => {
  const application = await createApplication();
  await application.cli('up', ...SHIPPED);
  const before = await snapshot(application.database);
  const { ran, alreadyApplied } = await runMigrations({ databaseUrl: application.url });
  expect(ran).toEqual([]);
  expect(alreadyApplied).toEqual(MIGRATIONS);
  expect(await snapshot(application.database)).toEqual(before);
});

test("the application's own migrations run with a lock of their own while this package migrates", async () => {
  const application = await createApplication();
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, '1700000000000_own.cjs'),
    "exports.up = (pgm) => pgm.createTable('own', { id: 'id' });",
  );
  await withClient(application.url, async (client) => {
    await client.query(`SELECT pg_advisory_lock(${LOCK_KEY})`);
    const refused = await application.cli('up', '-m', folder);
    expect(refused.stderr).toContain('Another migration is already running');
    expect(await application.cli('up', '-m', folder, '--lock-value', '42')).toMatchObject({
      code: 0,
    });
  });
  expect(await application.tables()).toContain('own');
});

test('each goes on where the other has stopped, up and down', async () => {
  const application = await createApplication();
  await application.cli('up', '2', ...SHIPPED);
  await runMigrations({ databaseUrl: application.url, count: 2 });
  await application.cli('up', ...SHIPPED);
  expect(await application.recorded('tracking_migrations')).toEqual(MIGRATIONS);
  await runMigrations({ databaseUrl: application.url, direction: 'down', count: 2 });
  await application.cli('down', '2', ...SHIPPED);
  expect(await application.recorded('tracking_migrations')).toEqual(MIGRATIONS.slice(0, -4));
});

test('the CLI without settings refuses what the API has migrated, and changes nothing', async () => {
  const application = await createApplication();
  await runMigrations({ databaseUrl: application.url });
  const before = await snapshot(application.database);
  const refused = await application.cli('up');
  expect(reasonOf(refused)).toBe(
    'The tracking schema already exists in schema public, recorded in public.tracking_migrations; nothing was changed. Run: npx node-pg-migrate up -f node_modules/conversion-tracking-schema/node-pg-migrate.config.js (in a checkout of the package: -f node-pg-migrate.config.js)',
  );
  expect(refused.code).toBe(1);
  expect(await snapshot(application.database)).toEqual(before);
});

test('the API adopts what the CLI without settings has migrated, as the refusal says', async () => {
  const application = await createApplication();
  await application.cli('up');
  expect(reasonOf(await application.cli('up', ...SHIPPED))).toContain(
    'or call runMigrations(), which adopts the record',
  );
  const { ran, adopted } = await runMigrations({ databaseUrl: application.url });
  expect({ ran, adopted }).toEqual({ ran: [], adopted: MIGRATIONS });
  expect((await application.cli('up', ...SHIPPED)).stdout).toContain('No migrations to run!');
  expect(reasonOf(await application.cli('up'))).toContain('recorded in public.tracking_migrations');
  expect(await application.recorded('tracking_migrations')).toEqual(MIGRATIONS);
});

/** Five of each, under way at once; how many of them have applied something. */
function startAll(application: Application) {
  const calls = Array.from({ length: 5 }, () => runMigrations({ databaseUrl: application.url }));
  const processes = Array.from({ length: 5 }, () => application.cli('up', ...SHIPPED));
  return async () => {
    const results = await Promise.all(calls);
    const finished = await Promise.all(processes);
    expect(finished.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    for (const { ran, alreadyApplied } of results) {
      expect([...alreadyApplied, ...ran.map(({ name }) => name)]).toEqual(MIGRATIONS);
    }
    return (
      results.filter(({ ran }) => ran.length > 0).length +
      finished.filter(({ stdout }) => stdout.includes('> Migrating files:')).length
    );
  };
}

test('of five calls and five processes that start at once, one applies and all succeed', async () => {
  const application = await createApplication();
  const migrators = await startAll(application)();
  expect(migrators).toBe(1);
  expect(await application.recorded('tracking_migrations')).toEqual(MIGRATIONS);
});

test('of five calls and five processes that all wait for the lock, one applies and all succeed', async () => {
  const application = await createApplication();
  const finish = await withClient(application.url, async (holder) => {
    await holder.query(`SELECT pg_advisory_lock(${LOCK_KEY})`);
    const all = startAll(application);
    const connected = `
      SELECT count(*)::int AS sessions,
             count(*) FILTER (WHERE wait_event_type = 'Lock')::int AS waiting
        FROM pg_stat_activity
       WHERE datname = current_database() AND usename = '${application.role}'`;
    await expect
      .poll(() => application.database.query(connected), { timeout: 30_000 })
      .toEqual([{ sessions: 11, waiting: 5 }]);
    expect(await application.tables()).toEqual([]);
    return all;
  });
  expect(await finish()).toBe(1);
  expect(await application.recorded('tracking_migrations')).toEqual(MIGRATIONS);
});
