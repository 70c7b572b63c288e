import type { Client } from 'pg';
import {
  AuthenticationFailedError,
  ConnectionFailedError,
  ConnectionLostError,
  DatabaseNotFoundError,
  InvalidOptionError,
  sqlStateOf,
  type TrackingSchemaError,
} from '../errors.ts';

/** Refused logins. */
const AUTHENTICATION = new Set([
  '28000', // invalid_authorization_specification: pg_hba.conf has no entry, or no such role
  '28P01', // invalid_password
]);
const DATABASE_NOT_FOUND = '3D000'; // invalid_catalog_name

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

/** Returns the typed error for an error of pg while connecting. */
export function connectError(cause: unknown): TrackingSchemaError {
  const sqlState = sqlStateOf(cause);
  const reason = cause instanceof Error ? cause.message || nameOf(cause) : String(cause);
  if (sqlState !== undefined && AUTHENTICATION.has(sqlState)) {
    return new AuthenticationFailedError(`The server refused the login: ${reason}.`, {
      hint: 'Check the user and the password in the database URL.',
      cause,
    });
  }
  if (sqlState === DATABASE_NOT_FOUND) {
    return new DatabaseNotFoundError(`There is no such database: ${reason}.`, {
      hint: 'Create it with CREATE DATABASE, or correct the name in the database URL.',
      cause,
    });
  }
  return new ConnectionFailedError(`Could not connect to the database: ${reason}.`, {
    hint: 'Check that the server runs and that host, port and TLS settings are right.',
    cause,
    retryable: true,
  });
}

/**
 * Returns the error for a server that asks for a password where none is given. The original is an
 * error of pg without a code.
 */
export function passwordMissing(
  client: Client,
  error: unknown,
): AuthenticationFailedError | undefined {
  const cause = error instanceof ConnectionFailedError ? error.cause : undefined;
  const own = cause instanceof Error && !('code' in cause) && !(cause instanceof AggregateError);
  if (!own || client.password) return undefined;
  return new AuthenticationFailedError(
    `The server asks for a password, and none is given: ${cause.message}.`,
    { hint: 'Put it into the database URL, or into PGPASSWORD or a .pgpass file.', cause },
  );
}

/** Returns the error for a lost connection, or undefined where only the statement failed. */
export function lostError(cause: unknown): ConnectionLostError | undefined {
  const sqlState = sqlStateOf(cause);
  if (sqlState !== undefined && !ENDED.has(sqlState) && !sqlState.startsWith('08')) {
    return undefined;
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ConnectionLostError(`The connection to the database was lost: ${reason}.`, {
    hint: 'Call again. Uncommitted changes were rolled back.',
    cause,
    retryable: true,
  });
}

/** Node puts the reasons of a failed dual-stack connect into an AggregateError without a message. */
function nameOf(error: Error): string {
  const [first] = error instanceof AggregateError ? error.errors : [];
  return first instanceof Error ? first.message : error.name;
}
