import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { VERSION } from '../../src/version.ts';
import { pack } from '../package/packed.ts';
import { type Finished, run } from '../support/process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What git ignores. */
const NOT_COPIED = new Set(['node_modules', 'dist', '.next', 'next-env.d.ts']);

/** npm from its cache where it can, and saying what it does: a run without output is killed. */
export const NPM = {
  npm_config_prefer_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
  npm_config_loglevel: 'http',
};

/** For what a test file does first: the files of the suite all install at once. */
export const INSTALL_WITHIN_MS = 300_000;

/** A copy of an example, which takes the package from the tarball. */
export interface Example {
  readonly folder: string;
  /** The commands of its README, in order: those in blocks of sh. */
  readonly commands: readonly string[];
  /** Runs a command line in the folder, by sh, to its end. */
  run(command: string, env?: NodeJS.ProcessEnv): Promise<Finished>;
  /** The same for one that has to succeed; gives what it wrote to stdout. */
  succeed(command: string, env?: NodeJS.ProcessEnv): Promise<string>;
  read(file: string): string;
}

/** Copies `examples/<name>` to a folder of its own. Nothing is installed yet. */
export async function copyExample(name: string): Promise<Example> {
  const { tarball } = await pack();
  const folder = temporaryFolder();
  cpSync(fileURLToPath(new URL(`../../examples/${name}`, import.meta.url)), folder, {
    recursive: true,
    filter: (path) => !NOT_COPIED.has(basename(path)),
  });
  takeFromTarball(join(folder, 'package.json'), tarball);
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  const runHere: Example['run'] = (command, env = {}) =>
    run('sh', ['-c', command], { cwd: folder, env: { ...NPM, ...env } });
  return {
    folder,
    commands: blocks(read('README.md'), 'sh').flatMap((block) => block.trim().split('\n')),
    run: runHere,
    succeed: async (command, env) => {
      const { code, stdout, stderr } = await runHere(command, env);
      expect([command, code, code === 0 ? '' : stdout + stderr]).toEqual([command, 0, '']);
      return stdout;
    },
    read,
  };
}

/** The fenced blocks of one language, in order. */
export function blocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , inside]) => inside ?? '');
}

/** All versions are exact except that of the package, which is the range of this release. */
function takeFromTarball(file: string, tarball: string): void {
  const manifest: { dependencies: Record<string, string>; devDependencies?: object } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  const { 'conversion-tracking-schema': range, ...others } = manifest.dependencies;
  expect(range).toBe(`^${VERSION.replace(/\.\d+$/, '.0')}`);
  for (const version of Object.values({ ...others, ...manifest.devDependencies })) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  }
  manifest.dependencies = { ...others, 'conversion-tracking-schema': `file:${tarball}` };
  writeFileSync(file, JSON.stringify(manifest, undefined, 2));
}
