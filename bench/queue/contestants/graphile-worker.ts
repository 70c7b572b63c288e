import { EventEmitter } from 'node:events';
import type pg from 'pg';
import { withClient } from '../../../scripts/with-client.ts';
import { loadPeer } from '../../peers.ts';
import type { BenchServer } from '../../server.ts';
import { KeptPools } from './kept-pools.ts';
import { payload, type QueueInTest } from './queue-in-test.ts';

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
  makeWorkerUtils(options: { connectionString: string; logger: object }): Promise<Utils>;
}

interface Utils {
  migrate(): Promise<void>;
  addJobs(jobs: readonly { identifier: string; payload: object }[]): Promise<unknown>;
  release(): Promise<void>;
}

interface Settings {
  readonly concurrentJobs: number;
  readonly localQueue?: { readonly size: number };
  readonly completeJobBatchDelay?: number;
}

/** By the number of workers and the batch: how many instances run, and each with what settings. */
export type Configure = (
  workers: number,
  batch: number,
) => { readonly instances: number; readonly settings: Settings };

/**
 * Batches are its local queue, which a single statement fetches, with the jobs done by then completed
 * together; one by one, it is a single instance that works on as many jobs at a time.
 */
export const inBatches: Configure = (workers, batch) =>
  batch === 1
    ? { instances: 1, settings: { concurrentJobs: workers } }
    : {
        instances: workers,
        settings: { concurrentJobs: batch, localQueue: { size: batch }, completeJobBatchDelay: 0 },
      };

/** What its documentation reports its highest throughput with. */
export const asDocumented: Configure = (workers) => ({
  instances: workers,
  settings: { concurrentJobs: 24, localQueue: { size: 500 }, completeJobBatchDelay: 0 },
});

/** Jobs that do nothing, run by its own runner until none is left. */
export async function openGraphileWorker(
  server: BenchServer,
  name: string,
  configure: Configure,
): Promise<QueueInTest> {
  const { Logger, runOnce, makeWorkerUtils } = await loadPeer<GraphileWorker>('graphile-worker');
  const database = `bench_${name.replaceAll(/\W+/g, '_')}`;
  const url = await server.createEmptyDatabase(database);
  const logger = new Logger(() => () => {});
  const utils = await makeWorkerUtils({ connectionString: url, logger });
  await utils.migrate();
  const kept = new KeptPools(url);
  return {
    name,
    url,
    fill: async (entries) => {
      await withClient(url, (client) =>
        client.query('TRUNCATE graphile_worker._private_jobs, graphile_worker._private_job_queues'),
      );
      const jobs = Array.from({ length: entries }, (_, index) => ({
        identifier: 'upload',
        payload: payload(index),
      }));
      for (let from = 0; from < entries; from += 5000) {
        await utils.addJobs(jobs.slice(from, from + 5000));
      }
      await withClient(url, (client) => client.query('VACUUM (ANALYZE)'));
    },
    drain: async (workers, batch) => {
      const { instances, settings } = configure(workers, batch);
      // Its start looks for migrations and is not work on the queue: the clock waits for the first fetch.
      let start: number | undefined;
      const open = instances === 1 ? workers + 1 : 2;
      const pools = await Promise.all(
        Array.from({ length: instances }, (_, index) =>
          kept.get(
            `${workers} workers, batches of ${batch}, ${index}`,
            settings.concurrentJobs + 1,
            open,
          ),
        ),
      );
      await Promise.all(
        pools.map((pgPool) => {
          const events = new EventEmitter();
          events.once('worker:getJob:start', () => {
            start ??= performance.now();
          });
          return runOnce({
            pgPool,
            taskList: { upload: () => {} },
            preset: { worker: settings },
            logger,
            events,
            noHandleSignals: true,
          });
        }),
      );
      const end = performance.now();
      if (start === undefined) throw new Error('graphile-worker has fetched nothing');
      return end - start;
    },
    left: () =>
      withClient(url, async (client) => {
        const { rows } = await client.query<{ left: number }>(
          'SELECT count(*)::integer AS left FROM graphile_worker._private_jobs',
        );
        return rows[0]?.left ?? 0;
      }),
    close: async () => {
      await kept.end();
      await utils.release();
      await server.dropDatabase(database);
    },
  };
}
