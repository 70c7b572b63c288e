import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Finding, fixAccess, runMigrations, verifySchema } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { snapshot } from '../support/catalogue.ts';
import { withClient } from '../support/database.ts';
import { HAND_MADE_ROWS } from '../support/hand-made.ts';
import { majorOfOwnServer } from '../support/major.ts';
import { runOrThrow } from '../support/process.ts';
import {
  type SupabaseProject,
  type SupabaseServer,
  startSupabase,
  type World,
} from '../support/supabase.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { needPgDump } from '../support/tools.ts';
import { TABLES } from './expected.ts';
import { inventory } from './objects.ts';
import { checkPrivileges } from './privileges.ts';

const ROWS = HAND_MADE_ROWS.replace(
  "leads (email) VALUES ('someone@example.com')",
  'leads DEFAULT VALUES',
);

/** What a new project has already, and what a dump of a newer major says of itself. */
const NOT_FOR_THE_OWNER =
  /^(ALTER DEFAULT PRIVILEGES FOR ROLE supabase_admin|(CREATE|ALTER) PUBLICATION supabase_realtime|SET transaction_timeout).*$/gm;

const installed = await needPgDump(majorOfOwnServer());
let server: SupabaseServer;

beforeAll(async () => {
  if (installed) server = await startSupabase();
});
afterAll(() => server?.stop());

/** Dumps as plain SQL, and restores as the project's own role: all of it, or an error. */
async function restore(
  from: SupabaseProject,
  to: SupabaseProject,
  ...options: readonly string[]
): Promise<void> {
  const cwd = temporaryFolder();
  await runOrThrow('pg_dump', ['--format=plain', '--file=dump.sql', ...options, from.url], { cwd });
  const file = join(cwd, 'dump.sql');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(NOT_FOR_THE_OWNER, ''));
  const args = ['--no-psqlrc', '--set=ON_ERROR_STOP=1', '--single-transaction', '--file=dump.sql'];
  await runOrThrow('psql', [...args, to.url], { cwd });
}

async function expectNothingToDo(project: SupabaseProject): Promise<void> {
  const { ran, adopted, alreadyApplied } = await runMigrations({ databaseUrl: project.url });
  expect([ran, adopted, alreadyApplied.length]).toEqual([[], [], migrations.length]);
}

/** No privileges for strangers, those of service_role, and to the last line like the one that was dumped. */
async function expectAsDumped(
  project: SupabaseProject,
  dumped: SupabaseProject,
  before: readonly string[],
): Promise<void> {
  const { ok, findings } = await verifySchema({ databaseUrl: project.url });
  expect([ok, findings]).toEqual([true, []]);
  const { holes } = await checkPrivileges(project, { before, owner: 'supabase_postgres' });
  expect(holes).toEqual([]);
  expect(await catalogue(project)).toEqual(await catalogue(dumped));
  const rows = await project.asApiRole(
    'service_role',
    `SELECT q.status, v.gclid FROM leads l JOIN conversions c ON c.lead_id = l.id
       JOIN conversion_queue q ON q.conversion_id = c.id,
            visitors v JOIN tracking_events e ON e.visitor_id = v.id`,
  );
  expect(rows).toEqual([{ status: 'pending', gclid: 'gclid-1' }]);
  await project.asApiRole('service_role', "UPDATE conversion_queue SET status = 'uploaded'");
}

/** A sequence without an access list is its owner's alone, as is one whose list names the owner. */
async function catalogue(project: SupabaseProject): Promise<string[]> {
  const owners = 'acl=supabase_postgres=rwU/supabase_postgres ';
  return (await snapshot(project)).map((line) => line.replace(owners, 'acl= '));
}

const lines = (findings: readonly Finding[]) =>
  findings.map(({ code, object, found }) => `${code} ${object}: ${found}`).sort();

const ROW_TYPES = TABLES.map((table) => `TYPE_PUBLIC type public.${table}: PUBLIC has USAGE`);

describe.each<World>(['legacy', '2026'])('a restored database, Supabase of %s,', (world) => {
  let dumped: SupabaseProject;
  let empty: SupabaseProject;
  let before: readonly string[];

  beforeAll(async () => {
    if (!installed) return;
    dumped = await server.createProject(world);
    empty = await server.createProject(world);
    before = await inventory(empty);
    await runMigrations({ databaseUrl: dumped.url });
    await withClient(dumped.url, (client) => client.query(ROWS));
  });

  test('gets what the default privileges of the new one grant, which one command takes away', async () => {
    const project = await server.copy(empty);
    await restore(dumped, project);
    await expectNothingToDo(project);

    const { ok, findings } = await verifySchema({ databaseUrl: project.url });
    expect(ok).toBe(false);
    expect(new Set(findings.map(({ code, level }) => `${level} ${code}`))).toEqual(
      new Set(['security EXCESS_PRIVILEGE', 'info TYPE_PUBLIC']),
    );
    expect(lines(findings)).toEqual(expect.arrayContaining(ROW_TYPES));
    const onTables = findings.filter(({ object }) => object.startsWith('table '));
    expect(onTables.map(({ found }) => found.replace(/ .*/, ''))).toEqual(
      TABLES.flatMap(() => ['anon', 'authenticated', 'service_role']),
    );
    for (const { found } of onTables) expect(found).toContain('TRUNCATE');

    await fixAccess({ databaseUrl: project.url });
    await expectAsDumped(project, dumped, before);
  });

  test('has no more than its row types open where there are no default privileges', async () => {
    const project = await server.copy(empty);
    await project.query(
      ['TABLES', 'FUNCTIONS', 'SEQUENCES']
        .map(
          (kind) => `ALTER DEFAULT PRIVILEGES FOR ROLE supabase_postgres IN SCHEMA public
                       REVOKE ALL ON ${kind} FROM anon, authenticated, service_role`,
        )
        .join(';'),
    );
    await restore(dumped, project);
    await expectNothingToDo(project);

    const { findings } = await verifySchema({ databaseUrl: project.url });
    expect(lines(findings)).toEqual(ROW_TYPES);
    await fixAccess({ databaseUrl: project.url });
    await expectAsDumped(project, dumped, before);
  });

  test('is closed by it where neither privileges nor owners were dumped', async () => {
    const project = await server.copy(empty);
    await restore(dumped, project, '--no-privileges', '--no-owner');
    await expectNothingToDo(project);

    const { findings } = await verifySchema({ databaseUrl: project.url });
    const codes =
      world === 'legacy'
        ? ['EXCESS_PRIVILEGE', 'TYPE_PUBLIC']
        : ['EXCESS_PRIVILEGE', 'PRIVILEGE_MISSING', 'TYPE_PUBLIC'];
    expect([...new Set(findings.map(({ code }) => code))].sort()).toEqual(codes);
    await fixAccess({ databaseUrl: project.url });
    await expectAsDumped(project, dumped, before);
  });

  test('is right at once where runMigrations() makes the tables, and rows alone are restored', async () => {
    const project = await server.copy(empty);
    await runMigrations({ databaseUrl: project.url });
    const rows = ['--data-only', '--schema=public', '--exclude-table=tracking_migrations*'];
    await restore(dumped, project, ...rows);
    await expectAsDumped(project, dumped, before);
  });
});
