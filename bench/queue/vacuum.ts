import type pg from 'pg';
import { withClient } from '../../scripts/with-client.ts';
import type { Bench } from '../bench.ts';
import { interleave, time } from '../rounds.ts';
import { takeCosts, trackStatements } from '../statements.ts';
import { CLAIM_BY_NEXT_RETRY } from './claim-by-next-retry.ts';
import { insertEntries, loadQueue } from './queue-rows.ts';
import { checkShipped, KEEPINGS, type Keeping, setStorage } from './queue-storage.ts';

/** What was seen every so many entries, up to that number. */
export interface Stretch {
  readonly entries: number;
  readonly buffersPerClaim: number;
  readonly deadTuples: number;
}

export interface VacuumSample {
  readonly stretches: readonly Stretch[];
  /** Taking and finishing alone; entries were inserted off the clock. */
  readonly entriesPerSecond: number;
  /** Microseconds of the server's and the client's CPU, with inserting and vacuuming. */
  readonly cpuPerEntry: number | undefined;
  /** By the statements that took and finished an entry. */
  readonly walPerEntry: number;
  /** By the whole server, with inserting and vacuuming. */
  readonly allWalPerEntry: number;
  /** Of the updates, those that wrote to no index. */
  readonly hotShare: number;
  readonly vacuums: number;
  readonly tableGrowthBytes: number;
  readonly indexGrowthBytes: number;
}

export interface VacuumResult {
  readonly rounds: number;
  readonly rows: number;
  readonly entries: number;
  readonly batch: number;
  readonly keepings: readonly {
    readonly name: string;
    readonly samples: readonly VacuumSample[];
  }[];
}

const TEMPLATE = 'bench_vacuum_template';
const DATABASE = 'bench_vacuum';
const BATCH = 20;
/** Entries that come in at once, before they are worked off. */
const INFLOW = 1000;

/** What the storage settings of the queue and the place of the lease are worth over a long run. */
export async function measureVacuum(bench: Bench): Promise<VacuumResult> {
  const { server, quick, say } = bench;
  const rounds = quick ? 1 : 2;
  const rows = quick ? 20_000 : 1_000_000;
  const entries = quick ? 4000 : 100_000;
  const stretch = quick ? 1000 : 10_000;
  await withClient(await server.createDatabase(TEMPLATE), async (client) => {
    await trackStatements(client);
    await client.query(CLAIM_BY_NEXT_RETRY);
    await checkShipped(client);
    // What is there by now is packed: no way to keep it finds room in old pages.
    await setStorage(client, {});
    await loadQueue(client, rows, 'settled');
    await client.query('VACUUM (ANALYZE)');
  });
  await server.configure({ autovacuum: 'on' });
  const samples = await interleave(
    rounds,
    KEEPINGS.map((keeping) => ({
      name: keeping.name,
      measure: () => measureRun(bench, keeping, entries, stretch),
    })),
    (round, name, { entriesPerSecond, walPerEntry }) =>
      say(
        `round ${round}: ${name}: ${entriesPerSecond} entries/s, ${walPerEntry} bytes of WAL each`,
      ),
  );
  await server.configure({ autovacuum: 'off' });
  await server.dropDatabase(TEMPLATE);
  return {
    rounds,
    rows,
    entries,
    batch: BATCH,
    keepings: KEEPINGS.map(({ name }, index) => ({ name, samples: samples[index] ?? [] })),
  };
}

async function measureRun(
  { server }: Bench,
  { storage, claim = 'claim_conversions' }: Keeping,
  entries: number,
  stretch: number,
): Promise<VacuumSample> {
  const url = await server.copyDatabase(TEMPLATE, DATABASE);
  const sample = await withClient(url, async (client) => {
    await setStorage(client, storage);
    const before = await sizes(client);
    const stretches: Stretch[] = [];
    let ms = 0;
    let walBytes = 0;
    await takeCosts(client, []);
    const all = await server.costOf(async () => {
      for (let done = 0; done < entries; done += stretch) {
        for (let come = 0; come < stretch; come += INFLOW) {
          await insertEntries(client, INFLOW);
          ms += await time(() => workOff(client, claim));
        }
        const [claims, answers] = await takeCosts(client, [claim, 'complete_conversions']);
        if (!claims || !answers) throw new Error('no costs');
        walBytes += claims.walBytes + answers.walBytes;
        stretches.push({
          entries: done + stretch,
          buffersPerClaim: Math.round(claims.buffers / claims.calls),
          deadTuples: (await activity(client)).dead,
        });
      }
    });
    const after = await sizes(client);
    const { updates, hot, vacuums } = await activity(client);
    return {
      stretches,
      entriesPerSecond: Math.round((entries / ms) * 1000),
      cpuPerEntry: all.cpuMs === undefined ? undefined : Math.round((all.cpuMs * 1000) / entries),
      walPerEntry: Math.round(walBytes / entries),
      allWalPerEntry: Math.round(all.walBytes / entries),
      hotShare: Number((hot / updates).toFixed(3)),
      vacuums,
      tableGrowthBytes: after.table - before.table,
      indexGrowthBytes: after.indexes - before.indexes,
    };
  });
  await server.dropDatabase(DATABASE);
  return sample;
}

/** Claims and completes all due entries; the last claim, which finds nothing, is counted. */
async function workOff(client: pg.Client, claim: string): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ id: string }>(
      `SELECT id FROM ${claim}('google_ads', $1)`,
      [BATCH],
    );
    if (rows.length === 0) return;
    await client.query('SELECT FROM complete_conversions($1)', [rows.map(({ id }) => id)]);
  }
}

async function sizes(client: pg.Client): Promise<{ table: number; indexes: number }> {
  const { rows } = await client.query<{ table: number; indexes: number }>(
    `SELECT pg_table_size('conversion_queue')::float AS table,
            pg_indexes_size('conversion_queue')::float AS indexes`,
  );
  return rows[0] ?? { table: 0, indexes: 0 };
}

interface Activity {
  readonly updates: number;
  readonly hot: number;
  readonly dead: number;
  readonly vacuums: number;
}

async function activity(client: pg.Client): Promise<Activity> {
  await client.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await client.query<Activity>(
    `SELECT n_tup_upd::float AS updates, n_tup_hot_upd::float AS hot, n_dead_tup::float AS dead,
            autovacuum_count::integer AS vacuums
       FROM pg_stat_user_tables WHERE relname = 'conversion_queue'`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('no statistics of conversion_queue');
  return row;
}
