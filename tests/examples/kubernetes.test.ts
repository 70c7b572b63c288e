import { beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../scripts/free-port.ts';
import { runMigrations, verifySchema } from '../../src/index.ts';
import { createDatabase, createRole, type TestDatabase, withClient } from '../support/database.ts';
import { needTool } from '../support/tools.ts';
import { copyExample, type Example, INSTALL_WITHIN_MS } from './example.ts';
import { buildImage, type Image } from './image.ts';
import { type Container, type Manifest, manifestErrors, readManifest } from './manifests.ts';
import { eventually, type Running, start } from './running.ts';

const LOCK = '7241865325823964';

let example: Example;
let image: Image;
let job: Manifest;
let deployment: Manifest;
beforeAll(async () => {
  example = await copyExample('kubernetes');
  job = readManifest(example.read('migrate.yaml'));
  deployment = readManifest(example.read('deployment.yaml'));
  expect(example.commands).toEqual(['npm install']);
  await example.succeed('npm install');
  image = await buildImage(example);
}, INSTALL_WITHIN_MS);

/** The secrets that the manifests refer to: the owner's address, and that of a role that looks. */
interface Secrets {
  readonly 'tracking-migrator': string;
  readonly 'tracking-app': string;
}

async function createSecrets(db: TestDatabase): Promise<Secrets> {
  const role = await createRole();
  await db.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  return {
    'tracking-migrator': db.url,
    'tracking-app': db.urlFor(role.name, role.password),
  };
}

/** Starts a container as a process: its command, else the image's, and its environment. */
function startContainer(
  container: Container,
  secrets: Secrets,
  changed: NodeJS.ProcessEnv = {},
): Running {
  const env: Record<string, string> = {};
  for (const { name, value, valueFrom } of container.env) {
    const { secretKeyRef } = valueFrom ?? {};
    const secret = Object.entries(secrets).find(([key]) => key === secretKeyRef?.name)?.[1];
    env[name] = value ?? secret ?? '';
    expect([name, secretKeyRef?.key ?? name, env[name]]).toEqual([
      name,
      name,
      expect.stringMatching(/./),
    ]);
  }
  const command = container.command ?? image.command;
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  return start(quoted, image.folder, { ...image.env, ...env, ...changed });
}

function only(containers: readonly Container[] | undefined): Container {
  const [container, ...others] = containers ?? [];
  if (container === undefined || others.length > 0) throw new Error('There is one container.');
  return container;
}

const migrate = () => only(job.spec.template.spec.containers);
const wait = () => only(deployment.spec.template.spec.initContainers);
const app = () => only(deployment.spec.template.spec.containers);

describe('the manifests', () => {
  needTool('kubernetes-models');

  test('fit the schema of Kubernetes, where a misspelt field or a wrong type does not', async () => {
    for (const manifest of [job, deployment]) expect(await manifestErrors(manifest)).toBe('');
    const text = example.read('migrate.yaml');
    for (const [right, wrong] of [
      ['ttlSecondsAfterFinished', 'ttlSecondsAfterFinish'],
      ['readOnlyRootFilesystem', 'readonlyRootFilesystem'],
      ['backoffLimit: 2', 'backoffLimit: "2"'],
      ['restartPolicy: Never', 'restartPolicy: Newer'],
    ] as const) {
      expect(text).toContain(right);
      expect(await manifestErrors(readManifest(text.replace(right, wrong)))).not.toBe('');
    }
  });
});

describe('the job', () => {
  test('has time for all its tries, and the Deployment for the job', () => {
    const { backoffLimit = 0, activeDeadlineSeconds = 0 } = job.spec;
    const command = migrate().command ?? [];
    const option = (name: string) => Number(command[command.indexOf(name) + 1]) / 1000;
    // A statement under way gets two seconds more; Kubernetes waits 10 seconds, then 20, then 40.
    const tries = (backoffLimit + 1) * (option('--timeout-ms') + 2);
    const waits = 10 * (2 ** backoffLimit - 1);
    expect(tries + waits).toBeLessThan(activeDeadlineSeconds);
    expect(activeDeadlineSeconds).toBeLessThan(deployment.spec.progressDeadlineSeconds ?? 0);
    expect(option('--migration-lock-timeout-ms')).toBeLessThan(option('--timeout-ms'));
  });

  test('runs as no root, and only what the image has', () => {
    for (const { spec } of [job, deployment].map(({ spec: { template } }) => template)) {
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: Number(image.user),
      });
      for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
        expect(container.image).toBe(migrate().image);
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
  });

  test('fails at once where somebody has to look, and is tried again where that may help', async () => {
    const db = await createDatabase();
    const secrets = await createSecrets(db);
    const refused = startContainer(migrate(), {
      ...secrets,
      'tracking-migrator': secrets['tracking-app'],
    });
    const unreachable = startContainer(migrate(), {
      ...secrets,
      'tracking-migrator': 'postgres://nobody:secret@127.0.0.1:1/none',
    });
    const rule = job.spec.podFailurePolicy?.rules.find(({ action }) => action === 'FailJob');
    expect(rule?.onExitCodes).toMatchObject({ containerName: migrate().name, operator: 'In' });
    const fails = (code: number | null) => rule?.onExitCodes?.values.includes(code ?? 0);
    expect(fails(await refused.exited)).toBe(true);
    expect(refused.output()).toContain('NO_CREATE_ON_SCHEMA');
    const code = await unreachable.exited;
    expect([code, fails(code)]).toEqual([2, false]);
  });

  test('is waited for by replicas, which then answer their probes', async () => {
    const db = await createDatabase();
    const secrets = await createSecrets(db);
    const waiting = startContainer(wait(), secrets);
    await waiting.says(/pending: migrations are pending/);

    const migrating = startContainer(migrate(), secrets);
    expect(await migrating.exited).toBe(0);
    expect(await verifySchema({ databaseUrl: db.url })).toMatchObject({ ok: true });
    // As an application grants it, once the migrations table is there.
    const role = new URL(secrets['tracking-app']).username;
    await db.query(`GRANT SELECT ON tracking_migrations TO ${role}`);
    expect(await waiting.exited).toBe(0);

    const port = await freePort();
    expect(app().ports).toEqual([{ name: 'http', containerPort: 3000 }]);
    const running = startContainer(app(), secrets, { PORT: String(port) });
    await running.says(new RegExp(`listening on ${port}`));
    const probe = async (path = '') => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    const [ready, live] = [app().readinessProbe?.httpGet, app().livenessProbe?.httpGet];
    expect([ready?.port, live?.port]).toEqual(['http', 'http']);
    expect([await probe(ready?.path), await probe(live?.path)]).toEqual([200, 200]);
    // Kubernetes runs this first of all, and sends SIGTERM when it has ended.
    const { command = [] } = app().lifecycle?.preStop.exec ?? {};
    expect(await startContainer({ ...app(), command }, secrets).exited).toBe(0);
    expect(await probe(ready?.path)).toBe(200);
    const { terminationGracePeriodSeconds } = deployment.spec.template.spec;
    expect(Number(command[1])).toBeLessThan(terminationGracePeriodSeconds);
    await runMigrations({ databaseUrl: db.url, direction: 'down', count: 1 });
    expect([await probe(ready?.path), await probe(live?.path)]).toEqual([503, 200]);
    running.stop();
    expect(await running.exited).toBe(0);
  });

  test('ends at SIGTERM, rolled back, and so does the wait', async () => {
    const db = await createDatabase();
    const secrets = await createSecrets(db);
    const waiting = startContainer(wait(), secrets);
    await waiting.says(/pending/);
    waiting.stop();
    expect(await waiting.exited).toBe(143);
    await withClient(db.url, async (other) => {
      await other.query(`SELECT pg_advisory_lock(${LOCK})`);
      const migrating = startContainer(migrate(), secrets);
      await migrating.says(/waiting for the migration lock/);
      migrating.stop();
      expect(await migrating.exited).toBe(143);
    });
    await eventually(
      () =>
        db.query(
          "SELECT FROM pg_stat_activity WHERE application_name = 'conversion-tracking-schema'",
        ),
      (rows) => rows.length === 0,
    );
    expect(await db.query("SELECT FROM pg_class WHERE relname = 'visitors'")).toEqual([]);
  });
});
