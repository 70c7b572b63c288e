import { withClient } from '../../scripts/with-client.ts';
import { type Peer, versionOf } from '../peers.ts';

/** What a tool applies: this package's migrations, or the schema of its own queue. */
export type Schema = 'migrations' | 'own';

/** Something that brings a database up to date when an application starts. */
export interface BootTool {
  /** As the report calls it. */
  readonly name: string;
  /** Its module in process/tools. */
  readonly module: string;
  readonly peer?: Peer;
  readonly schema: Schema;
}

export const BARE = { name: 'bare pg', module: 'bare-pg', schema: 'migrations' } as const;
/** The same, except that it does not wait for the server to close the connection. */
export const BARE_LEFT = {
  name: 'bare pg, left to close',
  module: 'bare-pg-left',
  schema: 'migrations',
} as const;
export const SCRIPT = { name: 'one script', module: 'one-script', schema: 'migrations' } as const;
export const LOCKED_SCRIPT = {
  name: 'one script, under a lock',
  module: 'locked-script',
  schema: 'migrations',
} as const;
export const OURS = {
  name: 'conversion-tracking-schema',
  module: 'ours',
  schema: 'migrations',
} as const;
export const OURS_WITHOUT_PIPELINE = {
  name: 'conversion-tracking-schema, no pipeline',
  module: 'ours-without-pipeline',
  schema: 'migrations',
} as const;
export const NODE_PG_MIGRATE = {
  name: 'node-pg-migrate',
  module: 'node-pg-migrate',
  peer: 'node-pg-migrate',
  schema: 'migrations',
} as const;
export const NODE_PG_MIGRATE_WAIT = {
  name: 'node-pg-migrate, wait',
  module: 'node-pg-migrate-wait',
  peer: 'node-pg-migrate',
  schema: 'migrations',
} as const;

/** Those that run a user's migrations, and get this package's. */
export const MIGRATORS: readonly BootTool[] = [
  {
    name: 'postgres-migrations',
    module: 'postgres-migrations',
    peer: 'postgres-migrations',
    schema: 'migrations',
  },
  { name: 'kysely', module: 'kysely', peer: 'kysely', schema: 'migrations' },
  { name: 'drizzle', module: 'drizzle', peer: 'drizzle-orm', schema: 'migrations' },
];

/** Those that ship a schema, as this package does. */
export const GRAPHILE_WORKER: BootTool = {
  name: 'graphile-worker',
  module: 'graphile-worker',
  peer: 'graphile-worker',
  schema: 'own',
};
export const PG_BOSS: BootTool = {
  name: 'pg-boss',
  module: 'pg-boss',
  peer: 'pg-boss',
  schema: 'own',
};

/** A condition that holds once the tool has done its work. */
function completeWhere({ module, schema }: BootTool): string {
  if (schema === 'migrations') {
    return "EXISTS (SELECT FROM pg_proc WHERE proname = 'purge_tracking_data')";
  }
  const last = module === 'pg-boss' ? 'pgboss.version' : 'graphile_worker._private_jobs';
  return `to_regclass('${last}') IS NOT NULL`;
}

/** Whether a database has all that the tool is to bring. */
export async function isComplete(url: string, tool: BootTool): Promise<boolean> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ complete: boolean }>(
      `SELECT ${completeWhere(tool)} AS complete`,
    );
    return rows[0]?.complete === true;
  });
}

/** The name of the tool's database. */
export function databaseOf({ module }: BootTool): string {
  return `bench_boot_${module.replaceAll('-', '_')}`;
}

/** The versions of the tools that are not ours. */
export function versionsOf(tools: readonly BootTool[]): Record<string, string> {
  return Object.fromEntries(tools.flatMap(({ peer }) => (peer ? [[peer, versionOf(peer)]] : [])));
}
