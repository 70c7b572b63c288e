import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { contentsOf, type Share } from '../../scripts/contents/contents.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { VERSION } from '../../src/version.ts';
import { runOrThrow } from '../support/process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { manifestOf, type Packed, pack } from './packed.ts';

let packed: Packed;
let files: readonly string[];
/** Where the tarball is unpacked. */
let unpacked: string;

beforeAll(async () => {
  packed = await pack();
  files = await packed.files();
  const folder = temporaryFolder();
  await runOrThrow('tar', ['-xzf', packed.tarball], { cwd: folder });
  unpacked = join(folder, 'package');
});

const read = (file: string) => readFileSync(join(unpacked, file), 'utf8');

/** The files that the relative imports of a file lead to. */
function importsOf(file: string): string[] {
  const extension = /\.d\.c?ts$/.test(file) ? '.d.ts' : '.js';
  return [
    ...read(file).matchAll(/(?:from|import\(|import|require\()\s*['"](\.[^'"]+)\.js['"]/g),
  ].map(([, module]) => posix.join(dirname(file), `${module}${extension}`));
}

/** Generated SQL, which the command line writes as well. */
const NOT_SHIPPED = 'examples/supabase/supabase/migrations/';

/** All files of a folder of the repository that is shipped as it is. */
function filesIn(folder: string): string[] {
  return readdirSync(join(packed.source, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(packed.source, join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith(NOT_SHIPPED));
}

/** These files and all that their imports lead to. */
function reachedFrom(entryPoints: readonly string[]): string[] {
  const reached = new Set(entryPoints.map((file) => posix.normalize(file)));
  for (const file of reached) for (const found of importsOf(file)) reached.add(found);
  return [...reached];
}

test('the package holds what its entry points reach, the documents and the examples, and nothing else', () => {
  const { exports, bin } = manifestOf(packed.source);
  const exported = Object.values(exports).filter((entry) => typeof entry !== 'string');
  const reached = reachedFrom([
    ...exported.flatMap((entry) => [...Object.values(entry.require), entry.types, entry.default]),
    ...Object.values(bin),
    ...migrations.map(({ name }) => `dist/migrations/${name}.js`),
  ]);
  expect(files).toEqual(
    [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      ...filesIn('docs'),
      ...filesIn('examples'),
      'node-pg-migrate.config.js',
      'package.json',
      ...reached,
    ].sort(),
  );
});

/** Room for a release to grow in; more is looked into, and then written here. */
const MOST: Readonly<Record<Share['kind'], { files: number; kB: number }>> = {
  migrations: { files: 30, kB: 90 },
  modules: { files: 50, kB: 600 },
  commonjs: { files: 12, kB: 8 },
  declarations: { files: 55, kB: 225 },
  documents: { files: 65, kB: 380 },
  examples: { files: 45, kB: 75 },
  settings: { files: 2, kB: 6 },
  others: { files: 0, kB: 0 },
};
const MOST_IN_TARBALL_KB = 330;

test('no kind of file has grown beyond its bound, and neither has the tarball', () => {
  const sized = files.map((path) => ({ path, size: statSync(join(unpacked, path)).size }));
  const beyond = contentsOf(sized).filter(
    ({ kind, files, bytes }) => files > MOST[kind].files || bytes > MOST[kind].kB * 1000,
  );
  expect(beyond).toEqual([]);
  expect(statSync(packed.tarball).size).toBeLessThan(MOST_IN_TARBALL_KB * 1000);
});

test('the folder of the migrations holds nothing that the CLI could take for one', () => {
  expect(readdirSync(join(unpacked, 'dist', 'migrations')).sort()).toEqual(
    migrations.map(({ name }) => `${name}.js`),
  );
});

test('package.json, the sources and the newest entry of the changelog agree on the version', () => {
  const changelog = readFileSync(join(packed.source, 'CHANGELOG.md'), 'utf8');
  const [, newest] =
    /^## \[(\d+\.\d+\.\d+)\] - (?:\d{4}-\d{2}-\d{2}|Unreleased)$/m.exec(changelog) ?? [];
  expect(manifestOf(packed.source).version).toBe(VERSION);
  expect(newest).toBe(VERSION);
});

test('the command line is a program that node runs', () => {
  const { bin } = manifestOf(packed.source);
  expect(Object.keys(bin)).toEqual(['conversion-tracking-schema']);
  for (const file of Object.values(bin)) {
    expect(files).toContain(file);
    expect(read(file)).toMatch(/^#!\/usr\/bin\/env node\n/);
  }
});
