import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where they are installed. */
export const PEERS_FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** The Node that runs all of it, once it is installed. */
export const BENCH_NODE = `${PEERS_FOLDER}node_modules/node/bin/node`;

/** The versions of bench/package.json. */
export function pinnedVersions(): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(`${PEERS_FOLDER}package.json`, 'utf8')).dependencies;
}

/** Installs what is missing or of another version: the project itself does without. */
export function installPeers(): void {
  if (Object.keys(pinnedVersions()).every(isInstalled)) return;
  const flags = ['--no-package-lock', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', ['install', ...flags], {
    cwd: PEERS_FOLDER,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The tools to compare with could not be installed.');
}

/** Whether a tool is there in the version of bench/package.json. */
export function isInstalled(name: string): boolean {
  const file = `${PEERS_FOLDER}node_modules/${name}/package.json`;
  return (
    existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version === pinnedVersions()[name]
  );
}

/** A module that the project compiles without. */
export async function importPeer<Module>(name: string): Promise<Module> {
  return import(name);
}
