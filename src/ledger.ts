import { type Connection, clientInTransaction } from './connection.ts';
import { PermissionDeniedError, PreflightError, sqlStateOf } from './errors.ts';
import { literal, type QualifiedName, quote } from './sql.ts';

/** What the database says of itself to packages of other versions; see migrations/shared. */
export interface Declaration {
  readonly release: string;
  readonly head: string;
  readonly servesFrom: string;
}

/** The ledger as one statement reads it. */
export interface Ledger {
  /** Names in the order in which they were recorded. */
  readonly recorded: readonly string[];
  /** Row level security hides the rows from this role: the declaration has to serve. */
  readonly hidden: boolean;
  readonly declaration: Declaration | undefined;
  /** The client was inside a transaction that began before this statement. */
  readonly inTransaction: boolean;
  /** When each was recorded, where that was asked for. */
  readonly times: readonly Date[];
}

/** A ledger that is not there. */
export const NO_LEDGER: Ledger = {
  recorded: [],
  hidden: false,
  declaration: undefined,
  inTransaction: false,
  times: [],
};

const UNDEFINED_TABLE = '42P01'; // also where the schema is missing
const UNDEFINED_COLUMN = '42703';
const IN_FAILED_TRANSACTION = '25P02';
const INSUFFICIENT_PRIVILEGE = '42501';

/** run_on has no zone: whoever writes it is held to UTC. */
const TIME = ` pg_catalog.to_char(l.run_on, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS run_on,`;

/**
 * Reads the ledger in one statement. A role with nothing but SELECT on it can: where row level
 * security hides the rows, the declaration in the table's comment is still there to read.
 *
 * @param withTimes - also when each migration was recorded
 * @throws {PermissionDeniedError | PreflightError | ClientInTransactionError}
 */
export async function readLedger(
  connection: Connection,
  name: QualifiedName,
  withTimes = false,
): Promise<Ledger> {
  const table = quote(name);
  try {
    const rows = await connection.query<{
      name: string | null;
      hidden: string;
      comment: string | null;
      open: string;
      run_on?: string;
    }>(
      `SELECT l.name,${withTimes ? TIME : ''} t.hidden, t.comment, (now() <> statement_timestamp())::text AS open
         FROM (SELECT pg_catalog.row_security_active(oid)::text AS hidden, pg_catalog.obj_description(oid, 'pg_class') AS comment
                 FROM (SELECT ${literal(table)}::regclass::oid AS oid) o) t
         LEFT JOIN ${table} l ON true
        ORDER BY l.id`,
    );
    const [first] = rows;
    return {
      recorded: rows.flatMap((row) => (row.name === null ? [] : [row.name])),
      hidden: first?.hidden === 'true',
      declaration: parseDeclaration(first?.comment ?? ''),
      inTransaction: first?.open === 'true',
      times: rows.flatMap(({ run_on }) => (run_on ? [new Date(run_on)] : [])),
    };
  } catch (error) {
    return emptyUnless(error, table);
  }
}

/** A missing ledger is an empty one; anything else is an error. */
function emptyUnless(error: unknown, table: string): Ledger {
  switch (sqlStateOf(error)) {
    case UNDEFINED_TABLE:
      return NO_LEDGER;
    case INSUFFICIENT_PRIVILEGE:
      throw new PermissionDeniedError(`This role may not read the ledger ${table}.`, {
        hint: `Run: GRANT SELECT ON ${table} TO the role, and USAGE on its schema.`,
        cause: error,
      });
    case UNDEFINED_COLUMN:
      throw new PreflightError(
        [
          {
            code: 'LEDGER_UNUSABLE',
            message: `${table} is not a ledger: it lacks the columns id, name and run_on.`,
            remedy: 'Pass another migrationsTable.',
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
  return (['release', 'head', 'servesFrom'] as const).every(
    (key) => typeof fields[key] === 'string',
  );
}
