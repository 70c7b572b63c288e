import type pg from 'pg';
import type { Bench } from '../bench.ts';
import { CLAIM, type ClaimCost, claimCost, measureCall } from './claim-calls.ts';
import { loadQueue } from './queue-rows.ts';

/** What the statistics say that the planner has. */
export interface StaleCase extends ClaimCost {
  readonly statistics: string;
  readonly planCacheMode: string;
}

/** Entries out with workers, older than those that are due. */
export interface LeasedCase extends ClaimCost {
  readonly leased: number;
}

const PLAN_CACHE_MODES = ['auto', 'force_custom_plan', 'force_generic_plan'];

/** Statistics that were never taken, or when every entry was pending. */
export async function measureStale(
  client: pg.Client,
  rows: number,
  repeats: number,
  say: Bench['say'],
): Promise<StaleCase[]> {
  const cases: StaleCase[] = [];
  for (const statistics of ['never taken', 'taken when all entries were pending']) {
    await unwatched(client, async () => {
      if (statistics !== 'never taken') {
        await loadQueue(client, rows, 'pending');
        await client.query('ANALYZE conversions, conversion_queue');
      }
      await loadQueue(client, rows, 'mixed');
    });
    for (const planCacheMode of PLAN_CACHE_MODES) {
      await client.query(`SET plan_cache_mode = ${planCacheMode}`);
      const cost = claimCost(await measureCall(client, CLAIM, repeats));
      cases.push({ statistics, planCacheMode, ...cost });
      say(`statistics ${statistics}, ${planCacheMode}: search ${cost.search.buffers} buffers`);
    }
    await client.query('RESET plan_cache_mode');
  }
  return cases;
}

/** A claim passes over what others have out, as those entries stay where they are in the index. */
export async function measureLeased(
  client: pg.Client,
  quick: boolean,
  repeats: number,
  say: Bench['say'],
): Promise<LeasedCase[]> {
  const cases: LeasedCase[] = [];
  let out = 0;
  for (const leased of quick ? [0, 20] : [0, 100, 1000, 10_000]) {
    await unwatched(client, async () => {
      for (; out < leased; out += Math.min(leased - out, 1000)) {
        await client.query(
          `SELECT FROM claim_conversions("limit" => ${Math.min(leased - out, 1000)})`,
        );
      }
    });
    const cost = claimCost(await measureCall(client, CLAIM, repeats));
    cases.push({ leased, ...cost });
    say(`${leased} entries out: search ${cost.search.buffers} buffers`);
  }
  return cases;
}

/** Plans of loading are of no interest, and cost time. */
export async function unwatched(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('SET auto_explain.log_min_duration = -1');
  await work();
  await client.query('SET auto_explain.log_min_duration = 0');
}
