import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Exported } from '../../scripts/build/entry-points.ts';
import { oncePerRun } from '../support/once-per-run.ts';
import { runOrThrow } from '../support/process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NOT_COPIED = new Set(['node_modules', 'dist', 'coverage', '.git', '.data']);
/** Flags that keep npm to its task. */
export const NPM_SILENT = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];

/** The tarball that npm would publish. */
export interface Packed {
  readonly tarball: string;
  /** The copy of the repository that it was packed from. */
  readonly source: string;
  /** Every file in it, in order. */
  files(): Promise<string[]>;
}

/** Packs the repository once a run, for whichever test file asks first. */
export async function pack(): Promise<Packed> {
  const folder = await oncePerRun('packed', build);
  const tarball = join(folder, readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? '');
  return {
    tarball,
    source: join(folder, 'source'),
    async files() {
      const list = await runOrThrow('tar', ['-tzf', tarball], { cwd: folder });
      return list
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.replace(/^package\//, ''))
        .sort();
    },
  };
}

/** From a copy: other tests may build or read the repository's dist at the same time. */
async function build(folder: string): Promise<void> {
  const source = join(folder, 'source');
  cpSync(ROOT, source, { recursive: true, filter: (path) => !NOT_COPIED.has(basename(path)) });
  symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'), 'junction');
  leaveStaleBuild(source);
  await runOrThrow('npm', ['pack', '--pack-destination', folder, ...NPM_SILENT], { cwd: source });
}

/** An earlier build of other sources may have left a module that is no more. */
function leaveStaleBuild(source: string): void {
  const stale = join(source, 'dist', 'migrations', '20200101000000000_stale.js');
  mkdirSync(dirname(stale), { recursive: true });
  writeFileSync(stale, 'export function up() {}\n');
}

/** The part of package.json that the tests look at. */
export function manifestOf(folder: string): {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Exported>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
} {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
