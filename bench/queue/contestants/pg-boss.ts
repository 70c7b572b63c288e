import { withClient } from '../../../scripts/with-client.ts';
import { loadPeer } from '../../peers.ts';
import { time } from '../../rounds.ts';
import type { BenchServer } from '../../server.ts';
import { payload, type QueueInTest } from './queue-in-test.ts';

/** pg-boss, as far as it is used here. */
interface Boss {
  on(event: 'error', listener: (error: Error) => void): void;
  start(): Promise<unknown>;
  stop(options: { graceful: boolean }): Promise<void>;
  createQueue(name: string): Promise<void>;
  clearStorage(): Promise<void>;
  insert(jobs: readonly { name: string; data: object }[]): Promise<unknown>;
  fetch(name: string, options: FetchOptions): Promise<{ id: string }[]>;
  complete(name: string, ids: readonly string[]): Promise<unknown>;
  getQueueSize(name: string): Promise<number>;
}

interface FetchOptions {
  readonly batchSize: number;
  readonly priority?: boolean;
}

interface BossModule {
  readonly default: new (options: {
    connectionString: string;
    max: number;
    /** As its pool has it; 0 is never. */
    idleTimeoutMillis: number;
    /** No cron. */
    schedule: false;
    /** No maintenance, no monitoring. */
    supervise: false;
  }) => Boss;
}

const QUEUE = 'upload';

/** fetch() and complete(). Without priorities, which the queue here does not have, it sorts less. */
export async function openPgBoss(server: BenchServer): Promise<QueueInTest> {
  const { default: PgBoss } = await loadPeer<BossModule>('pg-boss');
  const url = await server.createEmptyDatabase('bench_pg_boss');
  const started = new Map<number, Boss>();
  /** One for each number of workers, which stays over all rounds, as do its connections. */
  const bossOf = async (workers: number) => {
    const kept = started.get(workers);
    if (kept) return kept;
    const boss = new PgBoss({
      connectionString: url,
      max: workers,
      idleTimeoutMillis: 0,
      schedule: false,
      supervise: false,
    });
    boss.on('error', (error) => {
      throw error;
    });
    await boss.start();
    started.set(workers, boss);
    await Promise.all(Array.from({ length: workers }, () => boss.getQueueSize(QUEUE)));
    return boss;
  };
  const keeper = await bossOf(2);
  await keeper.createQueue(QUEUE);
  return {
    name: 'pg-boss',
    url,
    fill: async (entries) => {
      await keeper.clearStorage();
      const jobs = Array.from({ length: entries }, (_, index) => ({
        name: QUEUE,
        data: payload(index),
      }));
      for (let from = 0; from < entries; from += 5000) {
        await keeper.insert(jobs.slice(from, from + 5000));
      }
      await withClient(url, (client) => client.query('VACUUM (ANALYZE)'));
    },
    drain: async (workers, batch) => {
      const boss = await bossOf(workers);
      const work = async () => {
        for (;;) {
          const jobs = await boss.fetch(QUEUE, { batchSize: batch, priority: false });
          if (jobs.length === 0) return;
          await boss.complete(
            QUEUE,
            jobs.map(({ id }) => id),
          );
        }
      };
      return time(() => Promise.all(Array.from({ length: workers }, work)));
    },
    left: () => keeper.getQueueSize(QUEUE),
    close: async () => {
      for (const boss of started.values()) await boss.stop({ graceful: false });
      await server.dropDatabase('bench_pg_boss');
    },
  };
}
