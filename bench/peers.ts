import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Where they are installed. */
export const PEERS_FOLDER = fileURLToPath(new URL('.', import.meta.url));
const require = createRequire(import.meta.url);

/** What is compared with, in the versions of bench/package.json. */
const PEERS = [
  'drizzle-orm',
  'graphile-worker',
  'kysely',
  'node-pg-migrate',
  'pg-boss',
  'postgres-migrations',
] as const;
export type Peer = (typeof PEERS)[number];

/** Installs them where they are missing or of another version: the project itself does without. */
export function installPeers(): void {
  const { dependencies } = manifest(PEERS_FOLDER);
  if (PEERS.every((peer) => installedVersion(peer) === dependencies?.[peer])) return;
  const { status } = spawnSync('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund'], {
    cwd: PEERS_FOLDER,
    stdio: 'inherit',
  });
  if (status !== 0) {
    throw new Error(
      'What is compared with could not be installed. Run: npm install --prefix bench --no-package-lock',
    );
  }
}

/** Its module. By a path, so that the project compiles without it. */
export async function loadPeer<Module>(peer: Peer): Promise<Module> {
  return import(pathToFileURL(require.resolve(peer)).href);
}

export function versionOf(peer: Peer): string {
  const version = installedVersion(peer);
  if (version === undefined) throw new Error(`${peer} is not installed.`);
  return version;
}

function installedVersion(peer: Peer): string | undefined {
  const folder = `${PEERS_FOLDER}node_modules/${peer}/`;
  return existsSync(folder) ? manifest(folder).version : undefined;
}

/** The version of bench/package.json. */
export function pinnedVersion(name: string): string {
  const version = manifest(PEERS_FOLDER).dependencies?.[name];
  if (version === undefined) throw new Error(`bench/package.json does not name ${name}.`);
  return version;
}

function manifest(folder: string): {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
} {
  return JSON.parse(readFileSync(`${folder}package.json`, 'utf8'));
}
