import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportSql, runMigrations, type SqlFormat } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { snapshot } from '../support/catalogue.ts';
import { withClient } from '../support/database.ts';
import type { Finished } from '../support/process.ts';
import {
  type SupabaseProject,
  type SupabaseServer,
  startSupabase,
  type World,
} from '../support/supabase.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { needTool, runTool } from '../support/tools.ts';

const COUNT = migrations.length;
const WORLDS: readonly World[] = ['legacy', '2026'];

const installed = needTool('supabase');
let server: SupabaseServer;
beforeAll(async () => {
  if (installed) server = await startSupabase();
});
afterAll(() => server?.stop());

/** A project's folder with the exported files, as a user would make it. */
async function exportInto(format: SqlFormat = 'supabase'): Promise<string> {
  const folder = temporaryFolder();
  const target = join(folder, 'supabase', 'migrations');
  mkdirSync(target, { recursive: true });
  writeFileSync(join(folder, 'supabase', 'config.toml'), 'project_id = "test"\n');
  for (const { fileName, sql } of await exportSql({ format }))
    writeFileSync(join(target, fileName), sql);
  return folder;
}

const address = (project: SupabaseProject) => `${project.url}?sslmode=disable`;

async function supabase(folder: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runTool('supabase', ['--agent=no', ...args], folder);
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  return stdout;
}

function push(folder: string, project: SupabaseProject): Promise<Finished> {
  const args = ['--agent=no', 'db', 'push', `--remote=${address(project)}`, '--yes'];
  return runTool('supabase', args, folder);
}

/** The statements that would make one database of the other; none, where they are alike. */
function diff(folder: string, from: SupabaseProject, to: SupabaseProject): Promise<string> {
  const ends = ['--from', address(from), '--to', address(to)];
  return supabase(folder, 'db', 'diff', '--use-pg-delta', ...ends, '--schema', 'public');
}

/** The whole catalogue, without the CLI's own migrations table. */
async function made(project: SupabaseProject): Promise<string[]> {
  return (await snapshot(project)).filter((line) => !line.startsWith('supabase_migrations.'));
}

async function migrated(world: World): Promise<SupabaseProject> {
  const project = await server.createProject(world);
  await runMigrations({ databaseUrl: project.url });
  return project;
}

async function expectComplete(project: SupabaseProject): Promise<void> {
  const { ran, adopted, alreadyApplied } = await runMigrations({ databaseUrl: project.url });
  expect([ran, adopted, alreadyApplied.length]).toEqual([[], [], COUNT]);
}

describe.each(WORLDS)('a Supabase project with the default privileges of %s', (world) => {
  test.each(['supabase', 'numbered'] as const)(
    'takes the files by db push, as if by runMigrations(): %s',
    async (format) => {
      const [folder, project, other] = await Promise.all([
        exportInto(format),
        server.createProject(world),
        migrated(world),
      ]);
      expect(await push(folder, project)).toMatchObject({ code: 0 });
      await expectComplete(project);
      expect(await made(project)).toEqual(await made(other));
      expect(await diff(folder, other, project)).toBe('');

      expect((await push(folder, project)).stdout).toContain('Remote database is up to date.');
      const list = await supabase(folder, 'migration', 'list', `--remote=${address(project)}`);
      const applied = [...list.matchAll(/`(\d+)` +\| +`(\d+)`/g)];
      expect(applied).toHaveLength(COUNT);
      for (const [, local, remote] of applied) expect(remote).toBe(local);

      await project.query('DROP INDEX idx_visitors_gclid');
      expect(await diff(folder, project, other)).toContain('CREATE INDEX idx_visitors_gclid');
    },
  );

  test('takes them again by db push, after runMigrations() or with its own migrations table lost', async () => {
    const [folder, project] = await Promise.all([exportInto(), migrated(world)]);
    const before = await made(project);
    for (const _ of ['after runMigrations()', 'with its own migrations table lost']) {
      const { code, stderr } = await push(folder, project);
      expect([code, stderr.match(/Applying migration/g)?.length]).toEqual([0, COUNT]);
      expect(await made(project)).toEqual(before);
      await project.query('DROP SCHEMA supabase_migrations CASCADE');
    }
    await expectComplete(project);
  });
});

test('db push stops within seconds where leads is locked, and goes on when it is free', async () => {
  const [folder, project, other] = await Promise.all([
    exportInto(),
    server.createProject('2026'),
    server.createProject('2026'),
  ]);
  const leads = 'CREATE TABLE leads (id uuid PRIMARY KEY DEFAULT gen_random_uuid())';
  for (const each of [project, other]) {
    await withClient(each.url, (client) => client.query(leads));
  }
  await runMigrations({ databaseUrl: other.url });
  const recorded = () => project.query('SELECT name FROM tracking_migrations ORDER BY id');
  await withClient(project.url, async (writer) => {
    await writer.query('BEGIN; INSERT INTO leads DEFAULT VALUES');
    const { code, stderr } = await push(folder, project);
    expect(code).toBe(1);
    expect(stderr).toContain('canceling statement due to lock timeout');
    expect(stderr).toContain('create-conversions.sql');
    expect(await recorded()).toEqual(migrations.slice(0, 2).map(({ name }) => ({ name })));
  });
  expect(await push(folder, project)).toMatchObject({ code: 0 });
  await expectComplete(project);
  expect(await made(project)).toEqual(await made(other));
});
