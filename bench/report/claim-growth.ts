import type { ClaimCost } from '../queue/claim-calls.ts';
import type { ClaimGrowthResult, Growth } from '../queue/claim-growth.ts';
import { count, megabytes, times } from './figures.ts';
import { type Goal, goalTable } from './goals.ts';
import { lineChart } from './line-chart.ts';
import type { Section } from './section.ts';
import { table } from './table.ts';

const COSTS = [
  'buffers to find and lock',
  'ms',
  'buffers to lease and return',
  'ms',
  'buffers of the call',
  'ms',
];

/** Where what is due lies. */
const PLACES: Readonly<Record<Growth['mix'], { readonly title: string; readonly words: string }>> =
  {
    mixed: {
      title: 'What is due lies all over the table',
      words: 'Spread evenly, as hardly ever: the 100 are on 100 pages.',
    },
    recent: {
      title: 'What is due lies at the end of the table',
      words: 'As it comes about: the oldest 97 % are done.',
    },
  };

export function claimGrowthSection(result: ClaimGrowthResult): Section {
  const { repeats, growth, stale, leased } = result;
  const plans = new Set(
    [...growth.flatMap(({ sizes }) => sizes), ...stale.cases, ...leased.cases].map(({ search }) =>
      search.nodes.join(', '),
    ),
  );
  const goals = growth.flatMap((one) => [
    flatGoal(one, 'buffers', 'buffers'),
    flatGoal(one, 'ms', 'time'),
  ]);
  return {
    goals,
    charts: {
      'claim-growth-buffers.svg': growthChart(growth, 'buffers', 'Buffers of a call', 'buffers'),
      'claim-growth-time.svg': growthChart(growth, 'ms', 'Time of a call', 'milliseconds'),
    },
    markdown: `## A claim as the table grows

One claim of 100 entries from a table of which 97 % is uploaded, 1 % pending, 1 % failed, half of that due,
and 1 % dead letters. Medians of ${repeats} calls, rolled back each, after five that fill the caches; tables of all
sizes are there at once, and take turns. Buffers and times of the statements inside are auto_explain's, which
slows them. "Read" is the least that a claim could do: the same 100 entries and their conversions, read by
where they stand, with nothing searched, locked or written. PostgreSQL chooses its plan, and reads more of a table
that is small.

${growth.map(placeTable).join('\n\n')}

${goalTable(goals)}

![Buffers of a call against the rows of the table](benchmarks/claim-growth-buffers.svg)

![Time of a call against the rows of the table](benchmarks/claim-growth-time.svg)

The plan of the search, from the top, in all cases of this section: ${[...plans].map((plan) => `\`${plan}\``).join(' or ')}.
\`conversion_queue_health()\` reads every entry that is not uploaded: it grows with those.

### Statistics that are missing or wrong

At ${count(stale.rows)} rows, with each \`plan_cache_mode\`:

${table(
  ['statistics', 'plan_cache_mode', ...COSTS, 'plan to lease and return'],
  stale.cases.map(({ statistics, planCacheMode, ...cost }) => [
    statistics,
    planCacheMode,
    ...costCells(cost),
    readers(cost),
  ]),
)}

### Entries that are out with others

A claim passes over older entries that other workers have out, at ${count(leased.rows)} rows:

${table(
  ['entries out', ...COSTS],
  leased.cases.map(({ leased: out, ...cost }) => [count(out), ...costCells(cost)]),
)}`,
  };
}

/** How much a call may differ between the sizes. */
const FLAT = 1.2;

function placeTable({ mix, sizes }: Growth): string {
  return `### ${PLACES[mix].title}

${PLACES[mix].words}

${table(
  ['rows', 'table', ...COSTS, 'read, ms', 'buffers of conversion_queue_health()', 'ms'],
  sizes.map(({ rows, tableBytes, read, health, ...cost }) => [
    count(rows),
    megabytes(tableBytes),
    ...costCells(cost),
    count(read.ms),
    count(health.buffers),
    count(health.ms),
  ]),
)}`;
}

function flatGoal({ mix, sizes }: Growth, unit: 'buffers' | 'ms', what: string): Goal {
  const spread = spreadOf(sizes.map(({ call }) => call[unit]));
  const [low, high] = [sizes[0]?.rows ?? 0, sizes.at(-1)?.rows ?? 0];
  return {
    goal: `the ${what} of a claim from ${count(low)} to ${count(high)} rows within ${FLAT.toFixed(2)}×: ${PLACES[mix].title.toLowerCase()}`,
    measured: `the most is ${times(spread)} the least`,
    met: Number(spread.toFixed(2)) <= FLAT,
    limit: `of reading alone it is ${times(spreadOf(sizes.map(({ read }) => read[unit])))}`,
  };
}

function spreadOf(costs: readonly number[]): number {
  return Math.max(...costs) / Math.min(...costs);
}

function costCells({ search, handOut, call }: ClaimCost): string[] {
  return [search, handOut, call].flatMap(({ buffers, ms }) => [count(buffers), count(ms)]);
}

/** How the statement reads its tables. */
function readers({ handOut }: ClaimCost): string {
  return handOut.nodes.filter((node) => /^(Seq|Index|Bitmap Heap|Tid)/.test(node)).join(', ');
}

function growthChart(
  growth: readonly Growth[],
  unit: 'buffers' | 'ms',
  title: string,
  label: string,
): string {
  const lines = growth.flatMap(({ mix, sizes }) => {
    const line = (name: string, of: (size: Growth['sizes'][number]) => number) => ({
      name: `${name}, ${mix === 'recent' ? 'at the end' : 'all over'}`,
      points: sizes.map((size) => [size.rows, of(size)] as const),
    });
    return [
      line('find and lock', ({ search }) => search[unit]),
      line('whole claim', ({ call }) => call[unit]),
      line('health()', ({ health }) => health[unit]),
    ];
  });
  return lineChart({
    title: `${title}, as the table grows`,
    x: { label: 'rows in conversion_queue', scale: 'log' },
    y: { label, scale: 'log' },
    series: lines,
  });
}
