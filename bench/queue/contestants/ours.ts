import { withClient } from '../../../scripts/with-client.ts';
import { trackingQueue } from '../../../src/queue/index.ts';
import type { BenchServer } from '../../server.ts';
import { fillQueue } from '../queue-rows.ts';
import { KeptPools } from './kept-pools.ts';
import type { QueueInTest } from './queue-in-test.ts';
import { connectionsFor, drainWith, type Pace } from './take-and-finish.ts';

export const OURS = 'conversion_queue';
/** As graphile-worker does it. */
export const OURS_AS_PEERS = `${OURS}, prepared and overlapping`;

/** Indexes of the contract that neither taking nor finishing reads. */
export const PLAIN_INDEXES = ['idx_queue_status_next_retry', 'idx_queue_platform'];

/** How claim_conversions and complete_conversions are called, and on what. */
export interface Use {
  /** Leaving some indexes out shows what they cost. */
  readonly without?: readonly string[];
  readonly preparedStatements?: true;
  readonly pace?: Pace;
}

/** claim_conversions and complete_conversions, through the package's own client. */
export async function openOurs(
  server: BenchServer,
  name = OURS,
  { without = [], preparedStatements, pace = 'in turn' }: Use = {},
): Promise<QueueInTest> {
  const database = `bench_${name.replaceAll(/\W+/g, '_')}`;
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
      const connections = connectionsFor(workers, batch, pace);
      const pool = await pools.get(`${connections} connections`, connections);
      const queue = trackingQueue(pool, { preparedStatements });
      const taker = {
        take: async (limit: number) =>
          (await queue.claimConversions({ limit })).map(({ id }) => id),
        finish: (ids: readonly string[]) => queue.completeConversions({ ids }),
      };
      return drainWith(taker, { workers, batch, pace });
    },
    left: () => countLeft(url),
    close: async () => {
      await pools.end();
      await server.dropDatabase(database);
    },
  };
}

/** Entries of a conversion_queue that are not uploaded. */
export function countLeft(url: string): Promise<number> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ left: number }>(
      "SELECT count(*)::integer AS left FROM conversion_queue WHERE status <> 'uploaded'",
    );
    return rows[0]?.left ?? 0;
  });
}
