import type { Bench } from '../bench.ts';
import type { Line, SectionResult } from '../lines.ts';
import { interleave } from '../rounds.ts';
import { openGraphileWorker } from './graphile-worker.ts';
import { openContractFloor, openOurs } from './ours.ts';
import { openPgBoss } from './pg-boss.ts';
import type { QueueInTest } from './queue-in-test.ts';

/** Entries taken and finished at a time, and how many there are to drain. */
const BATCHES = [
  { batch: 1, entries: 800, quick: 40 },
  { batch: 10, entries: 4000, quick: 100 },
  { batch: 100, entries: 10_000, quick: 400 },
];
const WORKERS = [1, 4, 8];

/** How fast entries are taken and finished, beside two job queues for PostgreSQL. */
export async function measureQueue(bench: Bench): Promise<SectionResult> {
  const { server } = bench;
  const queues: QueueInTest[] = [
    await openOurs(server),
    ...(bench.has('graphile-worker') ? [await openGraphileWorker(server)] : []),
    ...(bench.has('pg-boss') ? [await openPgBoss(server)] : []),
    await openContractFloor(server),
  ];
  const lines: Line[] = [];
  for (const { batch, entries, quick } of BATCHES) {
    for (const workers of bench.quick ? [2] : WORKERS) {
      const drain = { workers, batch, entries: bench.quick ? quick : entries };
      const what = `${batch === 1 ? 'one by one' : `batches of ${batch}`}, ${workers} worker${workers === 1 ? '' : 's'}`;
      const samples = await interleave(
        bench,
        what,
        queues.map((queue) => ({
          name: queue.name,
          measure: () => measureDrain(bench, queue, drain),
        })),
        { seconds: 17, least: 3, most: 7 },
      );
      const line = (
        more: string,
        unit: string,
        better: Line['better'],
        own: Line['samples'] = {},
      ): Line => ({ what: `${what}${more}`, unit, samples: own, better });
      lines.push(line('', 'entries/s', 'more', samples.entriesPerSecond));
      lines.push(line(", the server's CPU", 'µs/entry', 'less', samples.cpuPerEntry));
      if (workers === WORKERS[0]) {
        lines.push(line(', WAL', 'bytes/entry', 'less', samples.walPerEntry));
      }
    }
  }
  for (const queue of queues) await queue.close();
  return { columns: queues.map(({ name, role }) => ({ name, role })), lines };
}

async function measureDrain(
  { server }: Bench,
  queue: QueueInTest,
  { workers, batch, entries }: { workers: number; batch: number; entries: number },
): Promise<{ entriesPerSecond: number; cpuPerEntry: number; walPerEntry: number }> {
  await queue.fill(entries);
  let ms = 0;
  const { walBytes, cpuMs } = await server.costOf(async () => {
    ms = await queue.drain(workers, batch);
  });
  const left = await queue.left();
  if (left !== 0) throw new Error(`${queue.name} has left ${left} of ${entries} entries.`);
  return {
    entriesPerSecond: (entries / ms) * 1000,
    cpuPerEntry: (cpuMs * 1000) / entries,
    walPerEntry: walBytes / entries,
  };
}
