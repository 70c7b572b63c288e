import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { oncePerRun } from '../support/once-per-run.ts';
import { type Finished, run, runOrThrow } from '../support/process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { manifestOf, NPM_SILENT, pack } from './packed.ts';

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

const MANIFEST = JSON.stringify({ name: 'application', private: true });
const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** A project of somebody else's that has the package installed. */
export interface Project {
  readonly folder: string;
  write(file: string, text: string): void;
  run(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished>;
}

/**
 * Creates a project with the tarball installed, and with development dependencies of this one. npm
 * runs once for the same packages; further projects get copies.
 */
export async function install(...packages: readonly string[]): Promise<Project> {
  const name = ['installed', ...packages.map((each) => each.replace('/', '-'))].join('+');
  const installed = await oncePerRun(name, async (folder) => {
    const { tarball, source } = await pack();
    const { devDependencies } = manifestOf(source);
    const specifiers = packages.map((each) => `${each}@${devDependencies[each]}`);
    writeFileSync(join(folder, 'package.json'), MANIFEST);
    const args = ['install', '--prefer-offline', ...NPM_SILENT, tarball, ...specifiers];
    await runOrThrow('npm', args, { cwd: folder });
  });
  const project = emptyProject();
  cpSync(installed, project.folder, { recursive: true, verbatimSymlinks: true });
  return project;
}

/** The same without npm, which is quicker, and with all dependencies of this project. */
export async function unpack(): Promise<Project> {
  const { tarball } = await pack();
  const project = emptyProject();
  const modules = join(project.folder, 'node_modules');
  const own = join(modules, 'conversion-tracking-schema');
  mkdirSync(own, { recursive: true });
  await runOrThrow('tar', ['-xzf', tarball, '--strip-components=1'], { cwd: own });
  for (const name of readdirSync(MODULES)) {
    symlinkSync(join(MODULES, name), join(modules, name), 'junction');
  }
  return project;
}

function emptyProject(): Project {
  const folder = temporaryFolder();
  const project: Project = {
    folder,
    write: (file, text) => writeFileSync(join(folder, file), text),
    run: (command, args, env = {}) => run(command, args, { cwd: folder, env }),
  };
  project.write('package.json', MANIFEST);
  return project;
}
