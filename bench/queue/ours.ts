import { withClient } from '../../scripts/with-client.ts';
import { runMigrations } from '../../src/index.ts';
import { type ClaimedConversion, trackingQueue } from '../../src/queue/index.ts';
import { CONTRACT_MIGRATIONS } from '../../src/schema/migrations.ts';
import type { BenchServer } from '../server.ts';
import { conversionQueue, type QueueInTest } from './queue-in-test.ts';

/** claimConversions(), and then completeAndClaim() until nothing is left. */
export async function openOurs(server: BenchServer): Promise<QueueInTest> {
  const url = await server.createDatabase('bench_queue');
  return conversionQueue({ name: 'conversion_queue', role: 'ours' }, url, (pool) => {
    const queue = trackingQueue(pool);
    const idsOf = (entries: readonly ClaimedConversion[]) => entries.map(({ id }) => id);
    return {
      take: async (limit) => idsOf(await queue.claimConversions({ limit })),
      next: async (ids, limit) => idsOf(await queue.completeAndClaim({ ids }, { limit })),
    };
  });
}

/** Entries that nobody has, in any order, without a look at their conversions or their attempts. */
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
 * What no queue can do without that keeps the contract's table: its columns and indexes, and a column
 * for the lease that none of them holds. No function, trigger or check of ours, no order, no join, and
 * plain statements, prepared once. It finds nothing again that it has lost, and is of no other use.
 */
export async function openContractFloor(server: BenchServer): Promise<QueueInTest> {
  const database = 'bench_queue_floor';
  const url = await server.createEmptyDatabase(database);
  await runMigrations({ databaseUrl: url, count: CONTRACT_MIGRATIONS });
  await withClient(url, async (client) => {
    await client.query('ALTER TABLE conversion_queue ADD leased_until timestamptz');
    // As much room for a lease as the migrations leave.
    await client.query('ALTER TABLE conversion_queue SET (fillfactor = 50)');
    for (const setting of ['enable_seqscan = off', 'enable_bitmapscan = off']) {
      await client.query(`ALTER DATABASE ${database} SET ${setting}`);
    }
    await client.query(`ALTER DATABASE ${database} SET plan_cache_mode = force_generic_plan`);
  });
  return conversionQueue({ name: 'plain statements', role: 'limit' }, url, (pool) => {
    const take = async (limit: number) => {
      const statement = { name: 'take', text: TAKE, values: [limit] };
      return (await pool.query<{ id: string }>(statement)).rows.map(({ id }) => id);
    };
    return {
      take,
      next: async (ids, limit) => {
        await pool.query({ name: 'finish', text: FINISH, values: [ids] });
        return take(limit);
      },
    };
  });
}
