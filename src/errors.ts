/** The codes of all errors. They are stable: switch on them, never on a message. */
export const ERROR_CODES = [
  'ABORTED',
  'AUTHENTICATION_FAILED',
  'CALL_TIMEOUT',
  'CLIENT_IN_TRANSACTION',
  'CONNECTION_FAILED',
  'CONNECTION_LOST',
  'DATABASE_AHEAD',
  'DATABASE_NOT_FOUND',
  'DATA_LOSS',
  'DATE_STYLE',
  'FUNCTION_NOT_FOUND',
  'INVALID_ARGUMENT',
  'INVALID_OPTION',
  'LEAD_NOT_FOUND',
  'LOCK_TIMEOUT',
  'MIGRATIONS_TABLE_DAMAGED',
  'MIGRATION_FAILED',
  'MIGRATION_LOCK_TIMEOUT',
  'PERMISSION_DENIED',
  'PREFLIGHT_FAILED',
  'READ_ONLY',
  'STATEMENT_TIMEOUT',
  'TLS_FAILED',
  'TRIGGER_FAILED',
] as const;

/** One of {@link ERROR_CODES}. */
export type ErrorCode = (typeof ERROR_CODES)[number];

interface Details {
  /** What to do, in the imperative. */
  readonly hint: string;
  readonly cause?: unknown;
  readonly retryable?: boolean;
  readonly migration?: string | undefined;
  readonly statement?: string | undefined;
}

/** Returns the SQLSTATE of an error that the server sent, or undefined for any other. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const fromServer = error instanceof Error && 'severity' in error;
  return fromServer && typeof code === 'string' ? code : undefined;
}

/** Fields of a server's error that can contain values of rows. */
const WITH_VALUES = ['detail', 'where', 'internalQuery'] as const;

/** Makes these fields non-enumerable, so that loggers leave them out. They stay readable. */
function hideValues(cause: unknown): void {
  if (sqlStateOf(cause) === undefined) return;
  for (const name of WITH_VALUES) {
    if (Object.hasOwn(cause as object, name)) {
      Object.defineProperty(cause, name, { enumerable: false });
    }
  }
}

/** Longer messages of the server contain a value, which may be megabytes. */
const LONGEST_MESSAGE = 300;

/**
 * Returns the message of an error for another error, without values: data exceptions (class 22) quote
 * them, except 22023, which this package raises itself. At most 300 characters.
 */
export function messageOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const sqlState = sqlStateOf(cause);
  const quotes = sqlState?.startsWith('22') && sqlState !== '22023';
  const shown = quotes ? message.replace(/".*"/s, '"…"') : message;
  return shown.length > LONGEST_MESSAGE ? `${shown.slice(0, LONGEST_MESSAGE)}…` : shown;
}

/** The base class of every error that this package throws. */
export abstract class TrackingSchemaError extends Error {
  /** The name of the class, also in a minified bundle. */
  abstract override readonly name: string;
  abstract readonly code: ErrorCode;
  /** What to do. The message ends with it. */
  readonly hint: string;
  /** Whether the same call can succeed later without any other change. */
  readonly retryable: boolean;
  /** The SQLSTATE, where the cause is an error of the server. */
  readonly sqlState: string | undefined;
  /** The name of the migration that was running, if any. */
  readonly migration: string | undefined;
  /** The SQL that failed, if known. */
  readonly statement: string | undefined;

  constructor(problem: string, details: Details) {
    const options = details.cause === undefined ? undefined : { cause: details.cause };
    super(`${problem} ${details.hint}`, options);
    hideValues(details.cause);
    this.hint = details.hint;
    this.retryable = details.retryable ?? false;
    this.sqlState = sqlStateOf(details.cause);
    this.migration = details.migration;
    this.statement = details.statement;
  }
}

/** An option is unknown, invalid, or contradicts another. Thrown before the database is changed. */
export class InvalidOptionError extends TrackingSchemaError {
  override readonly name = 'InvalidOptionError';
  readonly code = 'INVALID_OPTION';
  /** The name of the option. */
  readonly option: string;

  constructor(option: string, problem: string, hint: string) {
    super(problem, { hint });
    this.option = option;
  }
}

/** A queue function or a constraint refused an argument. Nothing was changed. */
export class InvalidArgumentError extends TrackingSchemaError {
  override readonly name = 'InvalidArgumentError';
  readonly code = 'INVALID_ARGUMENT';
}

/** The lead of a conversion does not exist. Nothing was recorded. */
export class LeadNotFoundError extends TrackingSchemaError {
  override readonly name = 'LeadNotFoundError';
  readonly code = 'LEAD_NOT_FOUND';
}

/** A queue function does not exist, or the search_path does not include its schema. */
export class FunctionNotFoundError extends TrackingSchemaError {
  override readonly name = 'FunctionNotFoundError';
  readonly code = 'FUNCTION_NOT_FOUND';
}

/** A queue function was called on a standby or in a read-only transaction. Nothing was changed. */
export class ReadOnlyError extends TrackingSchemaError {
  override readonly name = 'ReadOnlyError';
  readonly code = 'READ_ONLY';
}

/**
 * A function of the application's, which a trigger or a default runs within a queue function, did not find
 * a name. Nothing was changed.
 */
export class TriggerFailedError extends TrackingSchemaError {
  override readonly name = 'TriggerFailedError';
  readonly code = 'TRIGGER_FAILED';
}

/** The client could not read the times of a result: the DateStyle of the session is not ISO. */
export class DateStyleError extends TrackingSchemaError {
  override readonly name = 'DateStyleError';
  readonly code = 'DATE_STYLE';
}

/** The server refused the user, the password or the client's address. */
export class AuthenticationFailedError extends TrackingSchemaError {
  override readonly name = 'AuthenticationFailedError';
  readonly code = 'AUTHENTICATION_FAILED';
}

/** The database does not exist. */
export class DatabaseNotFoundError extends TrackingSchemaError {
  override readonly name = 'DatabaseNotFoundError';
  readonly code = 'DATABASE_NOT_FOUND';
}

/** The TLS settings of the URL and the server do not match, or the certificate is not trusted. */
export class TlsFailedError extends TrackingSchemaError {
  override readonly name = 'TlsFailedError';
  readonly code = 'TLS_FAILED';
}

/** Could not connect to the server. */
export class ConnectionFailedError extends TrackingSchemaError {
  override readonly name = 'ConnectionFailedError';
  readonly code = 'CONNECTION_FAILED';
}

/** The connection was lost during the call. Uncommitted changes were rolled back. */
export class ConnectionLostError extends TrackingSchemaError {
  override readonly name = 'ConnectionLostError';
  readonly code = 'CONNECTION_LOST';
}

/** `dbClient` is inside a transaction, which was left as it is. */
export class ClientInTransactionError extends TrackingSchemaError {
  override readonly name = 'ClientInTransactionError';
  readonly code = 'CLIENT_IN_TRANSACTION';
}

/** The role lacks a privilege. Nothing was changed. */
export class PermissionDeniedError extends TrackingSchemaError {
  override readonly name = 'PermissionDeniedError';
  readonly code = 'PERMISSION_DENIED';
}

/** A newer version has migrated the database and is not backward compatible with this one. */
export class DatabaseAheadError extends TrackingSchemaError {
  override readonly name = 'DatabaseAheadError';
  readonly code = 'DATABASE_AHEAD';
  /** Names of recorded migrations that this version does not have. */
  readonly unknown: readonly string[];
  /** The lowest package version that the database declares itself compatible with. */
  readonly compatibleFrom: string | undefined;

  constructor(problem: string, hint: string, unknown: readonly string[], compatibleFrom?: string) {
    super(problem, { hint });
    this.unknown = unknown;
    this.compatibleFrom = compatibleFrom;
  }
}

/** The migrations table has a gap, a duplicate, or rows out of order. */
export class MigrationsTableDamagedError extends TrackingSchemaError {
  override readonly name = 'MigrationsTableDamagedError';
  readonly code = 'MIGRATIONS_TABLE_DAMAGED';
}

/** The session that holds the migration lock, from pg_stat_activity. */
export interface LockHolder {
  readonly pid: number;
  readonly applicationName: string;
  readonly user: string;
  /** When its transaction began, if known. */
  readonly since: Date | undefined;
  /** Its current or last statement, shortened and without literals. */
  readonly statement: string;
}

/** Another process held the migration lock for longer than `migrationLockTimeoutMs`. */
export class MigrationLockTimeoutError extends TrackingSchemaError {
  override readonly name = 'MigrationLockTimeoutError';
  readonly code = 'MIGRATION_LOCK_TIMEOUT';
  /** Undefined where the lock was free again by the time it was looked up. */
  readonly holder: LockHolder | undefined;

  constructor(problem: string, hint: string, holder: LockHolder | undefined) {
    super(problem, { hint, retryable: true });
    this.holder = holder;
  }
}

/** A table was locked, and retries until the deadline failed. The run was rolled back. */
export class LockTimeoutError extends TrackingSchemaError {
  override readonly name = 'LockTimeoutError';
  readonly code = 'LOCK_TIMEOUT';
}

/**
 * A statement took longer than `statementTimeoutMs`, was cancelled, or conflicted with recovery on a
 * standby.
 */
export class StatementTimeoutError extends TrackingSchemaError {
  override readonly name = 'StatementTimeoutError';
  readonly code = 'STATEMENT_TIMEOUT';
}

/** The call took longer than `timeoutMs`. Uncommitted changes were rolled back. */
export class CallTimeoutError extends TrackingSchemaError {
  override readonly name = 'CallTimeoutError';
  readonly code = 'CALL_TIMEOUT';
}

/** The caller's AbortSignal was aborted. Uncommitted changes were rolled back. */
export class AbortedError extends TrackingSchemaError {
  override readonly name = 'AbortedError';
  readonly code = 'ABORTED';
}

/** One reason why the database cannot be migrated, and its fix. */
export interface PreflightFailure {
  readonly code: PreflightCode;
  readonly message: string;
  /** What to do; SQL to run follows `Run: `. */
  readonly fix: string;
}

/** The codes of all preflight failures. They are stable: switch on them, never on a message. */
export const PREFLIGHT_CODES = [
  'INSTALLED_ELSEWHERE',
  'LEADS_MISMATCH',
  'MIGRATIONS_TABLE_UNUSABLE',
  'NAME_CONFLICT',
  'NO_CREATE_ON_SCHEMA',
  'NO_REFERENCES_ON_LEADS',
  'NO_USAGE_ON_SCHEMA',
  'NOT_OWNER',
  'RECORDED_ELSEWHERE',
  'SCHEMA_NOT_FOUND',
  'SERVER_IS_STANDBY',
  'TABLE_CONFLICT',
  'TABLE_MISMATCH',
  'UNSUPPORTED_SERVER',
] as const;

/** One of {@link PREFLIGHT_CODES}. */
export type PreflightCode = (typeof PREFLIGHT_CODES)[number];

/** The database cannot take the pending migrations. Nothing was changed. */
export class PreflightError extends TrackingSchemaError {
  override readonly name = 'PreflightError';
  readonly code = 'PREFLIGHT_FAILED';
  /** All failures, not only the first. */
  readonly failures: readonly PreflightFailure[];

  constructor(failures: readonly PreflightFailure[], cause?: unknown) {
    const problem = failures.map(({ message }) => message).join(' ');
    const hint = failures.map(({ fix }) => fix).join(' ');
    super(`${problem} Nothing was changed.`, { hint, cause });
    this.failures = failures;
  }
}

/** A statement failed. The whole run was rolled back. */
export class MigrationFailedError extends TrackingSchemaError {
  override readonly name = 'MigrationFailedError';
  readonly code = 'MIGRATION_FAILED';
}

/** Migrating down would drop tables with rows, or columns with values. Nothing was changed. */
export class DataLossError extends TrackingSchemaError {
  override readonly name = 'DataLossError';
  readonly code = 'DATA_LOSS';
  /** The number of rows by table, counted up to 10,000. */
  readonly rows: Readonly<Record<string, number>>;

  constructor(problem: string, hint: string, rows: Readonly<Record<string, number>>) {
    super(problem, { hint });
    this.rows = rows;
  }
}
