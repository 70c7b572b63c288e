/** One of the things that a benchmark compares. */
export interface Contestant<Sample> {
  readonly name: string;
  measure(): Promise<Sample>;
}

/**
 * Measures all of them once in each round, so that whatever slows the machine for a while slows
 * them all. Every second round runs backwards: none always follows the same one.
 */
export async function interleave<Sample>(
  rounds: number,
  contestants: readonly Contestant<Sample>[],
  report: (round: number, name: string, sample: Sample) => void,
): Promise<Sample[][]> {
  const samples: Sample[][] = contestants.map(() => []);
  for (let round = 1; round <= rounds; round += 1) {
    const order = [...contestants.entries()];
    for (const [index, { name, measure }] of round % 2 === 1 ? order : order.reverse()) {
      const sample = await measure();
      samples[index]?.push(sample);
      report(round, name, sample);
    }
  }
  return samples;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error('a median of nothing');
  return (low + high) / 2;
}

/** Milliseconds that the work takes. */
export async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
