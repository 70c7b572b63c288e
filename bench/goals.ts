import { readFileSync } from 'node:fs';
import { type Comparison, compare, compareSizes, compareWithPeers, nameOf } from './lines.ts';
import type { Results, SectionName } from './results.ts';

/** Goals of one line. */
interface LineGoals {
  /** How many times as expensive: as the best of the `peers`, the largest of the `sizes`, or a column by its name. */
  readonly atMost: Readonly<Record<string, number>>;
  /** The limit that explains it; required where a goal is not met. */
  readonly limit?: string;
}

/** One goal, and what was measured; undefined where nothing was. */
export interface CheckedGoal {
  readonly section: SectionName;
  readonly line: string;
  readonly against: string;
  readonly atMost: number;
  readonly measured: Comparison | undefined;
  readonly met: boolean;
  readonly limit: string | undefined;
}

/** By section, then by the name of the line. */
const GOALS: Readonly<Record<SectionName, Readonly<Record<string, LineGoals>>>> = JSON.parse(
  readFileSync(new URL('goals.json', import.meta.url), 'utf8'),
);

export function checkGoals(results: Results): CheckedGoal[] {
  return Object.entries(GOALS).flatMap(([section, goals]) =>
    Object.entries(goals).flatMap(([line, { atMost, limit }]) =>
      Object.entries(atMost).map(([against, most]) => {
        const where = { section: section as SectionName, line, against };
        const measured = measuredIn(results, where);
        const met = measured !== undefined && measured.cost <= most;
        return { ...where, atMost: most, measured, met, limit };
      }),
    ),
  );
}

function measuredIn(
  { sections }: Results,
  { section, line: name, against }: Pick<CheckedGoal, 'section' | 'line' | 'against'>,
): Comparison | undefined {
  const { columns = [], lines = [] } = sections[section] ?? {};
  const line = lines.find((one) => nameOf(one) === name);
  if (line === undefined) return undefined;
  if (against === 'peers') return compareWithPeers(line, columns);
  if (against === 'sizes') return compareSizes(line, columns);
  return compare(line, columns.find(({ role }) => role === 'ours')?.name ?? '', against);
}
