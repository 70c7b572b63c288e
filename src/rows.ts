import { IS_STAND_IN } from '../migrations/shared/leads.ts';
import type { Connection } from './connection.ts';
import { RowsWouldBeLostError } from './errors.ts';
import type { Migration } from './migrations.ts';
import type { Settings } from './settings.ts';
import { literal, quote } from './sql.ts';

/** Counting stops there: the answer is the same, and a large table is not read to its end. */
const MOST_ROWS = 10_000;

/** The tables that a rollback would drop, and whose rows are not to be lost. */
export async function tablesToEmpty(
  connection: Connection,
  { schemas, direction, dropTablesHoldingRows }: Settings,
  selected: readonly Migration[],
): Promise<readonly string[]> {
  if (direction === 'up' || dropTablesHoldingRows) return [];
  const tables: string[] = [];
  for (const table of selected.flatMap(({ creates }) => creates)) {
    if (await isOurs(connection, quote({ schema: schemas[0], table }), table)) tables.push(table);
  }
  return tables;
}

/**
 * Refuses a rollback that would drop tables with rows in them. With `lock` they stay locked until
 * the transaction ends, so that no row comes in between. Where row level security would hide rows,
 * counting them is an error.
 *
 * @throws {RowsWouldBeLostError}
 */
export async function refuseToLoseRows(
  connection: Connection,
  { schemas }: Settings,
  tables: readonly string[],
  lock: boolean,
): Promise<void> {
  const rows: Record<string, number> = {};
  for (const table of tables) {
    const name = quote({ schema: schemas[0], table });
    const [counted] = await connection.query<{ count: string }>(`
      ${lock ? `LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE;` : ''}
      SET LOCAL row_security = off;
      SELECT count(*)::text AS count FROM (SELECT FROM ${name} LIMIT ${MOST_ROWS}) r`);
    const count = Number(counted?.count ?? 0);
    if (count > 0) rows[table] = count;
  }
  const held = Object.entries(rows);
  if (held.length === 0) return;
  const list = held
    .map(([table, count]) => `${table} (${count < MOST_ROWS ? count : `at least ${MOST_ROWS}`})`)
    .join(', ');
  throw new RowsWouldBeLostError(
    `Going down would drop tables that hold rows: ${list}. Nothing was changed.`,
    'Save the rows first, and pass dropTablesHoldingRows: true to lose them on purpose.',
    rows,
  );
}

/** The host's own leads is not dropped, and so holds nothing that could be lost. */
async function isOurs(connection: Connection, name: string, table: string): Promise<boolean> {
  const rows = await connection.query(`
    SELECT FROM pg_class c
     WHERE c.oid = to_regclass(${literal(name)})
       AND (${literal(table)} <> 'leads' OR ${IS_STAND_IN})`);
  return rows.length > 0;
}
