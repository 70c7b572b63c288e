/** What planMigrations() says: all that a run would do. Lists are empty with nothing pending. */
export interface MigrationPlan {
  readonly direction: 'up' | 'down';
  /** The migrations that would be run, in order. */
  readonly migrations: readonly string[];
  /** The migrations that would be recorded without being run, since the schema is there already. */
  readonly adopted: readonly string[];
  /** From BEGIN to COMMIT, in order. */
  readonly statements: readonly PlannedStatement[];
  /** In the order in which they are taken, each held until the transaction ends. */
  readonly locks: readonly PlannedLock[];
}

/** What is sent at once: one statement, or several with semicolons between them. */
export interface PlannedStatement {
  /** The migration that it belongs to; undefined for what stands around them. */
  readonly migration: string | undefined;
  readonly sql: string;
}

/** A lock on a table that is there before the run. */
export interface PlannedLock {
  /** Quoted where it needs to be, and qualified: `public.leads`. */
  readonly table: string;
  /** As LOCK TABLE names it: `SHARE ROW EXCLUSIVE`. */
  readonly mode: string;
  /** The migration that takes it; undefined for what stands around them. */
  readonly migration: string | undefined;
}
