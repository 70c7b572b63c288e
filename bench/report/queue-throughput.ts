import { FLOOR } from '../queue/contestants/contract-floor.ts';
import { OURS, OURS_AS_PEERS } from '../queue/contestants/ours.ts';
import type { ThroughputFigures, ThroughputResult } from '../queue/queue-throughput.ts';
import { count, medianRatio, middle, ratio, times } from './figures.ts';
import { type Goal, goalTable } from './goals.ts';
import type { Section } from './section.ts';
import { table } from './table.ts';

/** Each peer, and ours as it is compared with it: graphile-worker prepares its statements, and overlaps them. */
const PAIRS = [
  { peer: 'pg-boss', ours: OURS },
  { peer: 'graphile-worker', ours: OURS },
  { peer: 'graphile-worker', ours: OURS_AS_PEERS },
];

type Pair = (typeof PAIRS)[number];
type Figure = 'entriesPerSecond' | 'cpuPerEntry';

interface Ahead {
  readonly what: string;
  readonly say: (ratio: string) => string;
  readonly isAhead: (ratio: number) => boolean;
}

const AS_PEERS = `- The same, prepared and overlapping: with \`preparedStatements\`, and a worker does not wait until what it has
  done is finished before it takes more, on as many connections as graphile-worker.
`;

const LEAST = `- ${FLOOR}: the contract's conversion_queue with a column for the lease, and two plain statements, prepared and
  overlapping. It takes entries in any order, knows nothing of their conversions and tries, and has no
  function, trigger or check of ours. What is finished has to stay, under another status, and the contract's
  indexes hold the status: so each entry that is finished writes to three indexes, where a deleted one writes
  to none. It shows what other functions could still gain, and is no queue to use.
`;

export function throughputSection(result: ThroughputResult): Section {
  const { rounds, entries, versions } = result;
  const parts = entries.map(({ batch, entries: queued }) => {
    const goals = PAIRS.flatMap((pair) => peerGoals(result, batch, pair));
    const markdown = `### Batches of ${batch}, ${count(queued)} entries queued

${batchTable(result, batch)}

${goalTable(goals)}`;
    return { goals, markdown };
  });
  return {
    goals: parts.flatMap(({ goals }) => goals),
    charts: {},
    markdown: `## Taking and finishing entries

Entries a second, from a full queue until it is empty, with so many workers: connections of one Node
process that take a batch and finish it, over and over. CPU time is that of the server and of this process:
other work on the machine stretches the time of a round, and hardly this. ${rounds} interleaved rounds on one server; medians,
and beside them how many times as much as conversion_queue in the same round. Connections stay open over
all rounds, nothing is vacuumed during one, and maintenance of the others is off. All of them commit twice a
batch with \`synchronous_commit\` on.

- conversion_queue: \`claimConversions()\` and \`completeConversions()\`. An entry that is taken comes with all
  that its upload needs, read from another table, and stays as a record when it is finished.
${AS_PEERS}- The first without \`idx_queue_status_next_retry\` and \`idx_queue_platform\`, two indexes that the contract asks for and
  that neither function reads: what they cost.
- pg-boss ${versions['pg-boss']}: \`fetch()\` with \`priority: false\`, and \`complete()\`. It sorts what is queued at each fetch:
  the more is queued, the slower. Completed jobs stay in its table as well.
- graphile-worker ${versions['graphile-worker']}: \`runOnce()\` with a task that does nothing. In batches each worker is an instance
  with \`localQueue.size\` and \`concurrentJobs\` at the batch and \`completeJobBatchDelay: 0\`; one by one, it is
  one instance with that many \`concurrentJobs\`. "As documented", in the batches of 500, is what its
  documentation reports its highest throughput with: 24 concurrent jobs and a local queue of 500. It uses prepared statements,
  does not wait until a job is finished before it fetches the next one, and deletes what is finished.
${LEAST}
${parts.map(({ markdown }) => markdown).join('\n\n')}`,
  };
}

function batchTable({ figures }: ThroughputResult, batch: number): string {
  const shown = figures.filter((one) => one.batch === batch);
  const workers = [...new Set(shown.map((one) => one.workers))];
  const queues = [...new Set(shown.map(({ queue }) => queue))];
  const find = (queue: string, count: number): ThroughputFigures => {
    const found = shown.find((one) => one.queue === queue && one.workers === count);
    if (found === undefined) throw new Error(`no figures of ${queue} with ${count} workers`);
    return found;
  };
  const some = workers[Math.floor(workers.length / 2)] ?? 1;
  return table(
    [
      'queue',
      ...workers.map((count) => `${count} ${count === 1 ? 'worker' : 'workers'}`),
      `µs of CPU an entry, ${some} workers`,
      `WAL bytes an entry, ${some} workers`,
      `statements an entry, ${some} workers`,
    ],
    queues.map((queue) => [
      queue,
      ...workers.map((count) =>
        compared(find(queue, count), find(OURS, count), 'entriesPerSecond'),
      ),
      ...(['cpuPerEntry', 'walPerEntry'] as const).map((figure) =>
        compared(find(queue, some), find(OURS, some), figure),
      ),
      middle(find(queue, some).statementsPerEntry),
    ]),
  );
}

/** What is to be ahead per entry: by the clock, and by the CPU that it costs. Every number of workers counts. */
function peerGoals(result: ThroughputResult, batch: number, { peer, ours }: Pair): Goal[] {
  const goalOf = (figure: Figure, { what, say, isAhead }: Ahead): Goal[] => {
    const ratios = ratiosOf(result, batch, peer, ours, figure);
    if (ratios.length === 0) return [];
    const beside = ratiosOf(result, batch, peer, FLOOR, figure);
    return [
      {
        goal: `batches of ${batch}${ours === OURS ? '' : `, ${ours}`}: ${what} ${peer}, with any number of workers`,
        measured: `it ${say(range(ratios))}`,
        met: ratios.every(isAhead),
        limit: beside.length > 0 ? `beside ${FLOOR}, ${range(beside)}` : undefined,
      },
    ];
  };
  const rate = goalOf('entriesPerSecond', {
    what: 'more entries a second than',
    say: (ratio) => `takes and finishes ${ratio} as many`,
    isAhead: (ratio) => ratio < 1,
  });
  if (ours !== OURS) return rate;
  const cpu = goalOf('cpuPerEntry', {
    what: 'less CPU an entry than',
    say: (ratio) => `needs ${ratio} as much`,
    isAhead: (ratio) => ratio > 1,
  });
  return [...rate, ...cpu];
}

/** By the number of workers, how many times as much the one has as the other in the same round. */
function ratiosOf(
  { figures }: ThroughputResult,
  batch: number,
  queue: string,
  other: string,
  figure: Figure,
): readonly number[] {
  const isMeant = (name: string) =>
    queue.startsWith(OURS) ? name === queue : name.startsWith(queue);
  return figures
    .filter((one) => isMeant(one.queue) && one.batch === batch)
    .flatMap((one) => {
      const beside = figures.find(
        (found) => found.queue === other && found.workers === one.workers && found.batch === batch,
      );
      return beside && one[figure].length > 0 ? medianRatio(one[figure], beside[figure]) : [];
    });
}

function range(ratios: readonly number[]): string {
  return `${times(Math.min(...ratios))} to ${times(Math.max(...ratios))}`;
}

function compared(
  one: ThroughputFigures,
  ours: ThroughputFigures,
  figure: 'entriesPerSecond' | 'cpuPerEntry' | 'walPerEntry',
): string {
  if (one[figure].length === 0) return 'unknown';
  return one.queue === OURS
    ? middle(one[figure])
    : `${middle(one[figure])} (${ratio(one[figure], ours[figure])})`;
}
