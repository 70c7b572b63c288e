/** What a column of a section is: this package, a tool compared with it, or something else to read beside. */
export type Role = 'ours' | 'peer' | 'limit' | 'other' | 'size';

/** One of the things that a section compares. */
export interface Column {
  readonly name: string;
  /** `limit` is the least that the work can cost, `other` does other work, `size` is ours at one size. */
  readonly role: Role;
}

/** One thing that was measured, on every column that can do it. */
export interface Line {
  readonly what: string;
  /** Of the figures, such as `ms` or `entries/s`. */
  readonly unit: string;
  readonly better: 'less' | 'more';
  /** By column: a figure a round, in the order of the rounds. A count has one figure. */
  readonly samples: Readonly<Record<string, readonly number[]>>;
}

/** Distinguishes the lines of a section. */
export function nameOf({ what, unit }: Line): string {
  return unit === '' ? what : `${what} (${unit})`;
}

/** What a benchmark returns: a table of the page. */
export interface SectionResult {
  readonly columns: readonly Column[];
  readonly lines: readonly Line[];
}

/** One column of a line beside another. */
export interface Comparison {
  readonly other: string;
  /** How many times as expensive as the other: the median of the rounds' own ratios. Below 1 is ahead. */
  readonly cost: number;
  /** Half the distance between the quartiles of these ratios, as a share of the median. */
  readonly spread: number;
  readonly rounds: number;
}

export function compare(line: Line, one: string, other: string): Comparison | undefined {
  const [own = [], theirs = []] = [line.samples[one], line.samples[other]];
  const ratios = own
    .map((sample, round) => costOf(line, sample, theirs[round] ?? Number.NaN))
    .filter((ratio) => !Number.isNaN(ratio));
  if (ratios.length === 0) return undefined;
  const cost = median(ratios);
  const spread = (quantile(ratios, 0.75) - quantile(ratios, 0.25)) / 2 / cost;
  return { other, cost, spread, rounds: ratios.length };
}

/** Zero beside zero is even. */
function costOf({ better }: Line, own: number, other: number): number {
  if (own === other) return 1;
  return better === 'less' ? own / other : other / own;
}

/** This package beside the best of its peers. */
export function compareWithPeers(line: Line, columns: readonly Column[]): Comparison | undefined {
  const ours = columns.find(({ role }) => role === 'ours')?.name ?? '';
  return columns
    .filter(({ role }) => role === 'peer')
    .flatMap(({ name }) => compare(line, ours, name) ?? [])
    .reduce<Comparison | undefined>(
      (best, one) => (best === undefined || one.cost > best.cost ? one : best),
      undefined,
    );
}

/** The largest size beside the smallest. */
export function compareSizes(line: Line, columns: readonly Column[]): Comparison | undefined {
  const [smallest, largest] = [columns[0], columns.at(-1)];
  return smallest && largest && compare(line, largest.name, smallest.name);
}

/** NaN of nothing. */
export function median(values: readonly number[] = []): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [low = Number.NaN, high = low] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return low + (high - low) * (place - Math.floor(place));
}
