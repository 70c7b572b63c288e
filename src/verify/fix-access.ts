import { withSession } from '../migrate/session.ts';
import { DATABASE_OPTIONS, type RunMigrationsOptions } from '../options.ts';
import { resolveOptions } from '../settings.ts';
import type { FixAccessResult } from './apply-access-fixes.ts';

const FIX_OPTIONS = [
  ...DATABASE_OPTIONS,
  'migrationLockTimeoutMs',
  'lockTimeoutMs',
  'onEvent',
] as const satisfies readonly (keyof RunMigrationsOptions)[];

/** Where, and how long it may wait: options of runMigrations(). */
export type FixAccessOptions = Pick<RunMigrationsOptions, (typeof FIX_OPTIONS)[number]>;

/** How long a statement under way may take to end once the call has to. */
const GRACE_MS = 2_000;

/**
 * Closes what is the package's own to all but its owner and service_role, and opens it to these: runs
 * the fixes of verifySchema() for privileges, row level security and policies on the tables, the
 * migrations table and the functions, in one transaction under the migration lock. For a database whose roles
 * came after the migrations, or where somebody has granted more than is good.
 *
 * Objects of the application's own, and the structure of ours, are left as they are: what is still wrong with
 * them is in `verified`.
 *
 * @param options - where; with none, `DATABASE_URL` or the `PG*` variables
 * @throws {@link TrackingSchemaError}, rolled back: as verifySchema(), and `MigrationLockTimeoutError`,
 *   `LockTimeoutError` where a table is in use, `PermissionDeniedError` where the role does not own it
 *
 * @example
 * ```ts
 * import { fixAccess } from 'conversion-tracking-schema';
 *
 * const { closed, verified } = await fixAccess();
 * console.log(closed.length, 'closed;', verified.ok ? 'right' : verified.findings);
 * ```
 */
export async function fixAccess(options: FixAccessOptions = {}): Promise<FixAccessResult> {
  const settings = resolveOptions(options, FIX_OPTIONS);
  // Loaded late: who only migrates needs no description of the schema.
  const { close } = await import('./apply-access-fixes.ts');
  return withSession(settings, { graceMs: GRACE_MS }, close);
}
