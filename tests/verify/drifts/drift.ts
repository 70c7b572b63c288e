import type { FindingCode } from '../../../src/index.ts';

/** One way in which somebody changes a healthy schema by hand. */
export interface Drift {
  readonly sql: string;
  /** What is found, in order: the codes, each with its object. */
  readonly finds: readonly `${FindingCode} ${string}`[];
  /** What the sentence that is the fix asks for. */
  readonly byHand?: string;
}
