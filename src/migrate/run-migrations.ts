import type { RunMigrationsOptions } from '../options.ts';
import { resolveOptions } from '../settings.ts';
import { applyPending } from './apply-pending.ts';
import { beginRun } from './begin-run.ts';
import type { MigrationRun, Outcome, Run, Work } from './run.ts';

/** What {@link runMigrations} has done. */
export interface RunMigrationsResult {
  readonly direction: 'up' | 'down';
  /** The migrations that this call has run and committed, in order. */
  readonly ran: readonly MigrationRun[];
  /**
   * Migrations that were not run but recorded, since the schema was there already: made by
   * node-pg-migrate's CLI on its own, or by hand. With `dryRun`, those that would be.
   */
  readonly adopted: readonly string[];
  /** With `dryRun`: the migrations that a call without it would run, in order. */
  readonly wouldRun: readonly string[];
  /** The migrations that were applied before this call, in order. */
  readonly alreadyApplied: readonly string[];
  /** The whole call, in milliseconds, with connecting and waiting. */
  readonly durationMs: number;
}

/**
 * Brings the tracking schema into a database, or up to date, or back.
 *
 * Everything pending is applied in one transaction: all of it, or nothing. With nothing pending it
 * costs one statement, and a second one where row level security hides the migrations table's rows or a newer
 * version has recorded some; SELECT on the migrations table is enough. Any number of processes may call it at
 * once: one applies, the others return as soon as it has.
 *
 * @param options - where and how; with none, `DATABASE_URL` or the `PG*` variables
 * @returns what was run, and what was there before
 * @throws {@link TrackingSchemaError}, always one of its subclasses: `InvalidOptionError` before
 *   anything is touched; `PreflightError` with all that stands in the way; errors of the
 *   connection, the budgets, the versions and the migrations. The database is then as it was.
 *
 * @example
 * ```ts
 * import { runMigrations } from 'conversion-tracking-schema';
 *
 * const { ran } = await runMigrations({ databaseUrl: process.env.DATABASE_URL });
 * console.log(`${ran.length} migrations applied`);
 * ```
 */
export async function runMigrations(
  options: RunMigrationsOptions = {},
): Promise<RunMigrationsResult> {
  return beginRun(resolveOptions(options), reachTarget);
}

/** Goes on only if there is something to do. */
async function reachTarget(run: Run, work: Work): Promise<RunMigrationsResult> {
  const { settings, clock, emit } = run;
  let outcome: Outcome = { work, ran: [], adopted: [] };
  if (work.selected.length > 0) {
    clock.check();
    outcome = settings.dryRun ? await wouldDo(run) : await applyPending(run);
  }
  const { ran, adopted } = outcome;
  const durationMs = clock.elapsedMs;
  const wouldRun = settings.dryRun ? outcome.work.selected.map(({ name }) => name) : [];
  emit({
    type: 'done',
    ran: ran.length,
    adopted: settings.dryRun ? 0 : adopted.length,
    wouldRun: wouldRun.length,
    durationMs,
  });
  return {
    direction: settings.direction,
    ran,
    adopted,
    wouldRun,
    alreadyApplied: outcome.work.applied,
    durationMs,
  };
}

/** What a dry run says: all but the doing. */
async function wouldDo(run: Run): Promise<Outcome> {
  const { rehearse } = await import('./assess.ts');
  const { work, adoption } = await rehearse(run);
  return { work, ran: [], adopted: adoption?.names ?? [] };
}
