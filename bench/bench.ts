import type { Boots } from './boot/build-boots.ts';
import type { BenchServer } from './server.ts';

/** What a benchmark works with. */
export interface Bench {
  readonly server: BenchServer;
  /** Small sizes and a single round, to see that it runs. */
  readonly quick: boolean;
  /** The programs that boot, built once for all benchmarks of a run. */
  boots(): Promise<Boots>;
  /** Whether a tool is installed: a quick run does without those that are not. */
  has(module: string): boolean;
  say(line: string): void;
}
