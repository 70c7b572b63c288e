import { withClient } from '../../scripts/with-client.ts';
import { importPeer } from '../peers.ts';
import type { BenchServer } from '../server.ts';
import { countWith, drainWith, payload, type QueueInTest } from './queue-in-test.ts';

/** pg-boss, as far as it is used here. */
interface Boss {
  on(event: 'error', listener: (error: Error) => void): void;
  start(): Promise<unknown>;
  stop(options: { graceful: boolean }): Promise<void>;
  createQueue(name: string): Promise<void>;
  deleteAllJobs(name: string): Promise<unknown>;
  insert(name: string, jobs: readonly { data: object }[]): Promise<unknown>;
  fetch(name: string, options?: { batchSize: number }): Promise<readonly { id: string }[]>;
  complete(name: string, ids: readonly string[]): Promise<unknown>;
}

interface BossModule {
  readonly PgBoss: new (options: {
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
/** Fetched from to open the connections. */
const EMPTY = 'empty';

/** fetch() and complete(). */
export async function openPgBoss(server: BenchServer): Promise<QueueInTest> {
  const { PgBoss } = await importPeer<BossModule>('pg-boss');
  const url = await server.createEmptyDatabase('bench_queue_boss');
  const started = new Map<number, Boss>();
  /** One for each number of workers, which stays over all rounds, as do its connections. */
  const bossOf = async (max: number) => {
    const kept = started.get(max);
    if (kept) return kept;
    const settings = { connectionString: url, max, idleTimeoutMillis: 0 };
    const boss = new PgBoss({ ...settings, schedule: false, supervise: false });
    // What fails shows in what is left.
    boss.on('error', () => {});
    await boss.start();
    await boss.createQueue(QUEUE);
    await boss.createQueue(EMPTY);
    const take = () => boss.fetch(EMPTY);
    await Promise.all(Array.from({ length: max }, take));
    started.set(max, boss);
    return boss;
  };
  const keeper = await bossOf(1);
  return {
    name: 'pg-boss',
    role: 'peer',
    fill: async (entries) => {
      await keeper.deleteAllJobs(QUEUE);
      const jobs = Array.from({ length: entries }, (_, index) => ({ data: payload(index) }));
      for (let from = 0; from < entries; from += 5000) {
        await keeper.insert(QUEUE, jobs.slice(from, from + 5000));
      }
      await withClient(url, (client) => client.query('VACUUM (ANALYZE)'));
    },
    drain: async (workers, batch) => {
      const boss = await bossOf(workers);
      const take = async (batchSize: number) =>
        (await boss.fetch(QUEUE, { batchSize })).map(({ id }) => id);
      const next = async (ids: readonly string[], batchSize: number) => {
        await boss.complete(QUEUE, ids);
        return take(batchSize);
      };
      return drainWith({ take, next }, workers, batch);
    },
    left: () => countWith(url, "SELECT count(*) AS left FROM pgboss.job WHERE state < 'completed'"),
    close: async () => {
      for (const boss of started.values()) await boss.stop({ graceful: false });
    },
  };
}
