import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runMigrations, verifySchema } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { install, type Project } from '../package/installed.ts';
import { snapshot } from '../support/catalogue.ts';
import { withClient } from '../support/database.ts';
import { findPgBouncer, PGBOUNCER_PACKAGE, startPgBouncer } from '../support/pgbouncer.ts';
import type { Finished } from '../support/process.ts';
import {
  type SupabaseProject,
  type SupabaseServer,
  startSupabase,
  type World,
} from '../support/supabase.ts';
import { environmentOf, linkSupabase, needTool } from '../support/tools.ts';
import { blockOf, blocksOf } from './guide.ts';

const GUIDE = 'supabase.md';
const COUNT = migrations.length;

const installed = needTool('supabase');
let server: SupabaseServer;
let application: Project;

beforeAll(async () => {
  if (!installed) return;
  [server, application] = await Promise.all([startSupabase(), install('pg')]);
  linkSupabase(application.folder);
  mkdirSync(join(application.folder, 'supabase'));
  const settings = blockOf(GUIDE, 'A schema of its own', 'toml');
  application.write('supabase/config.toml', `project_id = "test"\n${settings}`);
}, 180_000);
afterAll(() => server?.stop());

/**
 * Runs lines of the guide. The project is linked by its address here, since there is no account to
 * link one by; and nobody is there to say yes.
 */
function sh(commands: string, project: SupabaseProject): Promise<Finished> {
  const remote = `--remote='${project.url}?sslmode=disable' --yes --agent=no`;
  const env = { ...environmentOf(application.folder), DATABASE_URL: project.url };
  return application.run('sh', ['-ec', commands.replaceAll('--remote', remote)], env);
}

async function expectComplete(project: SupabaseProject): Promise<void> {
  const { ran, adopted, alreadyApplied } = await runMigrations({ databaseUrl: project.url });
  expect([ran, adopted, alreadyApplied.length]).toEqual([[], [], COUNT]);
}

const [FILES = '', UP = ''] = blocksOf(GUIDE)
  .filter(({ heading, language }) => heading === 'Installing the schema' && language === 'sh')
  .map(({ text }) => text);

describe('the guide to Supabase', () => {
  test('has nothing but what is executed here, or as a client', () => {
    expect(blocksOf(GUIDE).map(({ heading, language }) => `${heading}: ${language}`)).toEqual([
      'Installing the schema: sh',
      'Installing the schema: sh',
      'Access: sh',
      'Calling the functions: ts',
      'A schema of its own: toml',
      'A schema of its own: ts',
      'Jobs: sql',
      'Dump and restore: sh',
    ]);
  });

  test('brings the schema in as files, and again after an upgrade', async () => {
    const project = await server.createProject('2026');
    const first = await sh(FILES, project);
    expect([first.code, first.stdout.match(/^written /gm)?.length]).toEqual([0, COUNT]);
    await expectComplete(project);
    const again = await sh(FILES, project);
    expect([again.code, again.stdout.match(/^written /gm)]).toEqual([0, null]);
    expect(again.stdout).toContain('Remote database is up to date.');
  });

  /** Runs a command with the address in the guide's place. */
  const withAddress = (url: string, project: SupabaseProject, command = 'up') =>
    sh(UP.replace(/'postgresql:.*'/, `'${url}'`).replace(/ up\n/, ` ${command}\n`), project);

  test('brings it in over a direct connection', async () => {
    const project = await server.createProject('2026');
    const { stdout } = await withAddress(project.url, project);
    expect(stdout).toContain(`${COUNT} migrations applied`);
    await expectComplete(project);
  });

  test('brings it in through a transaction pooler, which every command goes through', async (context) => {
    const program = findPgBouncer();
    if (!program && process.env.CI) throw new Error(PGBOUNCER_PACKAGE);
    if (!program) return context.skip(PGBOUNCER_PACKAGE);
    const [project, other] = [
      await server.createProject('2026'),
      await server.createProject('2026'),
    ];
    const pooler = await startPgBouncer(program, project.url);
    try {
      for (const command of ['up', 'verify', 'status', 'fix-access', 'plan']) {
        const { code } = await withAddress(pooler.urlFor(project.name), project, command);
        expect([command, code]).toEqual([command, 0]);
      }
    } finally {
      await pooler.stop();
    }
    await runMigrations({ databaseUrl: other.url });
    expect(await snapshot(project)).toEqual(await snapshot(other));
  });

  test.each<World>(['legacy', '2026'])(
    'verifies that it is closed, and closes what was opened, in a project of %s',
    async (world) => {
      const [verify = '', close = ''] = blockOf(GUIDE, 'Access', 'sh').trim().split('\n');
      const project = await server.createProject(world);
      await runMigrations({ databaseUrl: project.url });
      await withClient(project.url, (client) =>
        client.query('GRANT SELECT ON visitors TO anon, authenticated'),
      );
      expect(await sh(verify, project)).toMatchObject({ code: 1 });
      expect(await sh(close, project)).toMatchObject({ code: 0 });
      expect(await sh(verify, project)).toMatchObject({ code: 0 });
    },
  );

  test('is right that advisors have nothing to warn of, and they would', async () => {
    const command = 'npx supabase db advisors --remote --type all --level warn --fail-on warn';
    const project = await server.createProject('2026');
    await runMigrations({ databaseUrl: project.url });
    expect(await sh(command, project)).toMatchObject({ code: 0 });
    const all = await sh(command.replace('--level warn', '--level info'), project);
    expect(all.stdout.match(/rls_enabled_no_policy/g)?.length).toBeGreaterThanOrEqual(6);
    await project.query(
      'ALTER TABLE visitors DISABLE ROW LEVEL SECURITY; GRANT SELECT ON visitors TO anon',
    );
    expect(await sh(command, project)).toMatchObject({ code: 1 });
  });

  test.each<World>(['legacy', '2026'])(
    'is right that a diff of it, in a project of %s, is closed as well and adopted',
    async (world) => {
      const [empty, full, other] = [
        await server.createProject(world),
        await server.createProject(world),
        await server.createProject(world),
      ];
      await runMigrations({ databaseUrl: full.url });
      const ends = [empty, full].map(({ url }) => `'${url}?sslmode=disable'`);
      const diff = await sh(
        `npx supabase db diff --agent=no --use-pg-delta --schema public --from ${ends[0]} --to ${ends[1]}`,
        empty,
      );
      expect(diff.code).toBe(0);
      await withClient(other.url, (client) => client.query(diff.stdout));
      const { adopted } = await runMigrations({ databaseUrl: other.url });
      expect(adopted.length).toBeGreaterThan(0);
      const { ok, findings } = await verifySchema({ databaseUrl: other.url });
      expect([ok, [...new Set(findings.map(({ code }) => code))]]).toEqual([true, ['TYPE_PUBLIC']]);
    },
  );

  test('has a job whose statement runs; pg_cron has a placeholder of the same arguments', async () => {
    const project = await server.createProject('2026');
    await runMigrations({ databaseUrl: project.url });
    const lead = 'WITH lead AS (INSERT INTO leads DEFAULT VALUES RETURNING id)';
    await withClient(project.url, async (client) => {
      await client.query(
        `CREATE SCHEMA cron;
         CREATE FUNCTION cron.schedule(job_name text, schedule text, command text) RETURNS bigint
           LANGUAGE sql AS $$ SELECT length(set_config('test.job', schedule || '|' || command, false)) $$`,
      );
      await client.query(`${lead} SELECT record_conversion(id, 'closed', 'D-1') FROM lead`);
      await client.query(
        "UPDATE conversion_queue SET status = 'dead_letter', retry_count = 5, error_code = 'INTERNAL_ERROR'",
      );
      await client.query(blockOf(GUIDE, 'Jobs', 'sql'));
      const { rows } = await client.query<{ job: string }>(
        "SELECT current_setting('test.job') AS job",
      );
      const [schedule = '', command = ''] = rows[0]?.job.split('|') ?? [];
      expect(schedule).toMatch(/^([\d*/]+ ){4}[\d*/]+$/);
      await client.query(command);
      const { rows: entries } = await client.query('SELECT status FROM conversion_queue');
      expect(entries).toEqual([{ status: 'pending' }]);
    });
  });

  test("has a dump without the migrations table; the CLI's own pg_dump is in a container, so it is not run", async () => {
    const project = await server.createProject('2026');
    const command = blockOf(GUIDE, 'Dump and restore', 'sh');
    const { code, stdout } = await sh(command.replace(/ -f .*/, ' --dry-run'), project);
    const [, dump = ''] = stdout.split(/^pg_dump/m);
    expect([code, dump]).toEqual([0, expect.stringContaining('--data-only')]);
    expect(dump).toMatch(/--exclude-table \S*public\W+tracking_migrations/);
  });
});
