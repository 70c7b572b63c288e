import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { VERSION } from '../../src/version.ts';
import { runOrThrow } from '../support/process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { manifestOf, type Packed, pack } from './packed.ts';

let packed: Packed;
let files: readonly string[];

beforeAll(async () => {
  packed = await pack();
  files = await packed.files();
});

/** Modules of a folder of sources, without their extension. */
function modules(folder: string): string[] {
  return readdirSync(join(packed.source, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => posix.join(folder, file.slice(0, -'.ts'.length)));
}

test('the package holds the compiled sources, their types, and the documents, and nothing else', () => {
  expect(files).toEqual(
    [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'docs/cli.md',
      'docs/design.md',
      'docs/operations.md',
      'docs/queue.md',
      'docs/scaling.md',
      'docs/schema.md',
      'node-pg-migrate.config.js',
      'package.json',
      ...modules('src').flatMap((name) => [`dist/${name}.js`, `dist/types/${name}.d.ts`]),
      ...modules('migrations').map((name) => `dist/${name}.js`),
    ].sort(),
  );
});

test('the folder of the migrations holds nothing that the CLI could take for one', () => {
  const names = files
    .filter((file) => dirname(file) === 'dist/migrations')
    .map((file) => posix.basename(file));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(name).toMatch(/^\d{17}_[a-z0-9-]+\.js$/);
  const folders = files
    .filter((file) => file.startsWith('dist/migrations/'))
    .map((file) => dirname(file));
  expect([...new Set(folders)].sort()).toEqual(['dist/migrations', 'dist/migrations/shared']);
});

test('every relative import in the package leads to a file in it', async () => {
  const folder = temporaryFolder();
  await runOrThrow('tar', ['-xzf', packed.tarball], { cwd: folder });
  const imports = files
    .filter((file) => /^dist\/.*\.(js|d\.ts)$/.test(file))
    .flatMap((file) => {
      const text = readFileSync(join(folder, 'package', file), 'utf8');
      return [...text.matchAll(/(?:from|import\()\s*['"](\.[^'"]+)['"]/g)].map(
        ([, specifier = '']) => posix.join(dirname(file), specifier.replace(/\.ts$/, '.d.ts')),
      );
    });
  expect(imports.length).toBeGreaterThan(20);
  expect(imports.filter((file) => !files.includes(file))).toEqual([]);
});

test('package.json, the sources and the newest entry of the changelog agree on the version', () => {
  const changelog = readFileSync(join(packed.source, 'CHANGELOG.md'), 'utf8');
  const [, newest] = /^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$/m.exec(changelog) ?? [];
  expect(manifestOf(packed.source).version).toBe(VERSION);
  expect(newest).toBe(VERSION);
});

test('the command line is a program that node runs', async () => {
  const folder = temporaryFolder();
  await runOrThrow('tar', ['-xzf', packed.tarball], { cwd: folder });
  const { bin } = manifestOf(packed.source);
  expect(Object.keys(bin)).toEqual(['conversion-tracking-schema']);
  for (const file of Object.values(bin)) {
    expect(files).toContain(file);
    expect(readFileSync(join(folder, 'package', file), 'utf8')).toMatch(
      /^#!\/usr\/bin\/env node\n/,
    );
  }
});
