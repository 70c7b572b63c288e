import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Finished, run, runOrThrow } from '../support/process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NOT_COPIED = new Set(['node_modules', 'dist', 'coverage', '.git', '.data']);
const NPM_SILENT = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];

/** Writes the URL of every module that the process loads, a line each. */
export const RECORDER = `import { register } from 'node:module';
const hooks = \`
  import { appendFileSync } from 'node:fs';
  export async function load(url, context, nextLoad) {
    appendFileSync('loaded.txt', url + '\\\\n');
    return nextLoad(url, context);
  }\`;
register('data:text/javascript,' + encodeURIComponent(hooks));
`;

/** The tarball that npm would publish. */
export interface Packed {
  readonly tarball: string;
  /** The copy of the repository that it was packed from. */
  readonly source: string;
  /** Every file in it, in order. */
  files(): Promise<string[]>;
}

/** A project of somebody else's that has the package installed. */
export interface Project {
  readonly folder: string;
  write(file: string, text: string): void;
  run(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished>;
}

/** Packs a copy of the repository: other tests may build or read its dist at the same time. */
export async function pack(): Promise<Packed> {
  const folder = temporaryFolder();
  const source = join(folder, 'source');
  cpSync(ROOT, source, { recursive: true, filter: (path) => !NOT_COPIED.has(basename(path)) });
  symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'), 'junction');
  leaveStaleBuild(source);
  await runOrThrow('npm', ['pack', '--pack-destination', folder, ...NPM_SILENT], { cwd: source });
  const tarball = join(folder, readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? '');
  return {
    tarball,
    source,
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

/** An earlier build of other sources may have left a module that is no more. */
function leaveStaleBuild(source: string): void {
  const stale = join(source, 'dist', 'migrations', '20200101000000000_stale.js');
  mkdirSync(dirname(stale), { recursive: true });
  writeFileSync(stale, 'export function up() {}\n');
}

/** Installs the tarball into an empty project, with development dependencies of this one. */
export async function install(...packages: readonly string[]): Promise<Project> {
  const { tarball, source } = await pack();
  const { devDependencies } = manifestOf(source);
  const specifiers = packages.map((name) => `${name}@${devDependencies[name]}`);
  const folder = temporaryFolder();
  const project: Project = {
    folder,
    write: (file, text) => writeFileSync(join(folder, file), text),
    run: (command, args, env = {}) => run(command, args, { cwd: folder, env }),
  };
  project.write('package.json', JSON.stringify({ name: 'host', private: true }));
  const args = ['install', '--prefer-offline', ...NPM_SILENT, tarball, ...specifiers];
  await runOrThrow('npm', args, { cwd: folder });
  return project;
}

/** The part of package.json that the tests look at. */
export function manifestOf(folder: string): {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
} {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
