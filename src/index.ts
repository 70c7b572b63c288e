export {
  AbortedError,
  AuthenticationFailedError,
  CallTimeoutError,
  ClientInTransactionError,
  ConnectionFailedError,
  ConnectionLostError,
  DatabaseAheadError,
  DatabaseNotFoundError,
  DataLossError,
  DateStyleError,
  ERROR_CODES,
  type ErrorCode,
  FunctionNotFoundError,
  InvalidArgumentError,
  InvalidOptionError,
  LeadNotFoundError,
  type LockHolder,
  LockTimeoutError,
  MigrationFailedError,
  MigrationLockTimeoutError,
  MigrationsTableDamagedError,
  PermissionDeniedError,
  PREFLIGHT_CODES,
  type PreflightCode,
  PreflightError,
  type PreflightFailure,
  ReadOnlyError,
  StatementTimeoutError,
  TlsFailedError,
  TrackingSchemaError,
  TriggerFailedError,
} from './errors.ts';
export type { Logger, MigrationEvent } from './events.ts';
export {
  type ExportSqlOptions,
  exportSql,
  type SqlFile,
  type SqlFormat,
} from './export/export-sql.ts';
export { runMigrations } from './migrate/run-migrations.ts';
export type { RunMigrationsOptions } from './options.ts';
export type { MigrationPlan, PlannedLock, PlannedStatement } from './plan/migration-plan.ts';
export { type PlanMigrationsOptions, planMigrations } from './plan/plan-migrations.ts';
export type { MigrationRun, RunMigrationsResult } from './result.ts';
export {
  type MigrationState,
  type MigrationStatus,
  type MigrationStatusOptions,
  type MigrationStatusResult,
  migrationStatus,
  type Verdict,
} from './status.ts';
export type { FixAccessResult } from './verify/apply-access-fixes.ts';
export {
  FINDINGS,
  type Finding,
  type FindingCode,
  type FindingLevel,
  type VerifySchemaResult,
} from './verify/findings/finding.ts';
export { type FixAccessOptions, fixAccess } from './verify/fix-access.ts';
export { type VerifySchemaOptions, verifySchema } from './verify/verify-schema.ts';
