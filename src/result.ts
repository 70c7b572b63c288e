/** One migration that a call has run. */
export interface MigrationRun {
  readonly name: string;
  /** In milliseconds. */
  readonly durationMs: number;
}

/** What `runMigrations()` has done. */
export interface RunMigrationsResult {
  readonly direction: 'up' | 'down';
  /** The migrations that this call has run and committed, in order. */
  readonly ran: readonly MigrationRun[];
  /**
   * Migrations that were recorded and not run, since their schema was there already: applied by
   * node-pg-migrate's own command, or made by hand. With `dryRun`, those that would be.
   */
  readonly adopted: readonly string[];
  /** With `dryRun`: the migrations that a call without it would run, in order. */
  readonly wouldRun: readonly string[];
  /** The migrations that were applied before this call, in order. */
  readonly alreadyApplied: readonly string[];
  /** Duration of the whole call, in milliseconds, with connecting and waiting. */
  readonly durationMs: number;
}
