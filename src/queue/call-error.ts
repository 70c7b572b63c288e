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
 * An argument, or what would become of it in a table, is not as it should be: class 22 (data
 * exception), in which 22023 is what the functions raise, 23514 (check_violation), and 54000
 * (program_limit_exceeded), where a text is too long for an index.
 */
const isInvalid = (sqlState: string) =>
  sqlState.startsWith('22') || sqlState === '23514' || sqlState === '54000';
const LEAD_NOT_FOUND = '23503'; // foreign_key_violation
/** That of conversions to leads, which the function names. */
const LEAD_KEY = 'conversions_lead_id_fkey';
const PERMISSION_DENIED = '42501'; // insufficient_privilege
const READ_ONLY = '25006'; // read_only_sql_transaction
const MISSING = new Set([
  '3F000', // invalid_schema_name
  '42725', // ambiguous_function: the application has one of the same name
  '42883', // undefined_function
]);

/** What a server's error may carry. */
interface ServerFields {
  readonly hint?: string;
  readonly where?: string;
  readonly constraint?: string;
}

/** The typed error for what the server answered to a call, decided by SQLSTATE. */
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
  if (sqlState === LEAD_NOT_FOUND && constraint === LEAD_KEY) {
    return new LeadNotFoundError(message, details('Insert the lead first, then call again.'));
  }
  if (sqlState === PERMISSION_DENIED) {
    return new PermissionDeniedError(`${name}: ${message}.`, {
      hint:
        name === 'purge_tracking_data'
          ? 'Connect as a role that may delete visitors and events, and read whatever refers to them.'
          : 'Connect as the owner of the schema, or as a role that acts as service_role.',
      cause,
    });
  }
  if (sqlState === READ_ONLY) {
    return new ReadOnlyError(`${name} writes, and nothing may be written here: ${message}.`, {
      hint: 'Connect to the primary, and let no pooler send SELECT to a standby. Where this is the primary, see default_transaction_read_only.',
      cause,
    });
  }
  // Within a function it is something else that is missing.
  if (MISSING.has(sqlState) && !where) {
    return new FunctionMissingError(`${name} cannot be called here: ${message}.`, {
      hint: 'Call runMigrations() first, and name the schema of the tables where the search path does not find it.',
      cause,
    });
  }
  return cause;
}
