import {
  FunctionMissingError,
  InvalidArgumentError,
  LeadNotFoundError,
  PermissionDeniedError,
  ReadOnlyError,
  sqlStateOf,
} from '../errors.ts';
import type { FunctionName } from './functions.ts';

/**
 * The server refuses an argument: class 22 (data exception), which includes 22023 raised by the
 * functions, 23514 (check_violation), and 54000 (program_limit_exceeded) for text that is too long
 * for an index.
 */
const isInvalid = (sqlState: string) =>
  sqlState.startsWith('22') || sqlState === '23514' || sqlState === '54000';
const FOREIGN_KEY_VIOLATION = '23503'; // foreign_key_violation
/** The constraint from conversions to leads. */
const LEAD_KEY = 'conversions_lead_id_fkey';
const PERMISSION_DENIED = '42501'; // insufficient_privilege
const READ_ONLY = '25006'; // read_only_sql_transaction
const MISSING = new Set([
  '3F000', // invalid_schema_name
  '42725', // ambiguous_function: the application has a function of the same name
  '42883', // undefined_function
]);

/** Fields of a server error. */
interface ServerFields {
  readonly hint?: string;
  readonly where?: string;
  readonly constraint?: string;
}

/** Returns the typed error for a failed call, decided by SQLSTATE; other errors unchanged. */
export function callError(cause: unknown, name: FunctionName): unknown {
  const sqlState = sqlStateOf(cause) ?? '';
  const { message, hint, where, constraint } = cause as Error & ServerFields;
  const details = (fallback: string) => ({ hint: hint || fallback, cause });
  if (isInvalid(sqlState)) {
    return new InvalidArgumentError(
      `${name}: ${message}`,
      details('Nothing was changed. Correct the argument and call again.'),
    );
  }
  if (sqlState === FOREIGN_KEY_VIOLATION && constraint === LEAD_KEY) {
    return new LeadNotFoundError(message, details('Insert the lead first and call again.'));
  }
  if (sqlState === PERMISSION_DENIED) {
    return new PermissionDeniedError(`${name}: ${message}.`, {
      hint:
        name === 'purge_tracking_data'
          ? 'Connect as a role that may delete visitors and events, and read every table that references them.'
          : 'Connect as the owner of the schema, or as a role that acts as service_role.',
      cause,
    });
  }
  if (sqlState === READ_ONLY) {
    return new ReadOnlyError(`${name} writes, but the transaction is read only: ${message}.`, {
      hint: 'Connect to the primary, and let no pooler send SELECT to a standby. On the primary, check default_transaction_read_only.',
      cause,
    });
  }
  // With a context the missing function is one that the called function uses.
  if (MISSING.has(sqlState) && !where) {
    return new FunctionMissingError(`${name} cannot be called here: ${message}.`, {
      hint: 'Call runMigrations() first, and pass the schema of the tables if it is not on the search path.',
      cause,
    });
  }
  return cause;
}
