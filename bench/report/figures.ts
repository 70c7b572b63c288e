import { median } from '../rounds.ts';

/** 12345.6 as `12,346`; small numbers keep three digits that matter. */
export function count(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return Number(value.toFixed(digits)).toLocaleString('en-US', { maximumFractionDigits: digits });
}

export function megabytes(bytes: number): string {
  return `${count(bytes / 1e6)} MB`;
}

/** The median of the rounds. */
export function middle(samples: readonly number[]): string {
  return count(median(samples));
}

/** How many times as much as the other: the median of each round's own ratio. */
export function medianRatio(samples: readonly number[], others: readonly number[]): number {
  return median(samples.map((sample, round) => sample / (others[round] ?? Number.NaN)));
}

export function ratio(samples: readonly number[], others: readonly number[]): string {
  return times(medianRatio(samples, others));
}

/** 1.234 as `1.23×`. */
export function times(value: number): string {
  return `${value.toFixed(2)}×`;
}
