import { spawn } from 'node:child_process';
import { accessSync, chownSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../../scripts/free-port.ts';

/** A PgBouncer in transaction mode in front of a server. */
export interface PgBouncer {
  /** A database of the server, through the pooler. */
  urlFor(database: string): string;
  stop(): Promise<void>;
}

/** How to get it where it is missing. */
export const PGBOUNCER_PACKAGE = 'PgBouncer is missing. Run: apt-get install pgbouncer';

/** Connections to the server for each database. */
export const POOL_SIZE = 3;

/** PgBouncer refuses to run as root. */
const NOBODY = 65_534;
const PORTS_TO_TRY = 5;
const STOPS_WITHIN_MS = 5_000;

/** Where the program is, if it is anywhere. Debian has it outside the PATH of most users. */
export function findPgBouncer(): string | undefined {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
    .map((folder) => join(folder, 'pgbouncer'))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Starts one on a free port, for all databases of the server, or for one. */
export async function startPgBouncer(
  program: string,
  serverUrl: string,
  { settings = '', database = '*' }: { settings?: string; database?: string } = {},
): Promise<PgBouncer> {
  const folder = mkdtempSync(join(tmpdir(), 'tracking-schema-pgbouncer-'));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  try {
    for (let tries = 1; ; tries += 1) {
      const port = await freePort();
      const file = join(folder, 'pgbouncer.ini');
      writeFileSync(file, `${configuration(new URL(serverUrl), port, database)}${settings}\n`, {
        mode: 0o600,
      });
      try {
        const stop = await start(program, folder, file);
        return {
          urlFor: (database) => `postgres://anybody@127.0.0.1:${port}/${database}`,
          stop: () => stop().finally(removeFolder),
        };
      } catch (error) {
        // Another program may have taken the port meanwhile.
        if (tries === PORTS_TO_TRY) throw error;
      }
    }
  } catch (error) {
    removeFolder();
    throw error;
  }
}

/** Nothing is ignored beyond what every such set-up ignores, and no reset query hides a leak. */
function configuration(
  { hostname, port, username, password }: URL,
  listenPort: number,
  database: string,
): string {
  const quoted = (text: string) => `'${decodeURIComponent(text).replaceAll("'", "''")}'`;
  return `[databases]
${database} = host=${hostname} port=${port || 5432} user=${quoted(username)} password=${quoted(password)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${POOL_SIZE}
ignore_startup_parameters = extra_float_digits
`;
}

/** Runs it until the function returned is called. */
async function start(program: string, folder: string, file: string): Promise<() => Promise<void>> {
  const asRoot = process.getuid?.() === 0;
  if (asRoot) for (const path of [folder, file]) chownSync(path, NOBODY, NOBODY);
  const [command, ...args] = asRoot
    ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', program, file]
    : [program, file];
  const child = spawn(String(command), args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  }).finally(() => process.off('exit', kill));

  const log: string[] = [];
  const lines = createInterface({ input: child.stderr });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      log.push(line);
      if (line.includes('process up')) resolve();
    });
    child.once('error', reject);
    lines.once('close', () => reject(new Error(`PgBouncer did not start:\n${log.join('\n')}`)));
  });
  return async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(kill, STOPS_WITHIN_MS);
    await ended;
    clearTimeout(timer);
  };
}
