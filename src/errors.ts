/** What went wrong, apart from the message. Stable: safe to switch on. */
export const ERROR_CODES = [
  'ABORTED',
  'AUTHENTICATION_FAILED',
  'CLIENT_IN_TRANSACTION',
  'CONNECTION_FAILED',
  'CONNECTION_LOST',
  'DATABASE_AHEAD',
  'DATABASE_NOT_FOUND',
  'FUNCTION_MISSING',
  'INVALID_ARGUMENT',
  'INVALID_OPTION',
  'LEAD_NOT_FOUND',
  'MIGRATIONS_TABLE_MISMATCH',
  'LOCK_TIMEOUT',
  'MIGRATION_FAILED',
  'MIGRATION_LOCK_TIMEOUT',
  'PERMISSION_DENIED',
  'PREFLIGHT_FAILED',
  'READ_ONLY',
  'DATA_LOSS',
  'RUN_TIMEOUT',
  'STATEMENT_TIMEOUT',
] as const;

/** One of {@link ERROR_CODES}. */
export type ErrorCode = (typeof ERROR_CODES)[number];

interface Details {
  /** What to do about it: the last sentence of the message. */
  readonly hint: string;
  readonly cause?: unknown;
  readonly retryable?: boolean;
  readonly migration?: string | undefined;
  readonly statement?: string | undefined;
}

/** The SQLSTATE of an error that the server sent, if it is one. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const fromServer = error instanceof Error && 'severity' in error;
  return fromServer && typeof code === 'string' ? code : undefined;
}

/** Every error that this package throws is one of these. */
export abstract class TrackingSchemaError extends Error {
  /** The name of the class, also in a minified bundle. */
  abstract override readonly name: string;
  abstract readonly code: ErrorCode;
  /** What to do about it: the last sentence of the message. */
  readonly hint: string;
  /** Whether the same call may succeed later with nothing changed but time. */
  readonly retryable: boolean;
  /** The server's SQLSTATE, where a server error is the cause. */
  readonly sqlState: string | undefined;
  /** The migration that was running. */
  readonly migration: string | undefined;
  /** The SQL statement that failed. */
  readonly statement: string | undefined;

  constructor(problem: string, details: Details) {
    const options = details.cause === undefined ? undefined : { cause: details.cause };
    super(`${problem} ${details.hint}`, options);
    this.hint = details.hint;
    this.retryable = details.retryable ?? false;
    this.sqlState = sqlStateOf(details.cause);
    this.migration = details.migration;
    this.statement = details.statement;
  }
}

/** An option is unknown, malformed, or contradicts another. Nothing was touched. */
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

/** A function of the schema, or a constraint behind it, refuses an argument. Nothing was changed. */
export class InvalidArgumentError extends TrackingSchemaError {
  override readonly name = 'InvalidArgumentError';
  readonly code = 'INVALID_ARGUMENT';
}

/** A conversion is of a lead that is not there. Nothing was recorded. */
export class LeadNotFoundError extends TrackingSchemaError {
  override readonly name = 'LeadNotFoundError';
  readonly code = 'LEAD_NOT_FOUND';
}

/** A function of the schema is not there, or not where the search path finds it. */
export class FunctionMissingError extends TrackingSchemaError {
  override readonly name = 'FunctionMissingError';
  readonly code = 'FUNCTION_MISSING';
}

/**
 * A function of the schema would write where nothing may: on a standby, or in a transaction that is
 * read only. Nothing was changed.
 */
export class ReadOnlyError extends TrackingSchemaError {
  override readonly name = 'ReadOnlyError';
  readonly code = 'READ_ONLY';
}

/** The server refused the user or the password. */
export class AuthenticationFailedError extends TrackingSchemaError {
  override readonly name = 'AuthenticationFailedError';
  readonly code = 'AUTHENTICATION_FAILED';
}

/** The server has no database of that name. */
export class DatabaseNotFoundError extends TrackingSchemaError {
  override readonly name = 'DatabaseNotFoundError';
  readonly code = 'DATABASE_NOT_FOUND';
}

/** No connection came about. */
export class ConnectionFailedError extends TrackingSchemaError {
  override readonly name = 'ConnectionFailedError';
  readonly code = 'CONNECTION_FAILED';
}

/** The connection broke during the run. What was not committed has been rolled back. */
export class ConnectionLostError extends TrackingSchemaError {
  override readonly name = 'ConnectionLostError';
  readonly code = 'CONNECTION_LOST';
}

/** The client passed as `dbClient` is inside a transaction. It was left alone. */
export class ClientInTransactionError extends TrackingSchemaError {
  override readonly name = 'ClientInTransactionError';
  readonly code = 'CLIENT_IN_TRANSACTION';
}

/** The role lacks a privilege. Nothing was changed. */
export class PermissionDeniedError extends TrackingSchemaError {
  override readonly name = 'PermissionDeniedError';
  readonly code = 'PERMISSION_DENIED';
}

/** A newer package has migrated the database, and it does not declare that it serves this one. */
export class DatabaseAheadError extends TrackingSchemaError {
  override readonly name = 'DatabaseAheadError';
  readonly code = 'DATABASE_AHEAD';
  /** Recorded migrations that this version does not know. */
  readonly unknown: readonly string[];
  /** The lowest package version that the database declares to serve. */
  readonly compatibleFrom: string | undefined;

  constructor(problem: string, hint: string, unknown: readonly string[], compatibleFrom?: string) {
    super(problem, { hint });
    this.unknown = unknown;
    this.compatibleFrom = compatibleFrom;
  }
}

/** The migrations table records migrations with a gap, or in an order that cannot have come about. */
export class MigrationsTableMismatchError extends TrackingSchemaError {
  override readonly name = 'MigrationsTableMismatchError';
  readonly code = 'MIGRATIONS_TABLE_MISMATCH';
}

/** The process that held the migration lock, as pg_stat_activity showed it. */
export interface LockHolder {
  readonly pid: number;
  readonly applicationName: string;
  readonly user: string;
  /** When its transaction began. */
  readonly since: Date | undefined;
  /** Its current or last statement, shortened. */
  readonly statement: string;
}

/** Another migrator held the lock for longer than `migrationLockTimeoutMs`. */
export class MigrationLockTimeoutError extends TrackingSchemaError {
  override readonly name = 'MigrationLockTimeoutError';
  readonly code = 'MIGRATION_LOCK_TIMEOUT';
  readonly holder: LockHolder | undefined;

  constructor(problem: string, hint: string, holder: LockHolder | undefined) {
    super(problem, { hint, retryable: true });
    this.holder = holder;
  }
}

/** A table stayed locked, through every retry, until the run's time was up. */
export class LockTimeoutError extends TrackingSchemaError {
  override readonly name = 'LockTimeoutError';
  readonly code = 'LOCK_TIMEOUT';
}

/**
 * A statement took longer than `statementTimeoutMs`, someone cancelled it, or on a standby it was in
 * the way of the replay.
 */
export class StatementTimeoutError extends TrackingSchemaError {
  override readonly name = 'StatementTimeoutError';
  readonly code = 'STATEMENT_TIMEOUT';
}

/** The run took longer than `timeoutMs`. It was rolled back. */
export class RunTimeoutError extends TrackingSchemaError {
  override readonly name = 'RunTimeoutError';
  readonly code = 'RUN_TIMEOUT';
}

/** The caller's AbortSignal ended the run. It was rolled back. */
export class AbortedError extends TrackingSchemaError {
  override readonly name = 'AbortedError';
  readonly code = 'ABORTED';
}

/** One thing in the database that stands in the way, and what fixes it. */
export interface PreflightFailure {
  readonly code: PreflightCode;
  readonly message: string;
  /** The statement to run, or what else to do. */
  readonly fix: string;
}

/** What a preflight can find. Stable: safe to switch on. */
export const PREFLIGHT_CODES = [
  'LEADS_MISMATCH',
  'MIGRATIONS_TABLE_UNUSABLE',
  'NAME_CONFLICT',
  'NO_CREATE_ON_SCHEMA',
  'NO_REFERENCES_ON_LEADS',
  'NO_USAGE_ON_SCHEMA',
  'NOT_OWNER',
  'READ_ONLY',
  'RECORDED_ELSEWHERE',
  'SCHEMA_NOT_FOUND',
  'TABLE_CONFLICT',
  'TABLE_MISMATCH',
  'UNSUPPORTED_SERVER',
] as const;

/** One of {@link PREFLIGHT_CODES}. */
export type PreflightCode = (typeof PREFLIGHT_CODES)[number];

/** The database is not fit for the migrations that are pending. Nothing was changed. */
export class PreflightError extends TrackingSchemaError {
  override readonly name = 'PreflightError';
  readonly code = 'PREFLIGHT_FAILED';
  /** Everything that was found, in one go. */
  readonly failures: readonly PreflightFailure[];

  constructor(failures: readonly PreflightFailure[], cause?: unknown) {
    const problem = failures.map(({ message }) => message).join(' ');
    const hint = failures.map(({ fix }) => fix).join(' ');
    super(`${problem} Nothing was changed.`, { hint, cause });
    this.failures = failures;
  }
}

/** A statement of a migration failed. The whole run was rolled back. */
export class MigrationFailedError extends TrackingSchemaError {
  override readonly name = 'MigrationFailedError';
  readonly code = 'MIGRATION_FAILED';
}

/** A rollback would drop tables that hold rows, or columns with values. Nothing was changed. */
export class DataLossError extends TrackingSchemaError {
  override readonly name = 'DataLossError';
  readonly code = 'DATA_LOSS';
  /** Rows by table; counted up to 10,000. */
  readonly rows: Readonly<Record<string, number>>;

  constructor(problem: string, hint: string, rows: Readonly<Record<string, number>>) {
    super(problem, { hint });
    this.rows = rows;
  }
}
