import { appendFileSync, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePort } from '../../scripts/free-port.ts';
import { newDataFolder, removeServerFolder, SERVER_USER } from '../../scripts/server-folders.ts';
import { programsOf } from '../../scripts/server-programs.ts';
import { afterFile } from './after-file.ts';
import { runOrThrow } from './process.ts';
import { entryOf } from './server.ts';

/** A machine with PostgreSQL's programs and a data folder, for who runs a server by hand. */
export interface Machine {
  readonly dataFolder: string;
  /** Its server, as a superuser. */
  readonly url: string;
  /** The same as a role with the password of the guides. */
  urlAs(role: string): string;
  /** Makes a server in the data folder, and starts it; with further settings, if need be. */
  initialise(settings?: string): Promise<void>;
  /** Runs a script as the user to whom the server belongs, and returns what it wrote to stdout. */
  sh(script: string, variables?: Readonly<Record<string, string>>): Promise<string>;
}

const PASSWORD = 'embedded';
const PASSWORD_OF_GUIDES = 'change me';

/** Durable only as long as the tests run, and quick to look again for a server that was away. */
const SETTINGS = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
wal_retrieve_retry_interval = '100ms'
`;

const machines: Machine[] = [];

afterFile(async () => {
  for (const { dataFolder, sh } of machines.splice(0)) {
    if (existsSync(join(dataFolder, 'postmaster.pid'))) {
      await sh(`pg_ctl --pgdata='${dataFolder}' stop --mode=immediate`);
    }
    removeServerFolder(dataFolder);
  }
});

/** A machine for the tests of one file, with an empty data folder. Both are gone when these are done. */
export async function newMachine(major: number): Promise<Machine> {
  const dataFolder = newDataFolder();
  const { uid, gid } = SERVER_USER;
  const shell =
    uid === undefined
      ? ['bash']
      : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', 'bash'];
  const port = await freePort();
  const surroundings = {
    PATH: [programsOf(entryOf(major)), process.env.PATH].join(delimiter),
    PGPORT: String(port),
    HOME: dataFolder,
  };
  const urlOf = (role: string, password: string) =>
    `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  const sh: Machine['sh'] = (script, variables = {}) => {
    const [command = '', ...args] = [...shell, '-euc', script];
    return runOrThrow(command, args, { cwd: '/', env: { ...variables, ...surroundings } });
  };
  const machine: Machine = {
    dataFolder,
    url: urlOf('postgres', PASSWORD),
    urlAs: (role) => urlOf(role, PASSWORD_OF_GUIDES),
    sh,
    async initialise(settings = '') {
      await sh(
        `initdb --pgdata='${dataFolder}' --username=postgres --pwfile=<(echo '${PASSWORD}') --auth=scram-sha-256 --locale=C --encoding=UTF8 --no-sync`,
      );
      appendFileSync(join(dataFolder, 'postgresql.conf'), `${SETTINGS}${settings}\n`);
      await sh(`pg_ctl --pgdata='${dataFolder}' --log='${dataFolder}/log' start`);
    },
  };
  machines.push(machine);
  return machine;
}
