import { type Machine, newMachine } from '../support/machine.ts';
import { NEWEST } from '../support/major.ts';
import { entryOf } from '../support/server.ts';
import { majorOfPgBasebackup, PG_BASEBACKUP_MISSING } from '../support/tools.ts';
import { shell, snippetsOf } from './guide.ts';

/** A way to a standby, and the major of its servers. */
export interface Way {
  readonly major: number;
  readonly how: 'by pg_basebackup' | 'from a copy of the stopped primary';
  /** What it needs and this machine does not have: then its tests are skipped. */
  readonly missing: string | undefined;
}

/** A primary and its standby. */
export interface Pair {
  readonly primary: Machine;
  readonly standby: Machine;
  /** What the guide's commands refer to. */
  readonly variables: Readonly<Record<string, string>>;
}

const [SET_UP] = snippetsOf('Read replicas');

/**
 * That of the guide, on the newest server that pg_basebackup can copy; and the newest server,
 * where that is another one. `TEST_POSTGRES_MAJOR` allows that major alone.
 */
export async function waysToAStandby(): Promise<readonly Way[]> {
  const newest = await majorOfPgBasebackup();
  const way = (major: number): Way => {
    const how = (newest ?? 0) >= major ? 'by pg_basebackup' : 'from a copy of the stopped primary';
    return { major, how, missing: missingServer(major) };
  };
  const { TEST_POSTGRES_MAJOR } = process.env;
  if (TEST_POSTGRES_MAJOR) return [way(Number(TEST_POSTGRES_MAJOR))];
  if (newest === undefined) {
    return [
      { major: NEWEST, how: 'by pg_basebackup', missing: PG_BASEBACKUP_MISSING },
      way(NEWEST),
    ];
  }
  return newest >= NEWEST ? [way(NEWEST)] : [way(newest), way(NEWEST)];
}

/** What to do where the server of a major is missing; in CI it has to be there. */
function missingServer(major: number): string | undefined {
  try {
    entryOf(major);
    return undefined;
  } catch (error) {
    if (process.env.CI || !(error instanceof Error)) throw error;
    return error.message;
  }
}

/**
 * Makes a primary and its standby, by the commands of the guide where pg_basebackup can.
 *
 * @param prepare - is given the primary's URL before there is a standby
 */
export async function newPair(
  { major, how }: Way,
  prepare: (url: string) => Promise<unknown>,
): Promise<Pair> {
  const primary = await newMachine(major);
  await primary.initialise();
  await prepare(primary.url);
  const standby = await newMachine(major);
  const variables = {
    PRIMARY_URL: primary.url,
    PRIMARY_DATA: primary.dataFolder,
    STANDBY_URL: standby.url,
    STANDBY_DATA: standby.dataFolder,
    REPLICATION_URL: primary.urlAs('replicator'),
  };
  const commands = shell(SET_UP);
  await primary.sh(commands.get('primary') ?? '', variables);
  if (how === 'by pg_basebackup') {
    await standby.sh(commands.get('standby') ?? '', variables);
  } else {
    await primary.sh(COPY, variables);
    await standby.sh(FOLLOW, variables);
  }
  return { primary, standby, variables };
}

/** What pg_basebackup does for a primary that need not stop. */
const COPY = `
psql "$PRIMARY_URL" -c "SELECT pg_create_physical_replication_slot('standby_1')"
pg_ctl --pgdata="$PRIMARY_DATA" stop
cp -R "$PRIMARY_DATA/." "$STANDBY_DATA"
pg_ctl --pgdata="$PRIMARY_DATA" --log="$PRIMARY_DATA/log" start
`;
const FOLLOW = `
echo "primary_conninfo = '$REPLICATION_URL?application_name=standby_1'
primary_slot_name = 'standby_1'" >> "$STANDBY_DATA/postgresql.auto.conf"
touch "$STANDBY_DATA/standby.signal"
pg_ctl --pgdata="$STANDBY_DATA" --log="$STANDBY_DATA/log" start
`;
