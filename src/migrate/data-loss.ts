import { IS_PLACEHOLDER } from '../../migrations/shared/leads.ts';
import type { Connection } from '../db/connection.ts';
import { identifier, literal, quote } from '../db/quoting.ts';
import { DataLossError } from '../errors.ts';
import { madeBy } from '../schema/expected.ts';
import type { Migration } from '../schema/migrations.ts';
import type { Settings } from '../settings.ts';

/** Counting stops there: the answer is the same, and a large table is not read to its end. */
const MOST_ROWS = 10_000;

/** A table that a rollback would drop, or columns of it; what they hold is not to be lost. */
export interface Losable {
  readonly table: string;
  /** None: the table. */
  readonly columns: readonly string[];
}

/** What a rollback would drop. */
export async function findLosable(
  connection: Connection,
  { schemas, direction, allowDataLoss }: Settings,
  selected: readonly Migration[],
): Promise<readonly Losable[]> {
  if (direction === 'up' || allowDataLoss) return [];
  const found: Losable[] = [];
  for (const table of selected.flatMap(({ creates }) => creates)) {
    if (await isOurs(connection, quote({ schema: schemas[0], table }), table)) {
      found.push({ table, columns: [] });
    }
  }
  const dropped = new Set(selected.flatMap(({ creates }) => creates));
  const added = madeBy(selected.map(({ name }) => name)).columns;
  return [
    ...found,
    ...Object.entries(added)
      .filter(([table, columns]) => columns.length > 0 && !dropped.has(table))
      .map(([table, columns]) => ({ table, columns })),
  ];
}

/**
 * Refuses a rollback that would drop tables with rows in them, or columns with values. With `lock`
 * they stay locked until the transaction ends, so that no row comes in between. Where row level
 * security would hide rows, counting them is an error.
 *
 * @throws {DataLossError}
 */
export async function refuseToLoseRows(
  connection: Connection,
  { schemas }: Settings,
  losable: readonly Losable[],
  lock: boolean,
): Promise<void> {
  const rows: Record<string, number> = {};
  const held: string[] = [];
  for (const { table, columns } of losable) {
    const name = quote({ schema: schemas[0], table });
    const [counted] = await connection.query<{ count: string }>(`
      ${lock ? `LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE;` : ''}
      SET LOCAL row_security = off;
      SELECT count(*)::text AS count FROM (SELECT FROM ${name}${anyOf(columns)} LIMIT ${MOST_ROWS}) r`);
    const count = Number(counted?.count ?? 0);
    if (count === 0) continue;
    rows[table] = count;
    const lost = columns.length > 0 ? `${table} with ${columns.join(', ')}` : table;
    held.push(`${lost} (${count < MOST_ROWS ? count : `at least ${MOST_ROWS}`})`);
  }
  if (held.length === 0) return;
  const what = losable.some(({ columns }) => columns.length > 0) ? 'tables or columns' : 'tables';
  throw new DataLossError(
    `Going down would drop ${what} that hold rows: ${held.join(', ')}. Nothing was changed.`,
    'Save the rows first, and pass allowDataLoss: true to lose them on purpose.',
    rows,
  );
}

function anyOf(columns: readonly string[]): string {
  if (columns.length === 0) return '';
  return ` WHERE num_nonnulls(${columns.map((column) => identifier(column)).join(', ')}) > 0`;
}

/** The application's own leads is not dropped, and so holds nothing that could be lost. */
async function isOurs(connection: Connection, name: string, table: string): Promise<boolean> {
  const rows = await connection.query(`
    SELECT FROM pg_class c
     WHERE c.oid = to_regclass(${literal(name)})
       AND (${literal(table)} <> 'leads' OR ${IS_PLACEHOLDER})`);
  return rows.length > 0;
}
