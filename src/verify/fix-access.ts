import { GRACE_MS, withSession } from '../migrate/session.ts';
import { DATABASE_OPTIONS, type RunMigrationsOptions } from '../options.ts';
import { resolveOptions } from '../settings.ts';
import type { FixAccessResult } from './apply-access-fixes.ts';

const FIX_OPTIONS = [
  ...DATABASE_OPTIONS,
  'migrationLockTimeoutMs',
  'lockTimeoutMs',
  'onEvent',
] as const satisfies readonly (keyof RunMigrationsOptions)[];

/** The database, and timeouts: options of runMigrations(). */
export type FixAccessOptions = Pick<RunMigrationsOptions, (typeof FIX_OPTIONS)[number]>;

/**
 * Restores the privileges on the package's own tables and functions: only their owner and
 * service_role have access.
 *
 * Runs the fixes of verifySchema() for privileges, row level security and policies in one
 * transaction, under the migration lock. Use it where roles were created after the migrations, or
 * where excess privileges were granted.
 *
 * Changes neither the structure of the tables nor objects of the application's own nor objects of
 * another owner: findings about these remain in `verified`.
 *
 * @param options - the database and timeouts; by default `DATABASE_URL` or the `PG*` variables
 * @returns the findings that were fixed, and what verifySchema() returns afterwards
 * @throws {@link TrackingSchemaError}, after a rollback: as verifySchema(); `MigrationLockTimeoutError`;
 *   `LockTimeoutError` where a table is in use; `PermissionDeniedError` where the role does not own it
 *
 * @example
 * ```ts
 * import { fixAccess } from 'conversion-tracking-schema';
 *
 * const { fixed, verified } = await fixAccess();
 * console.log(fixed.length, 'fixed;', verified.ok ? 'no drift' : verified.findings);
 * ```
 */
export async function fixAccess(options: FixAccessOptions = {}): Promise<FixAccessResult> {
  const settings = resolveOptions(options, FIX_OPTIONS);
  // Imported on demand, so that a process that only migrates does not load the manifest.
  const { applyAccessFixes } = await import('./apply-access-fixes.ts');
  return withSession(settings, { graceMs: GRACE_MS }, applyAccessFixes);
}
