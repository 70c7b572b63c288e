import type { Declaration } from '../../migrations/shared/declaration.ts';
import type { Connection } from '../db/connection.ts';
import { type QualifiedName, quote } from '../db/quoting.ts';
import { sqlStateOf } from '../errors.ts';
import { MIGRATION_NAMES } from '../schema/migrations.ts';
import type { Settings } from '../settings.ts';
import { IN_TRANSACTION, readDeclaration } from './declaration.ts';

/** The migrations table as it was read. */
export interface MigrationsTable {
  /** Names in the order in which they were recorded. */
  readonly recorded: readonly string[];
  /** Whether row level security hides the rows from this role. */
  readonly hidden: boolean;
  /** Read only where the names do not tell what is applied. */
  readonly declaration: Declaration | undefined;
  /** Whether the client was inside a transaction that began before this statement. */
  readonly inTransaction: boolean;
  /** When each migration was recorded; empty unless asked for. */
  readonly times: readonly Date[];
}

type Row = { id: number | string; name: string; in_transaction?: string; run_on?: string };

/** A migrations table that does not exist. */
export const NO_MIGRATIONS_TABLE: MigrationsTable = {
  recorded: [],
  hidden: false,
  declaration: undefined,
  inTransaction: false,
  times: [],
};

const UNDEFINED_TABLE = '42P01'; // also where the schema is missing
const INSUFFICIENT_PRIVILEGE = '42501';

/** run_on has no zone; every migration writes it in UTC. */
const RUN_ON = `, pg_catalog.to_char(run_on, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS run_on`;

/**
 * A sample of all rows. The server refuses it for a view: one that somebody has put in the table's
 * place would run its functions with the caller's privileges.
 */
const TABLE_ONLY = ' TABLESAMPLE SYSTEM (100)';

/**
 * Row level security then is an error, instead of running the functions of a policy: in a table that
 * somebody has put in the place of the migrations table, with the caller's privileges.
 */
const NO_POLICIES = 'SET LOCAL row_security = off; ';

/** Returns where the migrations table is: in the first schema. */
export function migrationsTableName({ schemas, migrationsTable }: Settings): QualifiedName {
  return { schema: schemas[0], table: migrationsTable };
}

/**
 * Reads the migrations table in one round trip, which asks for little more than the names. Where
 * those do not tell what is applied (there are none, or some that this version does not know), a
 * second one reads the declaration: a role with SELECT alone can, though it may see no row.
 *
 * @param withTimes - reads when each migration was recorded as well
 * @param isOwn - whether the role owns the table: then its policies run, as an error would end the
 *   transaction that is open
 * @throws {PermissionDeniedError | PreflightError | ClientInTransactionError}
 */
export async function readMigrationsTable(
  connection: Connection,
  name: QualifiedName,
  withTimes = false,
  isOwn = false,
): Promise<MigrationsTable> {
  const table = quote(name);
  const columns = `id, name${connection.mayBeInTransaction ? IN_TRANSACTION : ''}${withTimes ? RUN_ON : ''}`;
  try {
    const sql = `${isOwn ? '' : NO_POLICIES}SELECT ${columns} FROM ${table}${TABLE_ONLY}`;
    const rows = await connection.query<Row>(sql);
    // Sorted here: a new connection's first ORDER BY costs the server more than the rest.
    rows.sort((a, b) => Number(a.id) - Number(b.id));
    const recorded = rows.map((row) => row.name);
    const isKnown = recorded.length > 0 && recorded.every((one) => MIGRATION_NAMES.includes(one));
    const declared = isKnown ? undefined : await readDeclaration(connection, table);
    return {
      recorded,
      hidden: declared?.hidden ?? false,
      declaration: declared?.declaration,
      inTransaction: (rows[0]?.in_transaction ?? declared?.inTransaction) === 'true',
      times: rows.flatMap(({ run_on }) => (run_on ? [new Date(run_on)] : [])),
    };
  } catch (error) {
    if (sqlStateOf(error) === UNDEFINED_TABLE) return NO_MIGRATIONS_TABLE;
    if (sqlStateOf(error) === INSUFFICIENT_PRIVILEGE) {
      const declared = await readDeclared(connection, name).catch(() => NO_MIGRATIONS_TABLE);
      if (declared.hidden) return declared;
    }
    const { migrationsTableError } = await import('./migrations-table-error.ts');
    throw await migrationsTableError(error, name, connection);
  }
}

/** Reads the declaration alone, and whether row level security hides the rows. */
export async function readDeclared(
  connection: Connection,
  name: QualifiedName,
): Promise<MigrationsTable> {
  const { hidden, declaration } = await readDeclaration(connection, quote(name));
  return { ...NO_MIGRATIONS_TABLE, hidden, declaration };
}
