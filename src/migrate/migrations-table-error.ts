import { type Connection, clientInTransaction } from '../db/connection.ts';
import { identifier, literal, type QualifiedName, quote } from '../db/quoting.ts';
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
      return permissionDenied(cause, name, connection);
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

async function permissionDenied(
  cause: unknown,
  name: QualifiedName,
  connection: Connection,
): Promise<PermissionDeniedError> {
  const table = quote(name);
  const { role, owner } = await rolesOf(connection, name);
  const grantee = role ?? 'this role';
  const migrate = owner
    ? `To migrate, connect as ${owner}. To check alone, run as ${owner}`
    : 'Run as its owner';
  return new PermissionDeniedError(
    `${role ? `Role ${role}` : 'This role'} may not read the migrations table ${table}${owner ? `, which belongs to ${owner}` : ''}.`,
    {
      hint: `${migrate}: GRANT USAGE ON SCHEMA ${identifier(name.schema)} TO ${grantee}; GRANT SELECT ON ${table} TO ${grantee};`,
      cause,
    },
  );
}

/** Returns nothing in a transaction, which the first error has ended. */
async function rolesOf(
  connection: Connection,
  { schema, table }: QualifiedName,
): Promise<{ role?: string; owner?: string | null }> {
  const [row] = await connection
    .query<{ role: string; owner: string | null }>(`
      SELECT pg_catalog.quote_ident(current_user) AS role, (
        SELECT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.relowner))
          FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
         WHERE n.nspname OPERATOR(pg_catalog.=) ${literal(schema)} AND c.relname OPERATOR(pg_catalog.=) ${literal(table)}) AS owner`)
    .catch(() => []);
  return row ?? {};
}
