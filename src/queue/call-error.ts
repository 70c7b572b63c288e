import { connectError } from '../db/connect-error.ts';
import { failedFunction } from '../db/failed-function.ts';
import {
  ConnectionFailedError,
  ConnectionLostError,
  FunctionNotFoundError,
  InvalidArgumentError,
  LeadNotFoundError,
  messageOf,
  PermissionDeniedError,
  ReadOnlyError,
  sqlStateOf,
  type TrackingSchemaError,
  TriggerFailedError,
} from '../errors.ts';
import { FUNCTIONS } from './functions.ts';

/**
 * The server refuses an argument: class 22 (data exception), which includes 22023 raised by the
 * functions, 23514 (check_violation), 54000 (program_limit_exceeded) for text that is too long for
 * an index, and P0002 (no_data_found) for an unknown upload request.
 */
const isInvalid = (sqlState: string) =>
  sqlState.startsWith('22') || ['23514', '54000', 'P0002'].includes(sqlState);
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

/** SQLSTATEs of a refused connection, and the code of postgres.js for its timeout. */
const CONNECT_FAILED = new Set([
  '28000', // invalid_authorization_specification
  '28P01', // invalid_password
  '3D000', // invalid_catalog_name
  '53300', // too_many_connections
  '57P03', // cannot_connect_now
  'CONNECT_TIMEOUT',
]);
/** SQLSTATEs of a closed session, and the codes of postgres.js. Class 08 counts as well. */
const CONNECTION_LOST = new Set([
  '25P03', // idle_in_transaction_session_timeout
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P05', // idle_session_timeout
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
]);
/** pg throws these errors of its own without a code. */
const PG_CONNECT_TIMEOUT = /^timeout exceeded when trying to connect/;
const PG_CONNECTION_LOST = /^(Connection terminated|Client has encountered a connection error)/;

/** Fields of a server error; postgres.js has `constraint_name`. */
interface ServerFields {
  readonly hint?: string;
  readonly where?: string;
  readonly constraint?: string;
  readonly constraint_name?: string;
}

/** Returns the typed error for a failed call, decided by SQLSTATE; other errors unchanged. */
export function callError(thrown: unknown, name: string): unknown {
  const cause = unwrapped(thrown);
  if (!(cause instanceof Error)) return thrown;
  return connectionError(cause, name) ?? functionError(cause, name) ?? thrown;
}

/** Drizzle wraps the error of the driver in one of its own. */
function unwrapped(error: unknown): unknown {
  const wrapped = error instanceof Error && !('code' in error) && error.cause instanceof Error;
  return wrapped ? error.cause : error;
}

function connectionError(cause: Error, name: string): TrackingSchemaError | undefined {
  const { code = '', syscall, message } = cause as NodeJS.ErrnoException;
  const typed = connectError(cause);
  const refused =
    CONNECT_FAILED.has(code) || isConnectFailure(cause) || PG_CONNECT_TIMEOUT.test(message);
  // Errors of TLS, of passwords and of poolers, which a statement cannot cause.
  const otherCause = !(typed instanceof ConnectionFailedError);
  if (refused || (otherCause && (sqlStateOf(cause) === undefined || code === '08P01')))
    return typed;
  const closed = CONNECTION_LOST.has(code) || sqlStateOf(cause)?.startsWith('08');
  if (!closed && syscall === undefined && !PG_CONNECTION_LOST.test(message)) return undefined;
  return new ConnectionLostError(
    `${name}: the connection was lost: ${sentence(messageOf(cause))}`,
    {
      hint: 'It is unknown whether the call took effect. Call again: only record_events would repeat its effect.',
      cause,
      retryable: true,
    },
  );
}

/** Node throws an AggregateError if a host has several addresses. */
function isConnectFailure(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isConnectFailure);
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall === 'connect' || syscall === 'getaddrinfo';
}

function sentence(message: string): string {
  return message.replace(/\.?$/, '.');
}

function functionError(cause: Error, name: string): TrackingSchemaError | undefined {
  const sqlState = sqlStateOf(cause) ?? '';
  const { hint, where, constraint, constraint_name } = cause as Error & ServerFields;
  const message = sentence(messageOf(cause));
  const details = (fallback: string) => ({ hint: hint || fallback, cause });
  if (isInvalid(sqlState)) {
    return new InvalidArgumentError(
      `${name}: ${message}`,
      details('Nothing was changed. Correct the argument and call again.'),
    );
  }
  if (sqlState === FOREIGN_KEY_VIOLATION && (constraint ?? constraint_name) === LEAD_KEY) {
    return new LeadNotFoundError(message, details('Insert the lead first and call again.'));
  }
  if (sqlState === PERMISSION_DENIED) {
    return new PermissionDeniedError(`${name}: ${message}`, {
      ...details(
        name === 'purge_tracking_data'
          ? 'Connect as a role that may delete visitors and events, and read every table that references them.'
          : 'Connect as the owner of the schema, or as a role that acts as service_role.',
      ),
    });
  }
  if (sqlState === READ_ONLY) {
    return new ReadOnlyError(`${name} writes, but the transaction is read only: ${message}`, {
      hint: 'Connect to the primary, and let no pooler send SELECT to a standby. On the primary, check default_transaction_read_only.',
      cause,
    });
  }
  const failed = failedFunction(cause);
  if (failed && !Object.hasOwn(FUNCTIONS, failed.name)) {
    return new TriggerFailedError(
      `${name}: a trigger or default of your own failed in the function ${failed.signature}: ${message}`,
      {
        hint: `Nothing was changed. Let the function find what it names. Run: ${failed.fix}`,
        cause,
      },
    );
  }
  // With a context the missing function is one that the called function uses.
  if (MISSING.has(sqlState) && !where) {
    return new FunctionNotFoundError(`${name} cannot be called here: ${message}`, {
      hint: 'Call runMigrations() first, and pass the schema of the tables if it is not on the search path.',
      cause,
    });
  }
  return undefined;
}
