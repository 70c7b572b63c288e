import pg from 'pg';
import { withClient } from '../../scripts/with-client.ts';
import type { Bench } from '../bench.ts';
import {
  CLAIM,
  type ClaimCost,
  type Cost,
  claimCost,
  lastCost,
  runRolledBack,
  WARM_UP,
} from './claim-calls.ts';
import {
  type LeasedCase,
  measureLeased,
  measureStale,
  type StaleCase,
  unwatched,
} from './claim-circumstances.ts';
import { type RunStatement, watchPlans } from './plans.ts';
import { loadQueue, type Mix } from './queue-rows.ts';

/** Claims from tables of several sizes, which took turns. */
export interface Growth {
  /** Where the entries that are due lie: over all of the table, or at its end. */
  readonly mix: (typeof MIXES)[number];
  readonly sizes: readonly (ClaimCost & {
    readonly rows: number;
    readonly tableBytes: number;
    /** Reading the same entries and their conversions by where they stand, and nothing else. */
    readonly read: Cost;
    readonly health: Cost;
  })[];
}

export interface ClaimGrowthResult {
  readonly repeats: number;
  readonly growth: readonly Growth[];
  readonly stale: { readonly rows: number; readonly cases: readonly StaleCase[] };
  readonly leased: { readonly rows: number; readonly cases: readonly LeasedCase[] };
}

const HEALTH = 'SELECT * FROM conversion_queue_health()';
const MIXES = ['mixed', 'recent'] as const satisfies readonly Mix[];

/** What one claim of 100 entries costs as the table grows, and under other circumstances. */
export async function measureClaimGrowth(bench: Bench): Promise<ClaimGrowthResult> {
  const { server, quick, say } = bench;
  const repeats = quick ? 3 : 15;
  const side = quick ? 1e4 : 1e6;
  const growth: Growth[] = [];
  for (const mix of MIXES) {
    growth.push({ mix, sizes: await measureSizes(bench, mix, repeats) });
  }
  const url = await server.createDatabase('bench_claim');
  const others = await withClient(url, async (client) => {
    await watchPlans(client);
    // The table is as the last of them has left it: even, and vacuumed.
    const stale = await measureStale(client, side, repeats, say);
    await unwatched(client, async () => {
      await client.query('VACUUM (ANALYZE) conversions, conversion_queue');
    });
    const leased = await measureLeased(client, quick, repeats, say);
    return { stale: { rows: side, cases: stale }, leased: { rows: side, cases: leased } };
  });
  await server.dropDatabase('bench_claim');
  return { repeats, growth, ...others };
}

/** A table of one size, and what is asked of it. */
interface Sized {
  readonly rows: number;
  readonly client: pg.Client;
  readonly read: string;
  readonly runs: { claim: RunStatement[][]; read: RunStatement[][]; health: RunStatement[][] };
}

/** Tables of all sizes side by side, each claimed from in turn: a slow moment slows all of them. */
async function measureSizes(
  { server, quick, say }: Bench,
  mix: Mix,
  repeats: number,
): Promise<Growth['sizes']> {
  const tables: Sized[] = [];
  for (const rows of quick ? [1e4, 1e5] : [1e4, 1e5, 1e6, 1e7]) {
    const client = new pg.Client(await server.createDatabase(`bench_claim_${rows}`));
    await client.connect();
    await loadQueue(client, rows, mix);
    await client.query('VACUUM (ANALYZE) conversions, conversion_queue');
    const read = await readingOfDue(client);
    await watchPlans(client);
    tables.push({ rows, client, read, runs: { claim: [], read: [], health: [] } });
    say(`${mix}: ${rows} rows are there`);
  }
  await server.checkpoint();
  for (let round = -WARM_UP; round < repeats; round += 1) {
    for (const { client, read, runs } of tables) {
      // First: it would find in the processor's caches what a claim has read.
      const plain = await runRolledBack(client, read);
      const claim = await runRolledBack(client, CLAIM);
      const health = await runRolledBack(client, HEALTH);
      if (round < 0) continue;
      runs.claim.push(claim);
      runs.read.push(plain);
      runs.health.push(health);
    }
  }
  const sizes: Growth['sizes'][number][] = [];
  for (const { rows, client, runs } of tables) {
    const cost = claimCost(runs.claim);
    sizes.push({
      rows,
      tableBytes: await tableBytes(client),
      ...cost,
      read: lastCost(runs.read),
      health: lastCost(runs.health),
    });
    say(`${mix}: ${rows} rows: ${cost.call.buffers} buffers, ${cost.call.ms} ms`);
    await client.end();
    await server.dropDatabase(`bench_claim_${rows}`);
  }
  return sizes;
}

/** A query for the entries that a claim would take, by where they stand, with their conversions. */
async function readingOfDue(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ places: string }>(
    `SELECT array_agg(d.ctid)::text AS places
       FROM (SELECT ctid FROM conversion_queue
              WHERE platform = 'google_ads' AND status IN ('pending', 'failed')
                AND coalesce(next_retry_at, created_at) <= now()
              ORDER BY coalesce(next_retry_at, created_at) LIMIT 100) d`,
  );
  return `SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
          SELECT q.*, c.* FROM conversion_queue q JOIN conversions c ON c.id = q.conversion_id
           WHERE q.ctid = ANY (${pg.escapeLiteral(rows[0]?.places ?? '')}::tid[])`;
}

async function tableBytes(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(
    "SELECT pg_table_size('conversion_queue') AS bytes",
  );
  return Number(rows[0]?.bytes);
}
