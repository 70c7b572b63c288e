import { ConnectionFailedError, DatabaseNotFoundError } from '../errors.ts';

/** Hints that several sources of an error share. */
export const HINTS = {
  tooMany:
    'Close idle connections, raise the limit of the server, database, role or pooler, or call again later.',
  starting: 'Wait until the server accepts connections and call again.',
  parameter:
    'Remove or correct the parameter in the database URL or PGOPTIONS. Let PgBouncer ignore it with ignore_startup_parameters.',
  poolerUser:
    'Copy the user from the connection string of the pooler. That of Supabase is postgres.<project ref>.',
  address: "Allow the client's address in the network restrictions of the server.",
  requireTls:
    'Connect with TLS: add sslmode=verify-full to the database URL, and sslrootcert=<file> for a private CA.',
  password: 'Put the password into the database URL, PGPASSWORD or a .pgpass file.',
};

/** Returns the error for a connection that failed for this reason. */
export function failed(
  reason: string,
  hint: string,
  cause: unknown,
  retryable: boolean,
): ConnectionFailedError {
  return new ConnectionFailedError(`Could not connect to the database: ${reason}.`, {
    hint,
    cause,
    retryable,
  });
}

/** Returns the error for a database that does not exist. */
export function noDatabase(reason: string, cause: unknown): DatabaseNotFoundError {
  return new DatabaseNotFoundError(`Could not connect to the database: ${reason}.`, {
    hint: 'Create it with CREATE DATABASE, or correct the name in the database URL.',
    cause,
  });
}
