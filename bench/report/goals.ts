import { table } from './table.ts';

/** What a figure should be, and is. */
export interface Goal {
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean;
  /** Why it is not met, where that is known. */
  readonly limit?: string | undefined;
}

export function goalTable(goals: readonly Goal[]): string {
  return table(
    ['goal', 'measured', ''],
    goals.map((one) => [one.goal, figureOf(one), one.met ? 'met' : '**not met**']),
  );
}

/** The figure, and why the goal is not met. */
export function figureOf({ measured, met, limit }: Goal): string {
  return met || limit === undefined ? measured : `${measured}; ${limit}`;
}

/** A tool's figure, by its name. */
export interface Named {
  readonly name: string;
  readonly value: number;
}

/** That one is below all others; a figure that is missing is not compared. */
export function aheadOfAll(
  goal: string,
  own: number,
  others: readonly Named[],
  say: (value: number) => string,
): Goal {
  const best = others
    .filter(({ value }) => !Number.isNaN(value))
    .reduce<Named>((least, one) => (one.value < least.value ? one : least), {
      name: 'none',
      value: Number.POSITIVE_INFINITY,
    });
  return {
    goal,
    measured: `${say(own)}; the best other is ${best.name} with ${say(best.value)}`,
    met: own < best.value,
  };
}
