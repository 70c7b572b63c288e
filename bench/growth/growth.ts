import pg from 'pg';
import { withClient } from '../../scripts/with-client.ts';
import { verifySchema } from '../../src/index.ts';
import type { Bench } from '../bench.ts';
import type { Line, SectionResult } from '../lines.ts';
import { loadQueue } from '../queue/load-queue.ts';
import { type Contestant, interleave, time } from '../rounds.ts';
import { loadVisitors } from './load-visitors.ts';

/** A call, and what has to come before it in its transaction. */
interface Call {
  readonly what: string;
  readonly before?: string;
  readonly sql: string;
}

const CALLS: readonly Call[] = [
  { what: 'claim_conversions, 100 entries', sql: 'SELECT * FROM claim_conversions()' },
  {
    what: 'complete_conversions, 100 entries',
    before: 'CREATE TEMPORARY TABLE taken ON COMMIT DROP AS SELECT id FROM claim_conversions()',
    sql: 'SELECT * FROM complete_conversions((SELECT array_agg(id) FROM taken))',
  },
  { what: 'conversion_queue_health', sql: 'SELECT * FROM conversion_queue_health()' },
  {
    what: 'record_conversion',
    sql: "SELECT * FROM record_conversion((SELECT id FROM leads LIMIT 1), 'closed', 'new deal', 10)",
  },
  { what: 'upsert_visitor, known', sql: "SELECT * FROM upsert_visitor('visitor 77')" },
  { what: 'upsert_visitor, new', sql: "SELECT * FROM upsert_visitor('somebody else')" },
  {
    what: 'purge_tracking_data, 1,000 rows',
    sql: 'SELECT * FROM purge_tracking_data(\'13 months\', "limit" => 1000)',
  },
];

/** Rolled back, these fill the caches. */
const WARM_UP = 3;

/** What one call costs as the tables grow: so many conversions, their entries, visitors and events. */
export async function measureGrowth(bench: Bench): Promise<SectionResult> {
  const { server, quick, say } = bench;
  const sizes = quick ? [1000, 10_000] : [10_000, 100_000, 1_000_000, 10_000_000];
  const tables: { name: string; url: string; client: pg.Client }[] = [];
  for (const rows of sizes) {
    const url = await server.createDatabase(`bench_growth_${rows}`);
    const client = new pg.Client(url);
    await client.connect();
    // Both cores.
    await Promise.all([
      loadQueue(client, rows, 'mixed'),
      withClient(url, (other) => loadVisitors(other, rows)),
    ]);
    await client.query('VACUUM (ANALYZE)');
    tables.push({ name: rows.toLocaleString('en'), url, client });
    say(`${rows} rows are there`);
  }
  await server.checkpoint();
  const lines: Line[] = [];
  const add = async (what: string, contestants: readonly Contestant[]) => {
    for (let call = 0; call < WARM_UP; call += 1) {
      for (const { measure } of contestants) await measure();
    }
    const { ms = {}, buffers } = await interleave(bench, what, contestants, {
      ...{ seconds: 5, least: 7, most: 15 },
    });
    lines.push({ what, unit: 'ms', better: 'less', samples: ms });
    if (buffers) lines.push({ what, unit: 'buffers', better: 'less', samples: buffers });
  };
  for (const call of CALLS) {
    const measure = (client: pg.Client) => explainRolledBack(client, call);
    await add(
      call.what,
      tables.map(({ name, client }) => ({ name, measure: () => measure(client) })),
    );
  }
  await add(
    'verifySchema()',
    tables.map(({ name, url }) => ({
      name,
      measure: async () => ({ ms: await time(() => verifySchema({ databaseUrl: url })) }),
    })),
  );
  for (const { client } of tables) await client.end();
  for (const rows of sizes) await server.dropDatabase(`bench_growth_${rows}`);
  return { columns: tables.map(({ name }) => ({ name, role: 'size' })), lines };
}

interface Explained {
  readonly Plan: {
    readonly 'Actual Total Time': number;
    readonly 'Shared Hit Blocks': number;
    readonly 'Shared Read Blocks': number;
  };
}

/** What a call costs with all that runs inside, and leaves everything as it was. */
async function explainRolledBack(
  client: pg.Client,
  { before, sql }: Call,
): Promise<{ ms: number; buffers: number }> {
  await client.query('BEGIN');
  if (before !== undefined) await client.query(before);
  const { rows } = await client.query<{ 'QUERY PLAN': Explained[] }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`,
  );
  await client.query('ROLLBACK');
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
  if (plan === undefined) throw new Error(`no plan of ${sql}`);
  return {
    ms: plan['Actual Total Time'],
    buffers: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
  };
}
