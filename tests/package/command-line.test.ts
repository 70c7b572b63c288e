import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { migrations } from '../../src/schema/migrations.ts';
import { VERSION } from '../../src/version.ts';
import { createDatabase } from '../support/database.ts';
import { install, type Project, RECORDER } from './installed.ts';

const COUNT = migrations.length;

let project: Project;
beforeAll(async () => {
  project = await install('pg');
  project.write('recorder.mjs', RECORDER);
}, 180_000);

/** As an application runs it, without anything from a registry. */
function npx(args: readonly string[], url = '') {
  return project.run('npx', ['--no-install', 'conversion-tracking-schema', ...args], {
    DATABASE_URL: url,
  });
}

test('npx runs every command of the installed package', async () => {
  const { url } = await createDatabase();
  const version = await npx(['--version']);
  expect([version.code, version.stdout]).toEqual([0, `${VERSION}\n`]);

  const pending = await npx(['status'], url);
  expect([pending.code, pending.stdout]).toEqual([1, expect.stringContaining('\npending: ')]);
  const plan = await npx(['plan', '--sql'], url);
  expect([plan.code, plan.stdout]).toEqual([0, expect.stringContaining('CREATE TABLE "visitors"')]);
  const up = await npx(['up'], url);
  expect([up.code, up.stdout]).toEqual([0, expect.stringMatching(`^${COUNT} migrations applied`)]);
  const verify = await npx(['verify', '--json'], url);
  expect([verify.code, JSON.parse(verify.stdout)]).toMatchObject([0, { ok: true }]);
  const down = await npx(['down', '--count', '1'], url);
  expect([down.code, down.stdout]).toEqual([0, expect.stringMatching(/^1 migration rolled back/)]);

  const sql = await npx(['sql', '--format', 'supabase', '--out', 'supabase/migrations']);
  expect(sql.code).toBe(0);
  expect(sql.stdout.match(/^written /gm)).toHaveLength(COUNT);
  expect(existsSync(join(project.folder, 'supabase', 'migrations'))).toBe(true);
  const unknown = await npx(['upp']);
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('Did you mean up?')]);
});

/** Modules that the command line loads. */
async function modulesLoaded(args: readonly string[], url = ''): Promise<string> {
  project.write('loaded.txt', '');
  const main = 'node_modules/conversion-tracking-schema/dist/src/cli/main.js';
  await project.run('node', ['--import', './recorder.mjs', main, ...args], { DATABASE_URL: url });
  return readFileSync(join(project.folder, 'loaded.txt'), 'utf8');
}

test('a command loads what it needs alone', async () => {
  const { url } = await createDatabase();
  const forHelp = await modulesLoaded(['up', '--help']);
  expect(forHelp).toContain('/node_modules/commander/');
  expect(forHelp).not.toMatch(/\/node_modules\/(pg|node-pg-migrate|yocto-spinner)\//);
  const forStatus = await modulesLoaded(['status'], url);
  expect(forStatus).toContain('/node_modules/pg/');
  expect(forStatus).not.toMatch(/\/node_modules\/(node-pg-migrate|yocto-spinner)\//);
});

test('without pg the command line says what to install', async () => {
  const pg = join(project.folder, 'node_modules', 'pg');
  renameSync(pg, `${pg}-away`);
  const { code, stdout, stderr } = await npx(['status'], 'postgres://localhost/shop');
  renameSync(`${pg}-away`, pg);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain("Cannot find package 'pg'");
  expect(stderr).toContain('npm install pg.');
});
