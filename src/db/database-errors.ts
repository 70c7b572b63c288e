import {
  ConnectionLostError,
  LockTimeoutError,
  MigrationFailedError,
  messageOf,
  PermissionDeniedError,
  type PreflightCode,
  PreflightError,
  StatementTimeoutError,
  sqlStateOf,
  TrackingSchemaError,
} from '../errors.ts';
import { failedFunction } from './failed-function.ts';

/** What was running when an error occurred. */
export interface ErrorContext {
  readonly migration: string | undefined;
  readonly statement: string | undefined;
}

/** Codes that the migrations raise; see migrations/shared/conflicts.ts. */
const REFUSALS: Readonly<Record<string, PreflightCode>> = {
  CTS01: 'LEADS_MISMATCH',
  CTS02: 'RECORDED_ELSEWHERE',
  CTS03: 'TABLE_CONFLICT',
};

/**
 * Returns whether another transaction was creating an object of the same name: the server then finds
 * a duplicate in its own catalogue. A retry sees the object.
 */
function isConcurrentCreation(cause: unknown): boolean {
  const inCatalogue = cause instanceof Error && 'schema' in cause && cause.schema === 'pg_catalog';
  return inCatalogue && sqlStateOf(cause) === '23505'; // unique_violation
}

/** Returns the typed error for an error of the server, by its SQLSTATE. */
export function databaseError(cause: unknown, context: ErrorContext): TrackingSchemaError {
  if (cause instanceof ConnectionLostError && context.migration !== undefined) {
    return new ConnectionLostError(
      `The connection to the database was lost in ${context.migration}.`,
      { hint: cause.hint, cause: cause.cause, retryable: true, ...context },
    );
  }
  if (cause instanceof TrackingSchemaError) return cause;
  const sqlState = sqlStateOf(cause) ?? '';
  const message = messageOf(cause);
  const where = context.migration === undefined ? '' : ` in ${context.migration}`;
  const refusal = REFUSALS[sqlState];
  if (refusal) {
    return new PreflightError([{ code: refusal, message, fix: 'Fix this and call again.' }], cause);
  }
  if (isConcurrentCreation(cause)) {
    return new LockTimeoutError(
      `Another transaction was creating the same objects${where}, and every retry failed: ${message}.`,
      { hint: 'Wait for it to finish and call again.', cause, retryable: true, ...context },
    );
  }
  switch (sqlState) {
    case '55P03': // lock_not_available
    case '40P01': // deadlock_detected
      return new LockTimeoutError(
        `A table was locked${where}, and every retry failed: ${message}.`,
        {
          hint: 'End the transaction that holds the lock (see pg_stat_activity), or pass a longer timeoutMs.',
          cause,
          retryable: true,
          ...context,
        },
      );
    case '57014': // query_canceled
    case '40001': // serialization_failure: on a standby, the statement conflicted with recovery
      return new StatementTimeoutError(`A statement was cancelled${where}: ${message}.`, {
        hint: 'Call again, or pass a longer statementTimeoutMs.',
        cause,
        retryable: true,
        ...context,
      });
    case '42501': // insufficient_privilege
      return new PermissionDeniedError(`The role lacks a privilege${where}: ${message}.`, {
        hint: 'Grant it, or connect as the owner of the schema.',
        cause,
        ...context,
      });
    default: {
      const failed = failedFunction(cause);
      const inFunction = failed ? ` in the function ${failed.signature}` : '';
      return new MigrationFailedError(`A statement failed${where}${inFunction}: ${message}.`, {
        hint: failed
          ? `Nothing was changed. Let the function find what it names. Run: ${failed.fix}`
          : 'Nothing was changed. Fix the cause and call again.',
        cause,
        ...context,
      });
    }
  }
}
