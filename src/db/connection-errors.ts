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

/** Refusals before authentication, and after it, by SQLSTATE. */
const AUTHENTICATION = new Set([
  '28000', // invalid_authorization_specification: pg_hba.conf has no entry, or no such role
  '28P01', // invalid_password
]);
const DATABASE_NOT_FOUND = '3D000'; // invalid_catalog_name

/** The session is over. Class 08 (connection exception) counts too. */
const ENDED = new Set([
  '57P01', // admin_shutdown, pg_terminate_backend
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
  '25P03', // idle_in_transaction_session_timeout
]);

/** The error for a URL that pg cannot use. The URL itself, which may hold a password, stays out. */
export function malformedUrl(): InvalidOptionError {
  return new InvalidOptionError(
    'databaseUrl',
    'The database URL is malformed.',
    'Write it as postgres://user:password@host:5432/database, special characters percent-encoded.',
  );
}

/** Turns what pg threw while connecting into the error that says what to do. */
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
 * The error for a server that asked for a password where there is none: pg then throws an error of
 * its own, without a code.
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

/** The error for a broken connection, or undefined where the server merely refused a statement. */
export function lostError(cause: unknown): ConnectionLostError | undefined {
  const sqlState = sqlStateOf(cause);
  if (sqlState !== undefined && !ENDED.has(sqlState) && !sqlState.startsWith('08')) {
    return undefined;
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ConnectionLostError(`The connection to the database was lost: ${reason}.`, {
    hint: 'Call again: what was not committed has been rolled back.',
    cause,
    retryable: true,
  });
}

/** Node puts the reasons of a failed dual-stack connect into an AggregateError without a message. */
function nameOf(error: Error): string {
  const [first] = error instanceof AggregateError ? error.errors : [];
  return first instanceof Error ? first.message : error.name;
}
