import { withClient } from '../../scripts/with-client.ts';
import type { Bench } from '../bench.ts';
import { versionOf } from '../peers.ts';
import { interleave } from '../rounds.ts';
import { takeCosts, trackStatements } from '../statements.ts';
import { openContractFloor } from './contestants/contract-floor.ts';
import { asDocumented, inBatches, openGraphileWorker } from './contestants/graphile-worker.ts';
import { OURS, OURS_AS_PEERS, openOurs, PLAIN_INDEXES } from './contestants/ours.ts';
import { openPgBoss } from './contestants/pg-boss.ts';
import type { QueueInTest } from './contestants/queue-in-test.ts';

/** One queue with so many workers and such batches. */
export interface ThroughputFigures {
  readonly queue: string;
  readonly workers: number;
  readonly batch: number;
  /** One value a round each. */
  readonly entriesPerSecond: readonly number[];
  /** Microseconds of the server's and the client's CPU; empty where the system does not tell. */
  readonly cpuPerEntry: readonly number[];
  readonly walPerEntry: readonly number[];
  readonly statementsPerEntry: readonly number[];
}

export interface ThroughputResult {
  readonly rounds: number;
  /** Entries queued for each batch size. */
  readonly entries: readonly { readonly batch: number; readonly entries: number }[];
  readonly versions: Readonly<Record<string, string>>;
  readonly figures: readonly ThroughputFigures[];
}

interface Sample {
  readonly entriesPerSecond: number;
  readonly cpuPerEntry: number | undefined;
  readonly walPerEntry: number;
  readonly statementsPerEntry: number;
}

const WORKERS = [1, 4, 8];

/** How fast entries are taken and finished, beside two job queues for PostgreSQL. */
export async function measureThroughput(bench: Bench): Promise<ThroughputResult> {
  const { server, quick, say } = bench;
  const rounds = quick ? 1 : 3;
  const sizes = quick
    ? [
        { batch: 500, entries: 1000 },
        { batch: 100, entries: 1000 },
        { batch: 10, entries: 500 },
        { batch: 1, entries: 100 },
      ]
    : [
        { batch: 500, entries: 10_000 },
        { batch: 100, entries: 10_000 },
        { batch: 10, entries: 4000 },
        { batch: 1, entries: 600 },
      ];
  const ours = await openOurs(server);
  const asPeers = await openOurs(server, OURS_AS_PEERS, {
    preparedStatements: true,
    pace: 'overlapping',
  });
  const fewerIndexes = await openOurs(server, `${OURS}, without two indexes`, {
    without: PLAIN_INDEXES,
  });
  const pgBoss = await openPgBoss(server);
  const graphile = await openGraphileWorker(server, 'graphile-worker', inBatches);
  const floor = await openContractFloor(server);
  const documented = await openGraphileWorker(
    server,
    'graphile-worker, as documented',
    asDocumented,
  );
  const batched = [ours, asPeers, fewerIndexes, pgBoss, graphile, floor];
  const largest = [ours, asPeers, pgBoss, documented, floor];
  const all = [...batched, documented];
  for (const { url } of all) await withClient(url, trackStatements);

  const cases = sizes.flatMap(({ batch, entries }) =>
    WORKERS.flatMap((workers) =>
      (batch === 500 ? largest : batched).map((queue) => ({ queue, workers, batch, entries })),
    ),
  );
  const samples = await interleave(
    rounds,
    cases.map((one) => ({
      name: `${one.queue.name}, ${one.workers} workers, batches of ${one.batch}`,
      measure: () => measureDrain(bench, one),
    })),
    (round, name, { entriesPerSecond }) =>
      say(`round ${round}: ${name}: ${Math.round(entriesPerSecond)} entries/s`),
  );
  for (const queue of all) await queue.close();
  return {
    rounds,
    entries: sizes,
    versions: { 'pg-boss': versionOf('pg-boss'), 'graphile-worker': versionOf('graphile-worker') },
    figures: cases.map(({ queue, workers, batch }, index) => {
      const own = samples[index] ?? [];
      return {
        queue: queue.name,
        workers,
        batch,
        entriesPerSecond: own.map((sample) => Math.round(sample.entriesPerSecond)),
        cpuPerEntry: own.flatMap(({ cpuPerEntry }) => cpuPerEntry ?? []).map(Math.round),
        walPerEntry: own.map((sample) => Math.round(sample.walPerEntry)),
        statementsPerEntry: own.map((sample) => Number(sample.statementsPerEntry.toFixed(3))),
      };
    }),
  };
}

async function measureDrain(
  { server }: Bench,
  drain: { queue: QueueInTest; workers: number; batch: number; entries: number },
): Promise<Sample> {
  const { queue, workers, batch, entries } = drain;
  await queue.fill(entries);
  await withClient(queue.url, (client) => takeCosts(client, []));
  let ms = 0;
  const { walBytes, cpuMs } = await server.costOf(async () => {
    ms = await queue.drain(workers, batch);
  });
  const [cost] = await withClient(queue.url, (client) => takeCosts(client, ['']));
  const left = await queue.left();
  if (left !== 0) throw new Error(`${queue.name} has left ${left} of ${entries} entries.`);
  return {
    entriesPerSecond: (entries / ms) * 1000,
    cpuPerEntry: cpuMs === undefined ? undefined : (cpuMs * 1000) / entries,
    walPerEntry: walBytes / entries,
    statementsPerEntry: (cost?.calls ?? 0) / entries,
  };
}
