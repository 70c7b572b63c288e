import { trackingQueue } from '../../src/queue.ts';
import { fillQueue } from '../queue-rows.ts';
import { time } from '../rounds.ts';
import { type BenchServer, withClient } from '../server.ts';
import { KeptPools } from './kept-pools.ts';
import type { QueueInTest } from './queue-in-test.ts';

/** Indexes of the contract that neither taking nor finishing reads. */
export const PLAIN_INDEXES = ['idx_queue_status_next_retry', 'idx_queue_platform'];

/**
 * claim_conversions and complete_conversions, through the package's own client. Without some of the
 * indexes, it shows what they cost.
 */
export async function openOurs(
  server: BenchServer,
  name = 'conversion_queue',
  without: readonly string[] = [],
): Promise<QueueInTest> {
  const database = `bench_ours_${without.length}`;
  const url = await server.createDatabase(database);
  await withClient(url, async (client) => {
    for (const index of without) await client.query(`DROP INDEX ${index}`);
  });
  const pools = new KeptPools(url);
  return {
    name,
    url,
    fill: (entries) => withClient(url, (client) => fillQueue(client, entries)),
    drain: async (workers, batch) => {
      const queue = trackingQueue(await pools.get(`${workers} workers`, workers));
      const work = async () => {
        for (;;) {
          const claimed = await queue.claimConversions({ limit: batch });
          if (claimed.length === 0) return;
          await queue.completeConversions({ ids: claimed.map(({ id }) => id) });
        }
      };
      return time(() => Promise.all(Array.from({ length: workers }, work)));
    },
    left: () =>
      withClient(url, async (client) => {
        const { rows } = await client.query<{ left: number }>(
          "SELECT count(*)::integer AS left FROM conversion_queue WHERE status <> 'uploaded'",
        );
        return rows[0]?.left ?? 0;
      }),
    close: async () => {
      await pools.end();
      await server.dropDatabase(database);
    },
  };
}
