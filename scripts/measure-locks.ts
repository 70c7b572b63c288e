import pg from 'pg';
import type { MigrationLocks } from '../src/plan/migration-locks.ts';
import { stepsOf } from '../src/schema/migration-steps.ts';
import { type Migration, migrations } from '../src/schema/migrations.ts';

type Direction = 'up' | 'down';

/** Those that a plan tells of, from the weakest to the strongest; a plain write takes none. */
export const LOCK_MODES = [
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
];

/**
 * Runs every migration up, and then down, in an empty database and in a transaction of its own:
 * with a leads table of the application's, and then with the placeholder. What it leaves is an empty leads.
 *
 * @returns for each migration the strongest lock that it held in the end on each table that was
 *   there before it
 */
export async function measureLocks(databaseUrl: string): Promise<MigrationLocks> {
  const locks: Record<string, Record<Direction, Record<string, string>>> = {};
  for (const { name } of migrations) locks[name] = { up: {}, down: {} };
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    await client.query('SET search_path = public');
    for (const leads of ['CREATE TABLE leads (id uuid PRIMARY KEY)', 'DROP TABLE leads']) {
      await client.query(leads);
      for (const [direction, order] of [
        ['up', migrations],
        ['down', migrations.toReversed()],
      ] as const) {
        for (const migration of order) {
          Object.assign(
            locks[migration.name]?.[direction] ?? {},
            await locksOf(client, migration, direction),
          );
        }
      }
    }
  } finally {
    await client.end();
  }
  return locks;
}

async function locksOf(
  client: pg.Client,
  migration: Migration,
  direction: Direction,
): Promise<Record<string, string>> {
  await client.query('BEGIN');
  const before = await tablesThere(client);
  for (const step of await stepsOf(migration, direction)) await client.query(step);
  const held = await locksHeld(client, before);
  await client.query('COMMIT');
  return held;
}

/** Tables but for the server's own, by their OID. */
async function tablesThere(client: pg.Client): Promise<ReadonlyMap<number, string>> {
  const { rows } = await client.query<{ oid: number; name: string }>(`
    SELECT c.oid, c.relname AS name FROM pg_class c
     WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
       AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`);
  return new Map(rows.map(({ oid, name }) => [oid, name]));
}

/** The strongest lock that this client holds on each of the tables, dropped ones too. */
export async function locksHeld(
  client: pg.Client,
  tables: ReadonlyMap<number, string>,
): Promise<Record<string, string>> {
  const { rows } = await client.query<{ oid: number; mode: string }>(`
    SELECT l.relation AS oid, l.mode FROM pg_locks l
     WHERE l.locktype = 'relation' AND l.granted AND l.pid = pg_backend_pid()
       AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())`);
  const named = rows.map(({ oid, mode }) => ({ table: tables.get(oid), mode: asLockNames(mode) }));
  const held: Record<string, string> = {};
  for (const mode of LOCK_MODES) {
    for (const { table } of named.filter((lock) => lock.mode === mode)) {
      if (table !== undefined) held[table] = mode;
    }
  }
  return Object.fromEntries(Object.entries(held).sort());
}

/** `ShareRowExclusiveLock` as LOCK TABLE says it: `SHARE ROW EXCLUSIVE`. */
function asLockNames(mode: string): string {
  return mode
    .replace(/Lock$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase();
}
