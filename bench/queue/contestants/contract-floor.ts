import { withClient } from '../../../scripts/with-client.ts';
import { runMigrations } from '../../../src/index.ts';
import { CONTRACT_MIGRATIONS } from '../../../src/schema/migrations.ts';
import type { BenchServer } from '../../server.ts';
import { fillQueue } from '../queue-rows.ts';
import { KeptPools } from './kept-pools.ts';
import { countLeft } from './ours.ts';
import type { QueueInTest } from './queue-in-test.ts';
import { connectionsFor, drainWith } from './take-and-finish.ts';

export const FLOOR = "plain statements on the contract's table";

const DATABASE = 'bench_contract_floor';

/** Entries that nobody has, in any order, without a look at their conversions or their tries. */
const TAKE = `
  WITH due AS (
    SELECT ctid FROM conversion_queue
     WHERE status IN ('pending', 'failed') AND (leased_until IS NULL OR leased_until <= now())
     LIMIT $1
       FOR NO KEY UPDATE SKIP LOCKED)
  UPDATE conversion_queue q SET leased_until = now() + interval '5 minutes'
    FROM due
   WHERE q.ctid = due.ctid
  RETURNING q.id`;

const FINISH = `
  UPDATE conversion_queue SET status = 'uploaded', uploaded_at = now(), leased_until = NULL
   WHERE id = ANY ($1)`;

/**
 * What no queue can do without that keeps the contract's table, and takes and finishes in a statement each: its columns and indexes, and a column
 * for the lease that none of them holds. No function, trigger or check of ours, no order, no join, and
 * plain statements, prepared once. It finds nothing again that it has lost, and is of no other use.
 */
export async function openContractFloor(server: BenchServer): Promise<QueueInTest> {
  const url = await server.createEmptyDatabase(DATABASE);
  await runMigrations({ databaseUrl: url, count: CONTRACT_MIGRATIONS });
  await withClient(url, async (client) => {
    await client.query('ALTER TABLE conversion_queue ADD leased_until timestamptz');
    // As much room for a lease as the migrations leave.
    await client.query('ALTER TABLE conversion_queue SET (fillfactor = 50)');
    await client.query(`ALTER DATABASE ${DATABASE} SET enable_seqscan = off`);
    await client.query(`ALTER DATABASE ${DATABASE} SET enable_bitmapscan = off`);
    await client.query(`ALTER DATABASE ${DATABASE} SET plan_cache_mode = force_generic_plan`);
  });
  const pools = new KeptPools(url);
  return {
    name: FLOOR,
    url,
    fill: (entries) => withClient(url, (client) => fillQueue(client, entries)),
    drain: async (workers, batch) => {
      const pace = 'overlapping';
      const connections = connectionsFor(workers, batch, pace);
      const pool = await pools.get(`${connections} connections`, connections);
      const taker = {
        take: async (limit: number) => {
          const { rows } = await pool.query<{ id: string }>({
            name: 'take',
            text: TAKE,
            values: [limit],
          });
          return rows.map(({ id }) => id);
        },
        finish: (ids: readonly string[]) =>
          pool.query({ name: 'finish', text: FINISH, values: [ids] }),
      };
      return drainWith(taker, { workers, batch, pace });
    },
    left: () => countLeft(url),
    close: async () => {
      await pools.end();
      await server.dropDatabase(DATABASE);
    },
  };
}
