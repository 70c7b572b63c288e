import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Format, transform } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { migrations } from '../../src/schema/migrations.ts';
import { install, type Project } from '../package/installed.ts';
import { manifestOf } from '../package/packed.ts';
import { createDatabase } from '../support/database.ts';
import { APPLICATION, told } from './application.ts';
import { needNodes, nodeFolder, nodeVersions } from './node-versions.ts';

const PACKAGE = 'node_modules/conversion-tracking-schema';

const present = needNodes();
let project: Project;
let main: string;

beforeAll(async () => {
  if (!present) return;
  project = await install('pg');
  const asJavaScript = async (format: Format) =>
    (await transform(APPLICATION, { loader: 'ts', format })).code;
  project.write('application.mjs', await asJavaScript('esm'));
  project.write('application.cjs', await asJavaScript('cjs'));
  main = join(PACKAGE, Object.values(manifestOf(join(project.folder, PACKAGE)).bin)[0] ?? '');
}, 180_000);

describe.each(Object.entries(nodeVersions))('Node %s', (major, version) => {
  const node = (args: readonly string[], url = '') =>
    project.run(join(nodeFolder(major), 'node'), args, { DATABASE_URL: url });

  test('is the version that it is called', async () => {
    expect((await node(['--version'])).stdout).toBe(`v${version}\n`);
  });

  test.each(['application.mjs', 'application.cjs'])('runs %s without a warning', async (file) => {
    const { url } = await createDatabase();
    const empty = await node([file], url);
    expect(empty).toEqual({ code: 0, stdout: told('empty'), stderr: '' });
    const migrated = await node([file], url);
    expect(migrated).toEqual({ code: 0, stdout: told('migrated'), stderr: '' });
  });

  test('runs the command line', async () => {
    const { url } = await createDatabase();
    const up = await node([main, 'up', '--json'], url);
    expect([up.code, JSON.parse(up.stdout).ran]).toEqual([0, expect.any(Array)]);
    expect(JSON.parse(up.stdout).ran).toHaveLength(migrations.length);
    const verified = await node([main, 'verify'], url);
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok: /) });
  });

  test("runs node-pg-migrate's command", async () => {
    const { url } = await createDatabase();
    const { bin } = JSON.parse(
      readFileSync(join(project.folder, 'node_modules/node-pg-migrate/package.json'), 'utf8'),
    );
    const command = join('node_modules/node-pg-migrate', bin['node-pg-migrate']);
    const settings = join(PACKAGE, 'node-pg-migrate.config.js');
    const { code, stdout } = await node([command, 'up', '-f', settings], url);
    expect([code, stdout]).toEqual([0, expect.stringContaining('Migrations complete!')]);
  });
});

test('the oldest version tried is the oldest that the package says it supports', () => {
  const { engines } = manifestOf(join(project.folder, PACKAGE));
  expect(engines.node).toBe(`>=${Object.values(nodeVersions)[0]}`);
});
