import { ConnectionLostError, InvalidOptionError, sqlStateOf } from '../errors.ts';

/** The server has ended the session, as with class 08 (connection exception). */
const ENDED = new Set([
  '57P01', // admin_shutdown, pg_terminate_backend
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
  '25P03', // idle_in_transaction_session_timeout
]);

/** Returns the error for a URL that pg cannot use, without the URL: it may contain a password. */
export function malformedUrl(): InvalidOptionError {
  return new InvalidOptionError(
    'databaseUrl',
    'The database URL is malformed.',
    'Write it as postgres://user:password@host:5432/database, special characters percent-encoded.',
  );
}

/** Returns the error for a lost connection, or undefined where only the statement failed. */
export function lostError(cause: unknown): ConnectionLostError | undefined {
  const sqlState = sqlStateOf(cause);
  if (sqlState !== undefined && !ENDED.has(sqlState) && !sqlState.startsWith('08')) {
    return undefined;
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  // PgBouncer has no code of its own for it.
  const statementPooling = /statement pooling/.test(reason);
  return new ConnectionLostError(`The connection to the database was lost: ${reason}.`, {
    hint: statementPooling
      ? 'Connect through transaction or session pooling (pool_mode of PgBouncer).'
      : 'Call again. Uncommitted changes were rolled back.',
    cause,
    retryable: !statementPooling,
  });
}
