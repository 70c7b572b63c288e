import { withLedger } from '../migrate/begin-run.ts';
import { PLACE_OPTIONS, type RunMigrationsOptions } from '../options.ts';
import { resolveOptions } from '../settings.ts';
import type { CloseAccessResult } from './apply-access-fixes.ts';

const CLOSE_OPTIONS = [
  ...PLACE_OPTIONS,
  'waitTimeoutMs',
  'lockTimeoutMs',
  'onEvent',
] as const satisfies readonly (keyof RunMigrationsOptions)[];

/** Where, and how long it may wait: options of runMigrations(). */
export type CloseAccessOptions = Pick<RunMigrationsOptions, (typeof CLOSE_OPTIONS)[number]>;

/** How long a statement under way may take to end once the call has to. */
const GRACE_MS = 2_000;

/**
 * Closes what is the package's own to all but its owner and service_role, and opens it to these: runs
 * the remedies of verifySchema() for privileges, row level security and policies on the tables, the
 * ledger and the functions, in one transaction under the migration lock. For a database whose roles
 * came after the migrations, or where somebody has granted more than is good.
 *
 * Objects of the host's own, and the structure of ours, are left as they are: what is still wrong with
 * them is in `verified`.
 *
 * @param options - where; with none, `DATABASE_URL` or the `PG*` variables
 * @throws {@link TrackingSchemaError}, rolled back: as verifySchema(), and `MigratorTimeoutError`,
 *   `LockTimeoutError` where a table is in use, `PermissionDeniedError` where the role does not own it
 *
 * @example
 * ```ts
 * import { closeAccess } from 'conversion-tracking-schema';
 *
 * const { closed, verified } = await closeAccess();
 * console.log(closed.length, 'closed;', verified.ok ? 'right' : verified.findings);
 * ```
 */
export async function closeAccess(options: CloseAccessOptions = {}): Promise<CloseAccessResult> {
  const settings = resolveOptions(options, CLOSE_OPTIONS);
  // Loaded late: who only migrates needs no description of the schema.
  const { close } = await import('./apply-access-fixes.ts');
  return withLedger(settings, { graceMs: GRACE_MS }, close);
}
