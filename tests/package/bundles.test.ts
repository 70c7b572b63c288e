import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Format } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { migrations } from '../../src/migrations.ts';
import { createDatabase } from '../support/database.ts';
import { run } from '../support/process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { install, type Project } from './installed.ts';

const all = migrations.length;
const output = (ran: number, alreadyApplied: number) =>
  `${JSON.stringify({ ran, alreadyApplied })}\n`;

let project: Project;

beforeAll(async () => {
  project = await install('pg');
  project.write(
    'main.js',
    `import { runMigrations } from 'conversion-tracking-schema';
    runMigrations().then(({ ran, alreadyApplied }) => {
      console.log(JSON.stringify({ ran: ran.length, alreadyApplied: alreadyApplied.length }));
    });`,
  );
});

/** Bundles the application into one file, and returns a folder with that file and pg alone. */
async function bundle(format: Format, file: string): Promise<string> {
  const outfile = join(project.folder, 'out', file);
  await build({
    absWorkingDir: project.folder,
    entryPoints: ['main.js'],
    bundle: true,
    platform: 'node',
    format,
    external: ['pg'],
    outfile,
    logLevel: 'silent',
  });
  const folder = temporaryFolder();
  cpSync(outfile, join(folder, file));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(
    join(project.folder, 'node_modules', 'pg'),
    join(folder, 'node_modules', 'pg'),
    'junction',
  );
  return folder;
}

test.concurrent.each<{ format: Format; file: string }>([
  { format: 'esm', file: 'main.mjs' },
  { format: 'cjs', file: 'main.cjs' },
])(
  'a bundle in the format $format migrates a database without the package at hand',
  async ({ format, file }) => {
    const folder = await bundle(format, file);
    const env = { DATABASE_URL: (await createDatabase()).url };
    const first = await run('node', [file], { cwd: folder, env });
    expect(first).toEqual({ code: 0, stdout: output(all, 0), stderr: '' });
    const second = await run('node', [file], { cwd: folder, env });
    expect(second).toEqual({ code: 0, stdout: output(0, all), stderr: '' });
  },
);
