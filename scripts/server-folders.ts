import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** PostgreSQL refuses to run as root, who runs it as nobody: a user that every system has. */
const NOBODY = 65_534;
export const SERVER_USER = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Gives a file or folder to the user that runs the server. */
export function giveToServer(path: string): void {
  if (SERVER_USER.uid !== undefined) chownSync(path, SERVER_USER.uid, SERVER_USER.gid);
}

/** Whether a process runs, of any user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * The folders of this user that the server's user can enter, best first. There is at least one.
 *
 * @param first - a folder to try before the others
 */
export function* sharedFolders(first?: string): Generator<string, undefined> {
  const name = `conversion-tracking-schema-${process.getuid?.() ?? 'windows'}`;
  const parents = [first, process.env.XDG_CACHE_HOME, tmpdir(), '/tmp', '/var/tmp'];
  const folders = new Set(parents.flatMap((parent) => (parent ? [join(real(parent), name)] : [])));
  let found = false;
  for (const folder of folders) {
    if (!isOurs(folder) || !serverCan('cd "$1"', folder)) continue;
    found = true;
    yield folder;
  }
  if (found) return;
  throw new Error(
    `PostgreSQL needs a folder that nobody else can write to, and can use none of ${[...folders].join(', ')}. Remove what is there, or set XDG_CACHE_HOME to a folder that every user can enter.`,
  );
}

/** A path without symbolic links, which somebody could point elsewhere later. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Makes a folder that only this user can write to or replace. Others may have put a link there. */
function isOurs(folder: string): boolean {
  try {
    if (!isSafe(dirname(folder))) return false;
    if (!existsSync(folder)) {
      mkdirSync(folder, { mode: 0o755 });
      chmodSync(folder, 0o755);
    }
    const found = lstatSync(folder);
    return found.isDirectory() && isUser(found.uid) && (found.mode & 0o022) === 0;
  } catch {
    return false;
  }
}

/** Whether nobody else can rename what is in a folder, nor the folder or one above it. */
function isSafe(folder: string): boolean {
  const { uid, mode } = statSync(folder);
  const sticky = (mode & 0o1000) !== 0;
  if (!isUser(uid, 0) || ((mode & 0o022) !== 0 && !sticky)) return false;
  return dirname(folder) === folder || isSafe(dirname(folder));
}

/** Whether a user is this process's, or another that is trusted. Windows has no numbers for them. */
function isUser(uid: number, ...trusted: number[]): boolean {
  return process.getuid === undefined || [process.getuid(), ...trusted].includes(uid);
}

/** Whether a shell of the server's user succeeds with a condition on a path. */
function serverCan(condition: string, path: string): boolean {
  if (process.platform === 'win32') return true;
  const args = ['-c', condition, 'sh', path];
  const { status, error } = spawnSync('/bin/sh', args, { ...SERVER_USER, cwd: '/' });
  if (error === undefined) return status === 0;
  throw new Error(
    `PostgreSQL refuses to run as root, and here root cannot run it as another user (${error.message}). Use another user than root.`,
  );
}

/** Makes a data folder that stays. Returns whether the server's user can work in it. */
export function prepareDataFolder(folder: string): boolean {
  try {
    if (mkdirSync(folder, { recursive: true, mode: 0o755 })) giveToServer(folder);
    return serverCan('cd "$1" && [ -O . ] && [ -w . ]', folder);
  } catch {
    return false;
  }
}

/** Containers may share a folder, and each counts its processes by itself. */
const PREFIX = `process-${processNamespace()}-`;

function processNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
  } catch {
    return ''; // not Linux
  }
}

/** An empty folder of the server's user, for this process. Removes those of processes that are gone. */
export function newServerFolder(): string {
  return newFolderIn(sharedFolders());
}

const MEMORY = '/dev/shm';
const NEEDED_BYTES = 4 * 1024 ** 3;

/**
 * The same for the data of a server that ends with this process. Creating a database means creating
 * 300 files, which takes a tenth of the CPU in memory. Without enough of it, as in a container of
 * Docker's, the data is on the disk.
 */
export function newDataFolder(): string {
  return newFolderIn(sharedFolders(hasRoom(MEMORY) ? MEMORY : undefined));
}

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= NEEDED_BYTES;
  } catch {
    return false;
  }
}

function newFolderIn([shared = '']: Iterable<string>): string {
  for (const name of readdirSync(shared)) {
    const owner = name.startsWith(PREFIX) && Number.parseInt(name.slice(PREFIX.length), 10);
    if (owner && !isAlive(owner)) removeServerFolder(join(shared, name));
  }
  const folder = mkdtempSync(join(shared, `${PREFIX}${process.pid}-`));
  giveToServer(folder);
  return folder;
}

/**
 * Removes a folder of the server's user, as that user: who replaces a folder in it by a symbolic link
 * meanwhile must not have root follow that.
 */
export function removeServerFolder(folder: string): void {
  if (SERVER_USER.uid === undefined) {
    rmSync(folder, { recursive: true, force: true });
    return;
  }
  spawnSync('/bin/rm', ['-rf', '--', folder], { ...SERVER_USER, cwd: '/' });
  try {
    // The folder above it belongs to root.
    rmdirSync(folder);
  } catch {
    // It is gone, or holds a folder of root's.
  }
}
