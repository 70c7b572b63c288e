import { trackingQueue } from '../../src/queue.ts';
import { fillQueue } from '../queue-rows.ts';
import { time } from '../rounds.ts';
import { type BenchServer, withClient } from '../server.ts';
import { KeptPools } from './kept-pools.ts';
import type { QueueInTest } from './queue-in-test.ts';

/** claim_conversions and complete_conversions, through the package's own client. */
export async function openOurs(server: BenchServer): Promise<QueueInTest> {
  const url = await server.createDatabase('bench_ours');
  const pools = new KeptPools(url);
  return {
    name: 'conversion_queue',
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
      await server.dropDatabase('bench_ours');
    },
  };
}
