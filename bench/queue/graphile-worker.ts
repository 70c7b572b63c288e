import { EventEmitter } from 'node:events';
import type pg from 'pg';
import { withClient } from '../../scripts/with-client.ts';
import { importPeer } from '../peers.ts';
import type { BenchServer } from '../server.ts';
import { countWith, KeptPools, payload, type QueueInTest } from './queue-in-test.ts';

/** graphile-worker, as far as it is used here. */
interface GraphileWorker {
  readonly Logger: new (factory: () => () => void) => object;
  runOnce(options: {
    pgPool: pg.Pool;
    taskList: Record<string, () => void>;
    preset: { worker: Settings };
    logger: object;
    events: EventEmitter;
    noHandleSignals: true;
  }): Promise<void>;
  makeWorkerUtils(options: { connectionString: string; logger: object }): Promise<{
    migrate(): Promise<void>;
    addJobs(jobs: readonly { identifier: string; payload: object }[]): Promise<unknown>;
    release(): Promise<void>;
  }>;
}

interface Settings {
  readonly concurrentJobs: number;
  readonly localQueue?: { readonly size: number };
  readonly completeJobBatchDelay?: number;
}

/**
 * Batches are its local queue, which a single statement fetches, with the jobs done by then completed
 * together; one by one, it is a single instance that works on as many jobs at a time.
 */
function configure(workers: number, batch: number): { instances: number; settings: Settings } {
  if (batch === 1) return { instances: 1, settings: { concurrentJobs: workers } };
  const settings = { concurrentJobs: batch, localQueue: { size: batch }, completeJobBatchDelay: 0 };
  return { instances: workers, settings };
}

/** Jobs that do nothing, run by its own runner until none is left. */
export async function openGraphileWorker(server: BenchServer): Promise<QueueInTest> {
  const { Logger, runOnce, makeWorkerUtils } = await importPeer<GraphileWorker>('graphile-worker');
  const url = await server.createEmptyDatabase('bench_queue_graphile');
  const logger = new Logger(() => () => {});
  const utils = await makeWorkerUtils({ connectionString: url, logger });
  await utils.migrate();
  const kept = new KeptPools(url);
  return {
    name: 'graphile-worker',
    role: 'peer',
    fill: async (entries) => {
      await withClient(url, (client) =>
        client.query('TRUNCATE graphile_worker._private_jobs, graphile_worker._private_job_queues'),
      );
      const jobs = Array.from({ length: entries }, (_, index) => ({
        ...{ identifier: 'upload', payload: payload(index) },
      }));
      await utils.addJobs(jobs);
      await withClient(url, (client) => client.query('VACUUM (ANALYZE)'));
    },
    drain: async (workers, batch) => {
      const { instances, settings } = configure(workers, batch);
      // Its start looks for migrations and is not work on the queue: the clock waits for the first fetch.
      let start: number | undefined;
      const open = instances === 1 ? workers + 1 : 2;
      const pools: pg.Pool[] = [];
      for (let instance = 0; instance < instances; instance += 1) {
        const name = `${workers} workers, batches of ${batch}, ${instance}`;
        pools.push(await kept.get(name, settings.concurrentJobs + 1, open));
      }
      await Promise.all(
        pools.map((pgPool) => {
          const events = new EventEmitter();
          events.once('worker:getJob:start', () => {
            start ??= performance.now();
          });
          const preset = { worker: settings };
          const taskList = { upload: () => {} };
          return runOnce({ pgPool, taskList, preset, logger, events, noHandleSignals: true });
        }),
      );
      if (start === undefined) throw new Error('graphile-worker has fetched nothing');
      return performance.now() - start;
    },
    left: () => countWith(url, 'SELECT count(*) AS left FROM graphile_worker._private_jobs'),
    close: async () => {
      await kept.end();
      await utils.release();
    },
  };
}
