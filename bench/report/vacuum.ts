import type { VacuumResult, VacuumSample } from '../queue/vacuum.ts';
import { median } from '../rounds.ts';
import { count, megabytes, middle, ratio } from './figures.ts';
import { lineChart } from './line-chart.ts';
import type { Section } from './section.ts';
import { table } from './table.ts';

export function vacuumSection(result: VacuumResult): Section {
  const { rounds, rows, entries, batch, keepings } = result;
  const [shipped] = keepings;
  if (shipped === undefined) throw new Error('no queue was measured');
  const of = (samples: readonly VacuumSample[], figure: (sample: VacuumSample) => number) =>
    samples.map(figure);
  const compared = (samples: readonly VacuumSample[], figure: (sample: VacuumSample) => number) =>
    `${middle(of(samples, figure))} (${ratio(of(samples, figure), of(shipped.samples, figure))})`;
  return {
    goals: [],
    charts: {
      'vacuum-buffers.svg': stretchChart(
        result,
        'Buffers of a claim',
        ({ buffersPerClaim }) => buffersPerClaim,
      ),
      'vacuum-dead-tuples.svg': stretchChart(result, 'Dead tuples', ({ deadTuples }) => deadTuples),
    },
    markdown: `## Storage settings, vacuum, and where a lease is kept

${count(entries)} entries that come in by the thousand, and are taken and finished by one worker in batches of ${batch}, in a
table of ${count(rows)} rows where the rest is done. Autovacuum looks every second. ${rounds} interleaved rounds, each on a
copy of the same database, whose pages are full; medians, and beside them how many times as much as in the
first line. The entries a second suffer from other work on the machine, CPU time and WAL hardly.

The migrations set \`fillfactor = 50\`, \`autovacuum_vacuum_scale_factor = 0.01\`,
\`autovacuum_vacuum_threshold = 1000\` and \`vacuum_index_cleanup = on\`, and keep a lease in \`leased_until\`, which no
index holds. The last line moves \`next_retry_at\` ahead instead.

${table(
  [
    'queue',
    'entries a second',
    'µs of CPU an entry, with inserting and vacuuming',
    'WAL bytes an entry, taken and finished',
    'WAL bytes an entry, all of the server',
    'HOT updates',
    'buffers of a claim, first and last tenth',
    'most dead tuples',
    'vacuums',
    'table grew by',
    'indexes grew by',
  ],
  keepings.map(({ name, samples }) => [
    name,
    compared(samples, ({ entriesPerSecond }) => entriesPerSecond),
    compared(samples, ({ cpuPerEntry = Number.NaN }) => cpuPerEntry),
    compared(samples, ({ walPerEntry }) => walPerEntry),
    compared(samples, ({ allWalPerEntry }) => allWalPerEntry),
    `${Math.round(median(of(samples, ({ hotShare }) => hotShare)) * 100)} %`,
    [0, -1].map((end) => middle(of(samples, (sample) => tenth(sample, end)))).join(', '),
    middle(of(samples, ({ stretches }) => Math.max(...stretches.map((one) => one.deadTuples)))),
    middle(of(samples, ({ vacuums }) => vacuums)),
    megabytes(median(of(samples, ({ tableGrowthBytes }) => tableGrowthBytes))),
    megabytes(median(of(samples, ({ indexGrowthBytes }) => indexGrowthBytes))),
  ]),
)}

![Buffers of a claim over the run](benchmarks/vacuum-buffers.svg)

![Dead tuples over the run](benchmarks/vacuum-dead-tuples.svg)`,
  };
}

/** Buffers of a claim over the first tenth of the run, or with -1 over the last. */
function tenth({ stretches }: VacuumSample, end: number): number {
  const size = Math.max(1, Math.round(stretches.length / 10));
  const own = end === 0 ? stretches.slice(0, size) : stretches.slice(-size);
  return own.reduce((sum, { buffersPerClaim }) => sum + buffersPerClaim, 0) / own.length;
}

function stretchChart(
  { keepings }: VacuumResult,
  title: string,
  figure: (stretch: VacuumSample['stretches'][number]) => number,
): string {
  return lineChart({
    title: `${title}, over the run`,
    x: { label: 'entries taken and finished', scale: 'linear' },
    y: { label: title.toLowerCase(), scale: 'linear' },
    series: keepings.map(({ name, samples }) => ({
      name,
      points: (samples[0]?.stretches ?? []).map(
        ({ entries }, index) =>
          [
            entries,
            median(
              samples.flatMap(({ stretches }) => stretches.slice(index, index + 1).map(figure)),
            ),
          ] as const,
      ),
    })),
  });
}
