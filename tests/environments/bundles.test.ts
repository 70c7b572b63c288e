import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { install, type Project } from '../package/installed.ts';
import { createDatabase } from '../support/database.ts';
import { run } from '../support/process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { APPLICATION, told } from './application.ts';

let project: Project;

beforeAll(async () => {
  project = await install('pg');
  project.write('main.ts', APPLICATION);
});

/** Bundles the application into one file, and returns a folder with that file and pg alone. */
async function bundle(file: string, options: BuildOptions): Promise<string> {
  const outfile = join(project.folder, 'out', file);
  const external = options.external ?? [];
  await build({
    absWorkingDir: project.folder,
    entryPoints: ['main.ts'],
    bundle: true,
    platform: 'node',
    outfile,
    logLevel: 'silent',
    ...options,
  });
  const folder = temporaryFolder();
  cpSync(outfile, join(folder, file));
  if (external.includes('pg')) {
    const pg = join('node_modules', 'pg');
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(join(project.folder, pg), join(folder, pg), 'junction');
  }
  return folder;
}

test.concurrent.each<{ kind: string; file: string; options: BuildOptions }>([
  { kind: 'an ES module', file: 'main.mjs', options: { format: 'esm', external: ['pg'] } },
  { kind: 'CommonJS', file: 'main.cjs', options: { format: 'cjs', external: ['pg'] } },
  {
    kind: 'CommonJS, minified, with pg inside,',
    file: 'all.cjs',
    options: { format: 'cjs', minify: true, external: ['pg-native'] },
  },
])('a bundle as $kind works without the package at hand', async ({ file, options }) => {
  const folder = await bundle(file, options);
  const env = { DATABASE_URL: (await createDatabase()).url };
  const first = await run('node', [file], { cwd: folder, env });
  expect(first).toEqual({ code: 0, stdout: told('empty'), stderr: '' });
  const second = await run('node', [file], { cwd: folder, env });
  expect(second).toEqual({ code: 0, stdout: told('migrated'), stderr: '' });
});
