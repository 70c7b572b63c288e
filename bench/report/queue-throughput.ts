import type { ThroughputFigures, ThroughputResult } from '../queue-throughput.ts';
import { count, medianRatio, middle, ratio, times } from './figures.ts';
import { type Goal, goalTable } from './goals.ts';
import type { Section } from './section.ts';
import { table } from './table.ts';

const OURS = 'conversion_queue';
const PEERS = ['pg-boss', 'graphile-worker'];

export function throughputSection(result: ThroughputResult): Section {
  const { rounds, entries, versions } = result;
  const parts = entries.map(
    ({ batch, entries: queued }) => `### Batches of ${batch}, ${count(queued)} entries queued

${batchTable(result, batch)}

${goalTable(PEERS.map((peer) => peerGoal(result, batch, peer)))}`,
  );
  return {
    goals: entries.flatMap(({ batch }) => PEERS.map((peer) => peerGoal(result, batch, peer))),
    charts: {},
    markdown: `## Taking and finishing entries

Entries a second, from a full queue until it is empty, with so many workers: connections of one Node
process that take a batch and finish it, over and over. CPU time is that of the server and of this process:
other work on the machine stretches the time of a round, and hardly this. ${rounds} interleaved rounds on one server; medians,
and beside them how many times as much as conversion_queue in the same round. Connections stay open over
all rounds, nothing is vacuumed during one, and maintenance of the others is off. All three commit twice a
batch with \`synchronous_commit\` on.

- conversion_queue: \`claimConversions()\` and \`completeConversions()\`. An entry that is taken comes with all
  that its upload needs, read from another table, and stays as a record when it is finished.
- The same without \`idx_queue_status_next_retry\` and \`idx_queue_platform\`, two indexes that the contract asks for and
  that neither function reads: what they cost.
- pg-boss ${versions['pg-boss']}: \`fetch()\` with \`priority: false\`, and \`complete()\`. It sorts what is queued at each fetch:
  the more is queued, the slower. What is finished stays, too.
- graphile-worker ${versions['graphile-worker']}: \`runOnce()\` with a task that does nothing. In batches each worker is an instance
  with \`localQueue.size\` and \`concurrentJobs\` at the batch and \`completeJobBatchDelay: 0\`; one by one, it is
  one instance with that many \`concurrentJobs\`. "As documented" is what its documentation reports its
  highest throughput with: 24 concurrent jobs and a local queue of 500. It uses prepared statements, and
  deletes what is finished.

${parts.join('\n\n')}`,
  };
}

function batchTable({ figures, entries }: ThroughputResult, batch: number): string {
  const most = Math.max(...entries.map((one) => one.batch));
  const shown = figures.filter(
    (one) => one.batch === batch || (batch === most && one.batch > most),
  );
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

/** Its best number of workers counts, and the way that its documentation recommends. */
function peerGoal({ figures, entries }: ThroughputResult, batch: number, peer: string): Goal {
  const most = Math.max(...entries.map((one) => one.batch));
  const rates = figures
    .filter(
      (one) =>
        one.queue.startsWith(peer) && (one.batch === batch || (batch === most && one.batch > most)),
    )
    .flatMap((one) => {
      const ours = figures.find(
        ({ queue, workers, batch: own }) =>
          queue === OURS && workers === one.workers && own === batch,
      );
      return ours ? medianRatio(one.entriesPerSecond, ours.entriesPerSecond) : [];
    });
  const [low, high] = [Math.min(...rates), Math.max(...rates)];
  return {
    goal: `batches of ${batch}: ahead of ${peer} per entry, with any number of workers`,
    measured: `it takes and finishes ${times(low)} to ${times(high)} as many a second`,
    met: high < 1,
  };
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
