import type { Connection } from '../../db/connection.ts';
import type { PreflightFailure } from '../../errors.ts';

/** A schema that was made elsewhere, and how it is adopted. */
export interface Baseline {
  /** The migrations that it is equal to. */
  readonly names: readonly string[];
  /** Why it cannot be adopted; empty where it can. */
  readonly differences: readonly PreflightFailure[];
  /** The tables that adopting alters, and so locks until the transaction ends. */
  readonly alters: readonly string[];
  /** Alters what differs in name or access, and records the migrations. The migrations table must exist. */
  adopt(connection: Connection): Promise<void>;
}
