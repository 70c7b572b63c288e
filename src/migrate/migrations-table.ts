import type { Declaration } from '../../migrations/shared/declaration.ts';
import { type Connection, clientInTransaction } from '../db/connection.ts';
import { identifier, type QualifiedName, quote } from '../db/quoting.ts';
import { PermissionDeniedError, PreflightError, sqlStateOf } from '../errors.ts';
import { migrations } from '../schema/migrations.ts';
import type { Settings } from '../settings.ts';
import { IN_TRANSACTION, readDeclaration } from './declaration.ts';

const KNOWN: ReadonlySet<string> = new Set(migrations.map(({ name }) => name));

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

/** A migrations table that does not exist. */
export const NO_MIGRATIONS_TABLE: MigrationsTable = {
  recorded: [],
  hidden: false,
  declaration: undefined,
  inTransaction: false,
  times: [],
};

const UNDEFINED_TABLE = '42P01'; // also where the schema is missing
const UNDEFINED_COLUMN = '42703';
const FEATURE_NOT_SUPPORTED = '0A000'; // a sample of a view
const IN_FAILED_TRANSACTION = '25P02';
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
 * Reads the migrations table with one statement, which asks for little more than the names. Where
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
    const rows = await connection.query<{
      id: number | string;
      name: string;
      in_transaction?: string;
      run_on?: string;
    }>(`${isOwn ? '' : NO_POLICIES}SELECT ${columns} FROM ${table}${TABLE_ONLY}`);
    // Sorted here: a new connection's first ORDER BY costs the server more than the rest.
    rows.sort((a, b) => Number(a.id) - Number(b.id));
    const recorded = rows.map((row) => row.name);
    const isKnown = recorded.length > 0 && recorded.every((one) => KNOWN.has(one));
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
    const declared = await readHidden(connection, table, error);
    if (declared) return declared;
    throw await readError(error, name, connection);
  }
}

/** Returns the table without its rows where row level security hides them, undefined after any other error. */
async function readHidden(
  connection: Connection,
  table: string,
  error: unknown,
): Promise<MigrationsTable | undefined> {
  if (sqlStateOf(error) !== INSUFFICIENT_PRIVILEGE) return undefined;
  const { hidden, declaration } = await readDeclaration(connection, table).catch(
    () => NO_MIGRATIONS_TABLE,
  );
  return hidden ? { ...NO_MIGRATIONS_TABLE, hidden, declaration } : undefined;
}

/** Reads the declaration of a migrations table that is not the role's own, as if its rows were hidden. */
export async function readDeclared(
  connection: Connection,
  name: QualifiedName,
): Promise<MigrationsTable> {
  const { declaration } = await readDeclaration(connection, quote(name));
  return { ...NO_MIGRATIONS_TABLE, hidden: true, declaration };
}

async function readError(
  cause: unknown,
  name: QualifiedName,
  connection: Connection,
): Promise<unknown> {
  const table = quote(name);
  switch (sqlStateOf(cause)) {
    case INSUFFICIENT_PRIVILEGE:
      return permissionDenied(cause, name, await currentRole(connection));
    case UNDEFINED_COLUMN:
    case FEATURE_NOT_SUPPORTED: {
      const message = `${table} is not a migrations table: it is not a table, or it lacks the columns id, name and run_on.`;
      const fix = 'Pass another migrationsTable.';
      return new PreflightError([{ code: 'MIGRATIONS_TABLE_UNUSABLE', message, fix }], cause);
    }
    case IN_FAILED_TRANSACTION:
      return clientInTransaction(cause);
    default:
      return cause;
  }
}

function permissionDenied(
  cause: unknown,
  name: QualifiedName,
  role: string | undefined,
): PermissionDeniedError {
  const table = quote(name);
  const grantee = role ?? 'this role';
  return new PermissionDeniedError(
    `${role ? `Role ${role}` : 'This role'} may not read the migrations table ${table}.`,
    {
      hint: `Run as its owner: GRANT USAGE ON SCHEMA ${identifier(name.schema)} TO ${grantee}; GRANT SELECT ON ${table} TO ${grantee};`,
      cause,
    },
  );
}

/** Returns undefined in a transaction, which the first error has ended. */
async function currentRole(connection: Connection): Promise<string | undefined> {
  const sql = 'SELECT pg_catalog.quote_ident(current_user) AS role';
  const [row] = await connection.query<{ role: string }>(sql).catch(() => []);
  return row?.role;
}
