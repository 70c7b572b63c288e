import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { verifySchema } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import {
  createDatabase,
  createRole,
  onServer,
  type TestDatabase,
  withClient,
} from '../support/database.ts';
import { type Finished, run } from '../support/process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { needTool } from '../support/tools.ts';
import { copyExample, type Example, INSTALL_WITHIN_MS } from './example.ts';
import { eventually, start } from './running.ts';
import { workflowErrors } from './workflow.ts';

type Environment = Readonly<Record<string, string>>;

interface Job {
  readonly needs?: string;
  readonly environment?: string;
  readonly env?: Environment;
  readonly services?: {
    readonly postgres: {
      readonly env: { readonly POSTGRES_PASSWORD: string };
      readonly ports: readonly string[];
    };
  };
  readonly 'timeout-minutes': number;
  readonly steps: readonly {
    readonly uses?: string;
    readonly run?: string;
    readonly env?: Environment;
  }[];
}

interface Workflow {
  readonly defaults: { readonly run: { readonly shell: string } };
  readonly jobs: Readonly<Record<string, Job>>;
}

const COUNT = migrations.length;
/** How GitHub calls the shell that is named `bash`. */
const BASH = 'bash --noprofile --norc -eo pipefail -c';

let example: Example;
let workflow: Workflow;
beforeAll(async () => {
  example = await copyExample('deploy');
  workflow = parse(example.read('deploy.yml'));
  expect(example.commands).toEqual(['npm install', 'node migrate.mjs --plan', 'node migrate.mjs']);
  await example.succeed(example.commands[0] ?? '');
}, INSTALL_WITHIN_MS);

function migrate(databaseUrl: string, ...args: readonly string[]): Promise<Finished> {
  return example.run(['node migrate.mjs', ...args].join(' '), { DATABASE_URL: databaseUrl });
}

/**
 * Runs a job's steps in order, as a runner does that has checked the files out; stops at an error.
 * The address is in the environment of those steps alone that ask for it.
 */
async function runJob(job: Job, databaseUrl: string): Promise<string[]> {
  const said: string[] = [];
  for (const { run: command, env } of job.steps) {
    if (command === undefined) continue;
    const quoted = `'${command.replaceAll("'", `'\\''`)}'`;
    const isGiven = 'DATABASE_URL' in { ...job.env, ...env };
    const DATABASE_URL = isGiven ? databaseUrl : undefined;
    said.push(await example.succeed(`${BASH} ${quoted}`, { DATABASE_URL }));
  }
  return said;
}

const TRACE = 'installed';

/** Gives the project a script as a dependency may have one, which npm runs when it installs. */
function leaveTraceAtInstall(): void {
  const manifest = JSON.parse(example.read('package.json'));
  const scripts = { postinstall: `echo > ${TRACE}` };
  writeFileSync(join(example.folder, 'package.json'), JSON.stringify({ ...manifest, scripts }));
}

/** What a workflow uses, each by its commit with the version behind it. */
function uses(text: string): string[] {
  return [...text.matchAll(/uses: (.*)$/gm)].map(([, action]) => action ?? '');
}

describe('the workflow', () => {
  test('uses the very commits of actions that the package is tested with', () => {
    const ci = new URL('../../.github/workflows/ci.yml', import.meta.url);
    const known = uses(readFileSync(ci, 'utf8'));
    expect(known).toContainEqual(expect.stringMatching(/@[\da-f]{40} # v\d/));
    const used = uses(example.read('deploy.yml'));
    expect(used).toHaveLength(4);
    for (const action of used) expect(known).toContain(action);
  });

  test('rehearses on the server that it starts, and then migrates production', async () => {
    const { rehearse, production } = workflow.jobs;
    if (!rehearse || !production) throw new Error('There are two jobs.');
    expect(workflow.defaults.run.shell).toBe('bash');
    const { postgres } = rehearse.services ?? {};
    const url = new URL(rehearse.env?.DATABASE_URL ?? '');
    expect(url.password).toBe(postgres?.env.POSTGRES_PASSWORD);
    expect(postgres?.ports).toEqual([`${url.port}:5432`]);
    expect([production.needs, production.environment]).toEqual(['rehearse', 'production']);
    const secret = '$' + '{{ secrets.DATABASE_URL }}';
    expect(production.env).toBeUndefined();
    expect(
      production.steps.flatMap(({ run: command, env }) => (env ? [[command, env]] : [])),
    ).toEqual([
      ['node migrate.mjs --plan', { DATABASE_URL: secret }],
      ['node migrate.mjs', { DATABASE_URL: secret }],
    ]);

    leaveTraceAtInstall();
    const [service, live] = await Promise.all([createDatabase(), createDatabase()]);
    const [, first, second] = await runJob(rehearse, service.url);
    expect(first).toMatch(
      new RegExp(`^${COUNT} pending\n[\\s\\S]*\n${COUNT} applied in \\d+ ms\nverified\n$`),
    );
    expect(second).toBe('0 pending\n');
    // Production has leads of its own already.
    await live.query('CREATE TABLE leads (id uuid PRIMARY KEY)');
    const [, plan, last] = await runJob(production, live.url);
    expect(plan).toContain(
      'locks public.leads: SHARE ROW EXCLUSIVE (20261128100200000_create-conversions)',
    );
    expect(plan).not.toContain('applied');
    expect(last).toContain(`${COUNT} applied`);
    expect(existsSync(join(example.folder, TRACE))).toBe(false);
    for (const db of [service, live]) {
      expect(await verifySchema({ databaseUrl: db.url })).toMatchObject({ ok: true });
    }
  });
});

describe('the workflow, to GitHub', () => {
  needTool('@actions/workflow-parser');

  test('is right, where one with a misspelt key or an unknown job is not', async () => {
    const text = example.read('deploy.yml');
    expect(await workflowErrors('deploy.yml', text)).toEqual([]);
    for (const [right, wrong] of [
      ['environment: production', 'enviroment: production'],
      ['needs: rehearse', 'needs: rehearsal'],
      ['secrets.DATABASE_URL', 'secret.DATABASE_URL'],
    ] as const) {
      expect(text).toContain(right);
      expect(await workflowErrors('deploy.yml', text.replace(right, wrong))).not.toEqual([]);
    }
  });
});

const STUB = `
  const call = (answer) => async ({ timeoutMs = 300_000, signal } = {}) => {
    if (signal) console.log('budget ' + timeoutMs);
    return answer;
  };
  export const planMigrations = call({ migrations: [], locks: [] });
  export const runMigrations = call({ ran: [], durationMs: 0 });
  export const verifySchema = call({ ok: true, findings: [] });
  export class TrackingSchemaError extends Error {}
  export class PreflightError extends TrackingSchemaError {}
`;

describe('the script', () => {
  test('ends with 1 where somebody has to look, and names what helps', async () => {
    const [db, role] = await Promise.all([createDatabase(), createRole()]);
    await db.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    await onServer(`GRANT CONNECT ON DATABASE ${db.name} TO ${role.name}`);
    const refused = await migrate(db.urlFor(role.name, role.password));
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain('NO_CREATE_ON_SCHEMA');
    expect(refused.stderr).toContain('GRANT USAGE, CREATE ON SCHEMA');

    expect(await migrate(db.url)).toMatchObject({ code: 0, stderr: '' });
    await db.query('GRANT SELECT ON visitors TO PUBLIC');
    const open = await migrate(db.url);
    expect([open.code, open.stderr]).toEqual([1, '']);
    expect(open.stdout).toContain('security EXCESS_PRIVILEGE table public.visitors: REVOKE');
    expect(open.stdout).toMatch(/not as the migrations make it\n$/);
  });

  test('ends with 2 where the same call may succeed later', async () => {
    const { code, stderr } = await migrate('postgres://deployer:a-secret@127.0.0.1:1/live');
    expect(code).toBe(2);
    expect(stderr).toContain('CONNECTION_FAILED');
  });

  test('ends when it is stopped while it verifies', async () => {
    const db = await createDatabase();
    expect(await migrate(db.url)).toMatchObject({ code: 0 });
    await withClient(db.url, async (other) => {
      await other.query('BEGIN; LOCK TABLE tracking_migrations IN ACCESS EXCLUSIVE MODE');
      const running = start('node migrate.mjs --plan', example.folder, { DATABASE_URL: db.url });
      await eventually(
        () => db.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"),
        (rows) => rows.length > 0,
      );
      running.stop();
      expect(await running.exited).toBe(2);
      expect(running.output()).toMatch(/^ABORTED /);
    });
  });

  test('has time for all that it does in the time of its job', async () => {
    // In the package's place, one that says how long each call may take.
    const folder = temporaryFolder();
    const stub = join(folder, 'node_modules', 'conversion-tracking-schema');
    mkdirSync(stub, { recursive: true });
    writeFileSync(join(stub, 'package.json'), '{ "type": "module", "exports": "./index.js" }');
    writeFileSync(join(stub, 'index.js'), STUB);
    writeFileSync(join(folder, 'migrate.mjs'), example.read('migrate.mjs'));
    const seconds = await Promise.all(
      [['--plan'], []].map(async (args) => {
        const finished = await run(process.execPath, ['migrate.mjs', ...args], { cwd: folder });
        expect(finished).toMatchObject({ code: 0 });
        return [...finished.stdout.matchAll(/^budget (\d+)$/gm)].map(([, ms]) => Number(ms) / 1000);
      }),
    );
    expect(seconds.map(({ length }) => length)).toEqual([1, 3]);
    const sum = seconds.flat().reduce((all, one) => all + one, 0);
    // The checkout and the installation take time as well.
    expect(sum + 120).toBeLessThan((workflow.jobs.production?.['timeout-minutes'] ?? 0) * 60);
  });

  test('writes no password and no address of the database, whatever happens', async () => {
    const [db, role] = await Promise.all([createDatabase(), createRole()]);
    const secret = 'hunter2-hunter2';
    const broken = (change: (url: URL) => void) => {
      const url = new URL(db.urlFor(role.name, secret));
      change(url);
      return url.href;
    };
    const urls = [
      broken(() => {}),
      broken((url) => {
        url.port = '1';
      }),
      broken((url) => {
        url.pathname = '/no_such_database';
      }),
      `postgres://${role.name}:${secret}@127.0.0.1:port/live`,
      `postgres://${role.name}:${secret}%@127.0.0.1/live`,
    ];
    for (const url of urls) {
      const { code, stdout, stderr } = await migrate(url);
      expect([1, 2]).toContain(code);
      expect(stderr).not.toBe('');
      expect(stdout + stderr).not.toContain(secret);
      expect(stdout + stderr).not.toContain(url);
      expect(stdout + stderr).not.toContain(role.name.concat(':'));
    }
    expect(await tables(db)).toEqual([]);
  });
});

function tables(db: TestDatabase): Promise<object[]> {
  return db.query("SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace");
}
