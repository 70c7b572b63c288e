import type { Bench } from './bench.ts';
import { median } from './lines.ts';

/** One of the things that a benchmark compares, and how to take one sample of each of its figures. */
export interface Contestant {
  readonly name: string;
  measure(): Promise<Readonly<Record<string, number>>>;
}

/** How long to go on: until the time is up, with at least and at most so many rounds. */
export interface Budget {
  readonly seconds: number;
  readonly least: number;
  readonly most: number;
}

/** Figures by their name, then by contestant: one a round. */
export type Samples = Record<string, Record<string, number[]>>;

/**
 * Measures all of them once in each round, so that whatever slows the machine for a while slows
 * them all. Every second round runs backwards: none always follows the same one.
 */
export async function interleave(
  { quick, say }: Bench,
  what: string,
  contestants: readonly Contestant[],
  budget: Budget,
): Promise<Samples> {
  const { seconds, least, most } = quick ? { seconds: 0, least: 1, most: 1 } : budget;
  const samples: Samples = {};
  const start = performance.now();
  for (let round = 0; round < most; round += 1) {
    const spent = (performance.now() - start) / 1000;
    // Unless the time is up before the round is done.
    if (round >= least && spent * (1 + 1 / round) > seconds) break;
    for (const { name, measure } of round % 2 === 0 ? contestants : contestants.toReversed()) {
      for (const [figure, value] of Object.entries(await measure())) {
        samples[figure] ??= {};
        samples[figure][name] ??= [];
        samples[figure][name].push(Number(value.toPrecision(4)));
      }
    }
  }
  for (const [figure, own] of Object.entries(samples)) {
    const medians = Object.entries(own).map(([name, values]) => `${name} ${median(values)}`);
    say(`${what}, ${figure}: ${medians.join(', ')}`);
  }
  return samples;
}

/** Milliseconds that the work takes. */
export async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
