import { type Connection, clientInTransaction } from '../db/connection.ts';
import { literal, type QualifiedName, quote } from '../db/quoting.ts';
import { PermissionDeniedError, PreflightError, sqlStateOf } from '../errors.ts';
import { migrations } from '../schema/migrations.ts';

const KNOWN: ReadonlySet<string> = new Set(migrations.map(({ name }) => name));

/** What the database says of itself to packages of other versions; see migrations/shared. */
export interface Declaration {
  readonly release: string;
  readonly head: string;
  readonly compatibleFrom: string;
}

/** The migrations table as it was read. */
export interface MigrationsTable {
  /** Names in the order in which they were recorded. */
  readonly recorded: readonly string[];
  /** Row level security hides the rows from this role: the declaration has to serve. */
  readonly hidden: boolean;
  /** Read only where the names do not settle what is applied. */
  readonly declaration: Declaration | undefined;
  /** The client was inside a transaction that began before this statement. */
  readonly inTransaction: boolean;
  /** When each was recorded, where that was asked for. */
  readonly times: readonly Date[];
}

/** A migrations table that is not there. */
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

/** True where a transaction has begun before this statement. */
const OPEN = ', (now() <> statement_timestamp())::text AS open';

/** run_on has no zone: whoever writes it is held to UTC. */
const TIME = `, pg_catalog.to_char(run_on, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS run_on`;

/**
 * Of a view the server takes no sample: one that somebody has put in the migrations table's place would run
 * its functions with the rights of whoever asks. Of a table it is all of it.
 */
const TABLE_ALONE = ' TABLESAMPLE SYSTEM (100)';

/**
 * Reads the migrations table: in one statement, which asks for no more than the names. Where those do not
 * settle it, since there are none or some that this version does not know, a second one reads the
 * declaration. A role with nothing but SELECT can, though row level security hides the rows.
 *
 * @param withTimes - also when each migration was recorded
 * @throws {PermissionDeniedError | PreflightError | ClientInTransactionError}
 */
export async function readMigrationsTable(
  connection: Connection,
  name: QualifiedName,
  withTimes = false,
): Promise<MigrationsTable> {
  const table = quote(name);
  try {
    const rows = await connection.query<{
      id: number | string;
      name: string;
      open?: string;
      run_on?: string;
    }>(
      `SELECT id, name${connection.mayBeInTransaction ? OPEN : ''}${withTimes ? TIME : ''} FROM ${table}${TABLE_ALONE}`,
    );
    // Sorted here: a new connection's first ORDER BY costs the server more than the rest.
    rows.sort((a, b) => Number(a.id) - Number(b.id));
    const recorded = rows.map((row) => row.name);
    const settled = recorded.length > 0 && recorded.every((one) => KNOWN.has(one));
    const declared = settled ? undefined : await readDeclaration(connection, table);
    return {
      recorded,
      hidden: declared?.hidden ?? false,
      declaration: declared?.declaration,
      inTransaction: (rows[0]?.open ?? declared?.open) === 'true',
      times: rows.flatMap(({ run_on }) => (run_on ? [new Date(run_on)] : [])),
    };
  } catch (error) {
    return emptyUnless(error, table);
  }
}

async function readDeclaration(connection: Connection, table: string) {
  const [row] = await connection.query<{ hidden: string; comment: string | null; open?: string }>(
    `SELECT pg_catalog.row_security_active(oid)::text AS hidden,
            pg_catalog.obj_description(oid, 'pg_class') AS comment${connection.mayBeInTransaction ? OPEN : ''}
       FROM (SELECT ${literal(table)}::regclass::oid AS oid) o`,
  );
  return {
    hidden: row?.hidden === 'true',
    declaration: parseDeclaration(row?.comment ?? ''),
    open: row?.open,
  };
}

/** A missing migrations table is an empty one; anything else is an error. */
function emptyUnless(error: unknown, table: string): MigrationsTable {
  switch (sqlStateOf(error)) {
    case UNDEFINED_TABLE:
      return NO_MIGRATIONS_TABLE;
    case INSUFFICIENT_PRIVILEGE:
      throw new PermissionDeniedError(`This role may not read the migrations table ${table}.`, {
        hint: `Run: GRANT SELECT ON ${table} TO the role, and USAGE on its schema.`,
        cause: error,
      });
    case UNDEFINED_COLUMN:
    case FEATURE_NOT_SUPPORTED:
      throw new PreflightError(
        [
          {
            code: 'MIGRATIONS_TABLE_UNUSABLE',
            message: `${table} is not a migrations table: it is no table, or lacks the columns id, name and run_on.`,
            fix: 'Pass another migrationsTable.',
          },
        ],
        error,
      );
    case IN_FAILED_TRANSACTION:
      throw clientInTransaction(error);
    default:
      throw error;
  }
}

function parseDeclaration(comment: string): Declaration | undefined {
  const json = /\{.*\}$/.exec(comment)?.[0];
  if (json === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return isDeclaration(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isDeclaration(value: unknown): value is Declaration {
  const fields = value as Partial<Record<keyof Declaration, unknown>>;
  return (['release', 'head', 'compatibleFrom'] as const).every(
    (key) => typeof fields[key] === 'string',
  );
}
