import type { Connection } from '../../db/connection.ts';
import type { PreflightFailure } from '../../errors.ts';

/** A schema that is there though our migrations table does not say so, and how to take it over. */
export interface Adoption {
  /** The migrations that it amounts to. */
  readonly names: readonly string[];
  /** Why it cannot be taken over as it is; empty where it can. */
  readonly differences: readonly PreflightFailure[];
  /** The contract's tables that this alters, and so locks until the transaction ends. */
  readonly alters: readonly string[];
  /** Brings it into line and records it. Our migrations table must be there. */
  adopt(connection: Connection): Promise<void>;
}
