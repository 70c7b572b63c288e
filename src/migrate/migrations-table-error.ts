import { type Connection, clientInTransaction } from '../db/connection.ts';
import { identifier, type QualifiedName, quote } from '../db/quoting.ts';
import { PermissionDeniedError, PreflightError, sqlStateOf } from '../errors.ts';

const UNDEFINED_COLUMN = '42703';
const FEATURE_NOT_SUPPORTED = '0A000'; // a sample of a view
const IN_FAILED_TRANSACTION = '25P02';
const INSUFFICIENT_PRIVILEGE = '42501';

/** Returns the typed error where the migrations table could not be read. */
export async function migrationsTableError(
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
