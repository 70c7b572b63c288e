import { beforeAll, expect, test } from 'vitest';
import { migrations } from '../../src/schema/migrations.ts';
import { createDatabase } from '../support/database.ts';
import { install, type Project } from './installed.ts';

const CONFIG = 'node_modules/conversion-tracking-schema/node-pg-migrate.config.js';

let project: Project;

beforeAll(async () => {
  project = await install('pg');
});

test("node-pg-migrate's CLI goes up, redoes and goes down with the installed settings", async () => {
  const database = await createDatabase();
  const cli = async (...args: string[]) => {
    const npx = ['--no-install', 'node-pg-migrate', ...args, '-f', CONFIG];
    const { code, stdout } = await project.run('npx', npx, { DATABASE_URL: database.url });
    expect(stdout).toContain('Migrations complete!');
    expect(code).toBe(0);
  };
  const migrationsTable = () =>
    database.query<{ id: number; name: string }>(
      'SELECT id, name FROM tracking_migrations ORDER BY id',
    );
  const tables = () =>
    database.query(
      `SELECT relname FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname`,
    );

  await cli('up');
  const applied = await migrationsTable();
  expect(applied.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name));
  expect(await tables()).toEqual(
    [
      'conversion_queue',
      'conversions',
      'leads',
      'tracking_events',
      'tracking_migrations',
      'upload_requests',
      'visitors',
    ].map((relname) => ({ relname })),
  );

  await cli('redo');
  expect(await migrationsTable()).toEqual([
    ...applied.slice(0, -1),
    { id: migrations.length + 1, name: migrations.at(-1)?.name },
  ]);

  await cli('down');
  expect(await migrationsTable()).toEqual(applied.slice(0, -1));

  await cli('down', '100');
  expect(await tables()).toEqual([{ relname: 'tracking_migrations' }]);
});
