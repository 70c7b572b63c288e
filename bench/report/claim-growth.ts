import type { ClaimCost, ClaimGrowthResult } from '../claim-growth.ts';
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

export function claimGrowthSection(result: ClaimGrowthResult): Section {
  const { repeats, sizes, stale, leased } = result;
  const plans = new Set(
    [...sizes, ...stale.cases, ...leased.cases].map(({ search }) => search.nodes.join(', ')),
  );
  return {
    charts: {
      'claim-growth-buffers.svg': growthChart(result, 'buffers', 'Buffers of a call', 'buffers'),
      'claim-growth-time.svg': growthChart(result, 'ms', 'Time of a call', 'milliseconds'),
    },
    markdown: `## A claim as the table grows

One claim of 100 entries from a table of which 97 % is uploaded, 1 % pending, 1 % failed, half of that due,
and 1 % dead letters, all of it spread evenly: the 100 are on 100 pages. Medians of ${repeats} calls, rolled back
each, after five that fill the caches. Buffers and times of the statements inside are auto_explain's, which
slows them.

${table(
  ['rows', 'table', ...COSTS, 'buffers of conversion_queue_health()', 'ms'],
  sizes.map(({ rows, tableBytes, health, ...cost }) => [
    count(rows),
    megabytes(tableBytes),
    ...costCells(cost),
    count(health.buffers),
    count(health.ms),
  ]),
)}

${goalTable([flatGoal(result, 'buffers', 'buffers'), flatGoal(result, 'ms', 'time')])}

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

function flatGoal({ sizes }: ClaimGrowthResult, unit: 'buffers' | 'ms', what: string): Goal {
  const costs = sizes.map(({ call }) => call[unit]);
  const spread = Math.max(...costs) / Math.min(...costs);
  const [low, high] = [sizes[0]?.rows ?? 0, sizes.at(-1)?.rows ?? 0];
  return {
    goal: `the ${what} of a call from ${count(low)} to ${count(high)} rows within ${FLAT.toFixed(2)}×`,
    measured: `the most is ${times(spread)} the least`,
    met: Number(spread.toFixed(2)) <= FLAT,
  };
}

function costCells({ search, handOut, call }: ClaimCost): string[] {
  return [search, handOut, call].flatMap(({ buffers, ms }) => [count(buffers), count(ms)]);
}

/** How the statement reads its tables. */
function readers({ handOut }: ClaimCost): string {
  return handOut.nodes.filter((node) => /^(Seq|Index|Bitmap Heap|Tid)/.test(node)).join(', ');
}

function growthChart(
  { sizes }: ClaimGrowthResult,
  unit: 'buffers' | 'ms',
  title: string,
  label: string,
): string {
  const line = (name: string, of: (size: ClaimGrowthResult['sizes'][number]) => number) => ({
    name,
    points: sizes.map((size) => [size.rows, of(size)] as const),
  });
  return lineChart({
    title: `${title}, as the table grows`,
    x: { label: 'rows in conversion_queue', scale: 'log' },
    y: { label, scale: 'log' },
    series: [
      line('claim of 100: find and lock', ({ search }) => search[unit]),
      line('claim of 100: whole call', ({ call }) => call[unit]),
      line('conversion_queue_health()', ({ health }) => health[unit]),
    ],
  });
}
