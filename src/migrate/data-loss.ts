import { IS_PLACEHOLDER } from '../../migrations/shared/leads.ts';
import type { Connection } from '../db/connection.ts';
import { identifier, literal, quote } from '../db/quoting.ts';
import { DataLossError } from '../errors.ts';
import { expectedAfter, madeBy } from '../schema/expected.ts';
import { type Migration, migrations } from '../schema/migrations.ts';
import type { Settings } from '../settings.ts';

/** Counting stops here, so that a large table is not read to its end. */
const MOST_ROWS = 10_000;

/** A table that a rollback would drop, or columns of a table that stays. */
export interface DataAtRisk {
  readonly table: string;
  /** Empty: the table itself. */
  readonly columns: readonly string[];
}

/** Finds what a rollback would drop. */
export async function findDataAtRisk(
  connection: Connection,
  { schemas, direction, allowDataLoss }: Settings,
  selected: readonly Migration[],
): Promise<readonly DataAtRisk[]> {
  if (direction === 'up' || allowDataLoss) return [];
  const found: DataAtRisk[] = [];
  for (const table of selected.flatMap(({ creates }) => creates)) {
    if (await isDropped(connection, quote({ schema: schemas[0], table }), table)) {
      found.push({ table, columns: [] });
    }
  }
  const dropped = new Set(selected.flatMap(({ creates }) => creates));
  const { columns: added } = madeBy(selected.map(({ name }) => name));
  const { tables } = expectedAfter(
    migrations.findIndex(({ name }) => name === selected[0]?.name) + 1,
  );
  return [
    ...found,
    ...Object.entries(added)
      .filter(([table]) => !dropped.has(table))
      // A migration that is applied may have dropped what an earlier one had made.
      .map(([table, columns]) => ({
        table,
        columns: columns.filter((column) => tables[table]?.columns[column]),
      }))
      .filter(({ columns }) => columns.length > 0),
  ];
}

/**
 * Refuses a rollback that would drop tables with rows in them, or columns with values. Counting fails
 * where row level security would hide rows.
 *
 * @param lock - locks the tables until the transaction ends, so that no row is inserted meanwhile
 * @throws {DataLossError}
 */
export async function refuseDataLoss(
  connection: Connection,
  { schemas }: Settings,
  dataAtRisk: readonly DataAtRisk[],
  lock: boolean,
): Promise<void> {
  const rows: Record<string, number> = {};
  const held: string[] = [];
  for (const { table, columns } of dataAtRisk) {
    const name = quote({ schema: schemas[0], table });
    const [counted] = await connection.query<{ count: string }>(`
      ${lock ? `LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE;` : ''}
      SET LOCAL row_security = off;
      SELECT count(*)::text AS count FROM (SELECT FROM ${name}${anyOf(columns)} LIMIT ${MOST_ROWS}) r`);
    const count = Number(counted?.count ?? 0);
    if (count === 0) continue;
    rows[table] = count;
    const at = columns.length > 0 ? `${table} with ${columns.join(', ')}` : table;
    held.push(`${at} (${count < MOST_ROWS ? count : `at least ${MOST_ROWS}`})`);
  }
  if (held.length === 0) return;
  const what = dataAtRisk.some(({ columns }) => columns.length > 0)
    ? 'tables or columns'
    : 'tables';
  throw new DataLossError(
    `The rollback would drop ${what} that hold rows: ${held.join(', ')}. Nothing was changed.`,
    'Save the rows, and pass allowDataLoss: true to drop them.',
    rows,
  );
}

function anyOf(columns: readonly string[]): string {
  if (columns.length === 0) return '';
  return ` WHERE num_nonnulls(${columns.map((column) => identifier(column)).join(', ')}) > 0`;
}

/** Returns whether a table is dropped at all: the application's own `leads` is not. */
async function isDropped(connection: Connection, name: string, table: string): Promise<boolean> {
  const rows = await connection.query(`
    SELECT FROM pg_class c
     WHERE c.oid = to_regclass(${literal(name)})
       AND (${literal(table)} <> 'leads' OR ${IS_PLACEHOLDER})`);
  return rows.length > 0;
}
