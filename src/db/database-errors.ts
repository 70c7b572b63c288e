import {
  ConnectionLostError,
  LockTimeoutError,
  MigrationFailedError,
  PermissionDeniedError,
  type PreflightCode,
  PreflightError,
  StatementTimeoutError,
  sqlStateOf,
  TrackingSchemaError,
} from '../errors.ts';

/** Where in a run an error struck. */
export interface Place {
  readonly migration: string | undefined;
  readonly statement: string | undefined;
}

/** Raised by the migrations themselves; see migrations/shared/conflicts.ts. */
const REFUSALS: Readonly<Record<string, PreflightCode>> = {
  CTS01: 'LEADS_MISMATCH',
  CTS02: 'RECORDED_ELSEWHERE',
  CTS03: 'TABLE_CONFLICT',
};

/**
 * Whether somebody else created an object of the same name at the same time: the server then finds
 * the name taken in its own catalogue. The next try sees the object.
 */
function isConcurrentCreation(cause: unknown): boolean {
  const inCatalogue = cause instanceof Error && 'schema' in cause && cause.schema === 'pg_catalog';
  return inCatalogue && sqlStateOf(cause) === '23505'; // unique_violation
}

/** The typed error for what the server answered. Decided by SQLSTATE, never by message text. */
export function databaseError(cause: unknown, place: Place): TrackingSchemaError {
  if (cause instanceof ConnectionLostError && place.migration !== undefined) {
    return new ConnectionLostError(
      `The connection to the database was lost in ${place.migration}.`,
      { hint: cause.hint, cause: cause.cause, retryable: true, ...place },
    );
  }
  if (cause instanceof TrackingSchemaError) return cause;
  const sqlState = sqlStateOf(cause) ?? '';
  const message = cause instanceof Error ? cause.message : String(cause);
  const where = place.migration === undefined ? '' : ` in ${place.migration}`;
  const refusal = REFUSALS[sqlState];
  if (refusal) {
    return new PreflightError(
      [{ code: refusal, message, fix: 'Fix what is named, and call again.' }],
      cause,
    );
  }
  if (isConcurrentCreation(cause)) {
    return new LockTimeoutError(
      `Another transaction was creating the same objects${where} (${message}), through every retry.`,
      { hint: 'Let it finish, and call again.', cause, retryable: true, ...place },
    );
  }
  switch (sqlState) {
    case '55P03': // lock_not_available
    case '40P01': // deadlock_detected
      return new LockTimeoutError(`A table was locked${where} (${message}), through every retry.`, {
        hint: 'End the transaction that holds it (see pg_stat_activity), or pass a longer timeoutMs.',
        cause,
        retryable: true,
        ...place,
      });
    case '57014': // query_canceled
    case '40001': // serialization_failure, as a standby says where a read is in the way of its replay
      return new StatementTimeoutError(`A statement was cancelled${where}: ${message}.`, {
        hint: 'Pass a longer statementTimeoutMs, or call again.',
        cause,
        retryable: true,
        ...place,
      });
    case '42501': // insufficient_privilege
      return new PermissionDeniedError(`The role lacks a privilege${where}: ${message}.`, {
        hint: 'Grant it, or run the migrations as the owner of the schema.',
        cause,
        ...place,
      });
    default:
      return new MigrationFailedError(`A statement failed${where}: ${message}.`, {
        hint: 'Nothing was changed; fix the cause, and call again.',
        cause,
        ...place,
      });
  }
}
