import type pg from 'pg';
import { withClient } from '../../scripts/with-client.ts';
import { trackingQueue } from '../../src/queue/index.ts';
import type { Bench } from '../bench.ts';
import { interleave, time } from '../rounds.ts';

/** One way to delete. One value a round each. */
export interface PurgeFigures {
  readonly way: string;
  readonly walBytes: readonly number[];
  readonly ms: readonly number[];
  readonly statements: number;
  readonly longestStatementMs: readonly number[];
}

export interface PurgeResult {
  readonly rounds: number;
  readonly visitors: number;
  readonly events: number;
  readonly figures: readonly PurgeFigures[];
}

interface Sample {
  readonly walBytes: number;
  readonly durations: readonly number[];
}

type Way = (client: pg.Client, report: (ms: number) => void) => Promise<void>;

/** The function, a batch a call until it is done. */
const inBatchesOf =
  (limit: number): Way =>
  async (client, report) => {
    const queue = trackingQueue(client);
    for (let done = false; !done; ) {
      report(
        await time(async () => {
          ({ done } = await queue.purgeTrackingData({ older_than: '13 months', limit }));
        }),
      );
    }
  };

/** Statements without any limit, one after the other. */
const byStatements =
  (...statements: readonly string[]): Way =>
  async (client, report) => {
    for (const sql of statements) report(await time(() => client.query(sql)));
  };

const OLD = "now() - interval '13 months'";
const DELETE_VISITORS = `DELETE FROM visitors WHERE last_seen_at < ${OLD}`;
const DELETE_EVENTS = `DELETE FROM tracking_events WHERE created_at < ${OLD}`;

const WAYS: Readonly<Record<string, Way>> = {
  'purge_tracking_data, 10,000 rows a call': inBatchesOf(10_000),
  'purge_tracking_data, 1,000 rows a call': inBatchesOf(1000),
  'DELETE of the visitors, whose events stay': byStatements(DELETE_VISITORS),
  'DELETE of the visitors, then of the events': byStatements(DELETE_VISITORS, DELETE_EVENTS),
};

/** What it costs to delete old visitors and their events. */
export async function measurePurge({ server, quick, say }: Bench): Promise<PurgeResult> {
  const rounds = quick ? 1 : 5;
  const visitors = quick ? 500 : 10_000;
  const events = visitors * 10;
  const url = await server.createDatabase('bench_purge');
  const samples = await withClient(url, (client) =>
    interleave<Sample>(
      rounds,
      Object.entries(WAYS).map(([name, way]) => ({
        name,
        measure: async () => {
          await load(client, visitors, events);
          await server.checkpoint();
          const durations: number[] = [];
          const { walBytes } = await server.costOf(() => way(client, (ms) => durations.push(ms)));
          await expectEmpty(client, name.endsWith('stay'));
          return { walBytes, durations };
        },
      })),
      (round, name, { walBytes }) =>
        say(`round ${round}: ${name}: ${(walBytes / 1e6).toFixed(1)} MB of WAL`),
    ),
  );
  await server.dropDatabase('bench_purge');
  return {
    rounds,
    visitors,
    events,
    figures: Object.keys(WAYS).map((way, index) => {
      const own = samples[index] ?? [];
      return {
        way,
        walBytes: own.map(({ walBytes }) => walBytes),
        ms: own.map(({ durations }) => Math.round(durations.reduce((sum, ms) => sum + ms, 0))),
        statements: own[0]?.durations.length ?? 0,
        longestStatementMs: own.map(({ durations }) => Math.round(Math.max(...durations))),
      };
    }),
  };
}

/** Visitors and events in the order of time, all of them old. */
async function load(client: pg.Client, visitors: number, events: number): Promise<void> {
  await client.query('TRUNCATE visitors, tracking_events');
  await client.query(
    `INSERT INTO visitors (visitor_id, gclid, ip_hash, landing_page, first_seen_at, last_seen_at, created_at)
     SELECT 'v' || i, 'gclid-' || i, md5('ip ' || i), 'https://example.com/', t.at, t.at, t.at
       FROM generate_series(1, $1::integer) i
      CROSS JOIN LATERAL (SELECT ${OLD} - interval '1 day' - i * interval '1 minute' AS at) t`,
    [visitors],
  );
  await client.query(
    `INSERT INTO tracking_events (visitor_id, event_name, params, page_url, created_at)
     SELECT v.id, 'page_view', '{"scroll": 50}', 'https://example.com/', v.last_seen_at
       FROM generate_series(1, $1::integer) n CROSS JOIN visitors v`,
    [events / visitors],
  );
  await client.query('VACUUM (ANALYZE) visitors, tracking_events');
}

async function expectEmpty(client: pg.Client, eventsStay: boolean): Promise<void> {
  const { rows } = await client.query<{ visitors: number; events: number }>(
    `SELECT (SELECT count(*)::integer FROM visitors) AS visitors,
            (SELECT count(*)::integer FROM tracking_events) AS events`,
  );
  const [left] = rows;
  if (left?.visitors !== 0 || (left.events === 0) === eventsStay) {
    throw new Error(`A purge has left ${JSON.stringify(left)}.`);
  }
}
