/** The result of planMigrations(). The lists are empty with nothing pending. */
export interface MigrationPlan {
  /** The direction of the run. */
  readonly direction: 'up' | 'down';
  /** The migrations that would run, in order. */
  readonly migrations: readonly string[];
  /** The migrations that would be recorded without running: the schema is adopted as a baseline. */
  readonly adopted: readonly string[];
  /** From BEGIN to COMMIT, in order. */
  readonly statements: readonly PlannedStatement[];
  /** In the order in which they are taken. Each is held until the transaction ends. */
  readonly locks: readonly PlannedLock[];
}

/** SQL that is sent in one message: one statement, or several separated by semicolons. */
export interface PlannedStatement {
  /** The migration that it belongs to; undefined for statements outside a migration. */
  readonly migration: string | undefined;
  readonly sql: string;
}

/** A lock on a table that exists before the run. */
export interface PlannedLock {
  /** Qualified, and quoted if necessary: `public.leads`. */
  readonly table: string;
  /** As LOCK TABLE names it: `SHARE ROW EXCLUSIVE`. */
  readonly mode: string;
  /** The migration that takes it; undefined for locks taken outside a migration. */
  readonly migration: string | undefined;
}
