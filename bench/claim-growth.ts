import type pg from 'pg';
import type { Bench } from './bench.ts';
import { type RunStatement, runWatched, watchPlans } from './plans.ts';
import { loadQueue } from './queue-rows.ts';
import { median } from './rounds.ts';
import { withClient } from './server.ts';

/** What a statement costs: medians. */
export interface Cost {
  readonly buffers: number;
  readonly ms: number;
}

/** One of the statements inside a claim. */
export interface StepCost extends Cost {
  readonly nodes: readonly string[];
}

export interface ClaimCost {
  /** Finds entries that are due, and locks them. */
  readonly search: StepCost;
  /** Leases them, and returns them with their conversions. */
  readonly handOut: StepCost;
  readonly call: Cost;
}

export interface ClaimGrowthResult {
  readonly repeats: number;
  readonly sizes: readonly (ClaimCost & {
    readonly rows: number;
    readonly tableBytes: number;
    readonly health: Cost;
  })[];
  /** What the statistics say that the planner has, at one size. */
  readonly stale: {
    readonly rows: number;
    readonly cases: readonly (ClaimCost & {
      readonly statistics: string;
      readonly planCacheMode: string;
    })[];
  };
  /** Entries out with workers, older than those that are due, at one size. */
  readonly leased: {
    readonly rows: number;
    readonly cases: readonly (ClaimCost & { readonly leased: number })[];
  };
}

const CLAIM = 'SELECT * FROM claim_conversions()';
const HEALTH = 'SELECT * FROM conversion_queue_health()';
const PLAN_CACHE_MODES = ['auto', 'force_custom_plan', 'force_generic_plan'];

/** What one claim of 100 entries costs as the table grows, and under other circumstances. */
export async function measureClaimGrowth({
  server,
  quick,
  say,
}: Bench): Promise<ClaimGrowthResult> {
  const repeats = quick ? 3 : 11;
  const sizes = quick ? [1e4, 1e5] : [1e4, 1e5, 1e6, 1e7];
  const side = quick ? 1e4 : 1e6;
  const url = await server.createDatabase('bench_claim_growth');
  const result = await withClient(url, async (client) => {
    const measure = (sql: string) => measureCall(client, sql, repeats);
    const measured: ClaimGrowthResult['sizes'][number][] = [];
    let leased: ClaimGrowthResult['leased']['cases'] = [];
    await watchPlans(client);
    const stale = await measureStale(client, side, repeats, say);
    for (const rows of sizes) {
      await unwatched(client, async () => {
        await loadQueue(client, rows, 'mixed');
        await client.query('VACUUM (ANALYZE) conversions, conversion_queue');
      });
      const cost = claimCost(await measure(CLAIM));
      const health = lastCost(await measure(HEALTH));
      measured.push({ rows, tableBytes: await tableBytes(client), ...cost, health });
      say(
        `${rows} rows: search ${cost.search.buffers} buffers, call ${cost.call.buffers}, health ${health.buffers}`,
      );
      if (rows === side) leased = await measureLeased(client, quick, measure, say);
    }
    return { repeats, sizes: measured, stale, leased: { rows: side, cases: leased } };
  });
  await server.dropDatabase('bench_claim_growth');
  return result;
}

/** Statistics that were never taken, or when every entry was pending. */
async function measureStale(
  client: pg.Client,
  rows: number,
  repeats: number,
  say: Bench['say'],
): Promise<ClaimGrowthResult['stale']> {
  const cases: ClaimGrowthResult['stale']['cases'][number][] = [];
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
  return { rows, cases };
}

/** A claim passes over what others have out, as those entries stay where they are in the index. */
async function measureLeased(
  client: pg.Client,
  quick: boolean,
  measure: (sql: string) => Promise<RunStatement[][]>,
  say: Bench['say'],
): Promise<ClaimGrowthResult['leased']['cases']> {
  const cases: ClaimGrowthResult['leased']['cases'][number][] = [];
  let out = 0;
  for (const leased of quick ? [0, 20] : [0, 100, 1000, 10_000]) {
    await unwatched(client, async () => {
      for (; out < leased; out += Math.min(leased - out, 1000)) {
        await client.query(
          `SELECT FROM claim_conversions("limit" => ${Math.min(leased - out, 1000)})`,
        );
      }
    });
    const cost = claimCost(await measure(CLAIM));
    cases.push({ leased, ...cost });
    say(`${leased} entries out: search ${cost.search.buffers} buffers`);
  }
  return cases;
}

/** Runs a call so many times, each rolled back, after a few that fill the caches. */
async function measureCall(
  client: pg.Client,
  sql: string,
  repeats: number,
): Promise<RunStatement[][]> {
  const runs: RunStatement[][] = [];
  for (let run = -5; run < repeats; run += 1) {
    await client.query('BEGIN');
    const statements = await runWatched(client, sql);
    await client.query('ROLLBACK');
    if (run >= 0) runs.push(statements);
  }
  return runs;
}

function claimCost(runs: readonly RunStatement[][]): ClaimCost {
  return {
    search: stepCost(runs, 'SKIP LOCKED'),
    handOut: stepCost(runs, 'WITH claimed AS'),
    call: lastCost(runs),
  };
}

/** The statement that contains the text, which has to have been planned in one way. */
function stepCost(runs: readonly RunStatement[][], text: string): StepCost {
  const steps = runs.map((statements) => {
    const step = statements.find(({ sql }) => sql.includes(text));
    if (step === undefined) throw new Error(`no statement with ${text} in a claim`);
    return step;
  });
  const plans = new Set(steps.map(({ nodes }) => nodes.join(' < ')));
  if (plans.size !== 1) throw new Error(`${text} was planned in ${plans.size} ways: ${[...plans]}`);
  return { ...costOf(steps), nodes: steps[0]?.nodes ?? [] };
}

function lastCost(runs: readonly RunStatement[][]): Cost {
  return costOf(runs.flatMap((statements) => statements.at(-1) ?? []));
}

function costOf(statements: readonly RunStatement[]): Cost {
  return {
    buffers: median(statements.map(({ buffers }) => buffers)),
    ms: Number(median(statements.map(({ ms }) => ms)).toFixed(3)),
  };
}

/** Plans of loading are of no interest, and cost time. */
async function unwatched(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('SET auto_explain.log_min_duration = -1');
  await work();
  await client.query('SET auto_explain.log_min_duration = 0');
}

async function tableBytes(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(
    "SELECT pg_table_size('conversion_queue') AS bytes",
  );
  return Number(rows[0]?.bytes);
}
