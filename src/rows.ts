import { STAND_IN_COMMENT } from '../migrations/shared/leads.ts';
import type { Connection } from './connection.ts';
import { RowsWouldBeLostError } from './errors.ts';
import type { Migration } from './migrations.ts';
import type { Settings } from './settings.ts';
import { literal, quote } from './sql.ts';

/** Counting stops there: the answer is the same, and a large table is not read to its end. */
const MOST_ROWS = 10_000;

/**
 * Refuses a rollback that would drop tables with rows in them. The tables stay locked until the
 * transaction ends, so that no row comes in between.
 *
 * @throws {RowsWouldBeLostError} unless `dropTablesHoldingRows` is set
 */
export async function refuseToLoseRows(
  connection: Connection,
  { schemas, dropTablesHoldingRows }: Settings,
  selected: readonly Migration[],
): Promise<void> {
  if (dropTablesHoldingRows) return;
  const rows: Record<string, number> = {};
  for (const table of selected.flatMap(({ creates }) => creates)) {
    const name = quote({ schema: schemas[0], table });
    if (!(await isOurs(connection, name, table))) continue;
    const [counted] = await connection.query<{ count: string }>(`
      LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE;
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
  const [row] = await connection.query<{ ours: boolean }>(`
    SELECT c.oid IS NOT NULL
           AND (${literal(table)} <> 'leads'
                OR obj_description(c.oid, 'pg_class') = ${literal(STAND_IN_COMMENT)}) AS ours
      FROM (SELECT to_regclass(${literal(name)}) AS oid) c`);
  return row?.ours ?? false;
}
