import type pg from 'pg';

/** Those that a plan lists, from the weakest to the strongest; a plain write takes none. */
const LOCK_MODES = [
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
];

/** The strongest lock that this client holds on each of the tables, dropped ones too. */
export async function locksHeld(
  client: pg.Client,
  tables: ReadonlyMap<number, string>,
): Promise<Record<string, string>> {
  const { rows } = await client.query<{ oid: number; mode: string }>(`
    SELECT l.relation AS oid, l.mode FROM pg_locks l
     WHERE l.locktype = 'relation' AND l.granted AND l.pid = pg_backend_pid()
       AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())`);
  return strongest(
    rows.flatMap(({ oid, mode }) => {
      const table = tables.get(oid);
      return table === undefined ? [] : [{ table, mode: asLockTableNames(mode) }];
    }),
  );
}

/** The strongest lock on each table. */
export function strongest(
  locks: readonly { readonly table: string; readonly mode: string }[],
): Record<string, string> {
  const held: Record<string, string> = {};
  for (const mode of LOCK_MODES) {
    for (const lock of locks) if (lock.mode === mode) held[lock.table] = mode;
  }
  return held;
}

/** `ShareRowExclusiveLock` as LOCK TABLE says it: `SHARE ROW EXCLUSIVE`. */
function asLockTableNames(mode: string): string {
  return mode
    .replace(/Lock$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase();
}
