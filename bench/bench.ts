import type { BenchServer } from './server.ts';

/** What a benchmark works with. */
export interface Bench {
  readonly server: BenchServer;
  /** Small sizes and a single round, to see that it runs. */
  readonly quick: boolean;
  say(line: string): void;
}
