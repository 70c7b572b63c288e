import { withClient } from '../../scripts/with-client.ts';
import type { Bench } from '../bench.ts';
import type { Column, Role } from '../lines.ts';

/** Something that brings a database up to date when an application starts. */
export interface BootTool extends Column {
  /** Its module in process/tools. */
  readonly module: string;
  /** The package of a peer. */
  readonly peer?: string;
  /** A condition that holds once it has done its work. */
  readonly completeWhere: string;
}

/** With this package's migrations, which all others that take a user's migrations get as well. */
const OUR_SCHEMA = "EXISTS (SELECT FROM pg_proc WHERE proname = 'purge_tracking_data')";

function tool(name: string, role: Role, more: Partial<BootTool> = {}): BootTool {
  const module = name.replaceAll(/\W+/g, '-');
  return { name, role, module, completeWhere: OUR_SCHEMA, ...more };
}

export const BARE = tool('bare pg', 'limit', { completeWhere: 'true' });
export const SCRIPT = tool('one script', 'limit');
export const LOCKED_SCRIPT = tool('one script, locked', 'limit', { module: 'locked-script' });
export const OURS = tool('conversion-tracking-schema', 'ours', { module: 'ours' });
export const NODE_PG_MIGRATE = tool('node-pg-migrate', 'peer', { peer: 'node-pg-migrate' });
export const NODE_PG_MIGRATE_WAIT = tool('node-pg-migrate, wait', 'peer', {
  peer: 'node-pg-migrate',
});
export const MIGRATORS = [
  tool('postgres-migrations', 'peer', { peer: 'postgres-migrations' }),
  tool('kysely', 'peer', { peer: 'kysely' }),
  tool('drizzle', 'peer', { peer: 'drizzle-orm' }),
];
/** They ship a schema, as this package does. */
export const QUEUES = [
  tool('graphile-worker', 'peer', {
    peer: 'graphile-worker',
    completeWhere: "to_regclass('graphile_worker._private_jobs') IS NOT NULL",
  }),
  tool('pg-boss', 'peer', {
    peer: 'pg-boss',
    completeWhere: "to_regclass('pgboss.version') IS NOT NULL",
  }),
];

/** Those of them that are installed. */
export function installed({ has }: Bench, tools: readonly BootTool[]): BootTool[] {
  return tools.filter(({ peer }) => peer === undefined || has(peer));
}

/** Throws where a database lacks what the tool is to bring. */
export async function expectComplete(url: string, { name, completeWhere }: BootTool) {
  const complete = await withClient(url, async (client) => {
    const { rows } = await client.query<{ complete: boolean }>(
      `SELECT ${completeWhere} AS complete`,
    );
    return rows[0]?.complete;
  });
  if (complete !== true) throw new Error(`${name} has left something out.`);
}

/** The name of the tool's database. */
export function databaseOf({ module }: BootTool, suffix = ''): string {
  return `bench_${module.replaceAll('-', '_')}${suffix}`;
}
