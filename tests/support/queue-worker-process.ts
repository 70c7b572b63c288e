import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  type ClaimedConversion,
  type TrackingQueue,
  trackingQueue,
} from '../../src/queue/index.ts';

// A worker's process: takes entries, uploads them to a table, answers, until nothing is left to be
// uploaded. Its connection may go at any time: then it forgets what it had, and opens another.
const { url, limit, lease, slowness, slowMs } = JSON.parse(process.argv[2] ?? '{}');
const { TIMESTAMPTZ } = pg.types.builtins;

while (!(await worked().catch(() => false)));

/** True once nothing is left. */
async function worked(): Promise<boolean> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'queue worker',
    // As PostgreSQL writes it: a Date would lose the microseconds.
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === TIMESTAMPTZ ? String : pg.types.getTypeParser(oid, format),
    } as pg.CustomTypesConfig,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const queue = trackingQueue(client);
    for (;;) {
      let entries = await queue.claimConversions({ limit, lease });
      while (entries.length > 0) {
        process.stdout.write('claimed\n');
        await upload(client, entries.slice(0, limit / 2));
        await upload(client, entries.slice(limit / 2));
        if (Math.random() < slowness) await sleep(slowMs);
        entries = await answer(client, queue, entries);
      }
      if (await allDone(client)) return true;
      await sleep(20);
    }
  } finally {
    await client.end().catch(() => {});
  }
}

async function upload(client: pg.Client, entries: readonly ClaimedConversion[]): Promise<void> {
  await client.query(
    `INSERT INTO uploads (id, lease_id, leased_from, leased_until)
     SELECT e.id, e.lease_id, e.leased_until - $2::interval, e.leased_until
       FROM jsonb_to_recordset($1) e (id uuid, lease_id uuid, leased_until timestamptz)`,
    [JSON.stringify(entries), lease],
  );
}

/**
 * Most have been taken; some are to be tried again at once, and a few never will be. Every second time
 * the next entries are claimed along with the completion.
 */
async function answer(
  client: pg.Client,
  queue: TrackingQueue,
  entries: readonly ClaimedConversion[],
): Promise<readonly ClaimedConversion[]> {
  const fates = entries.map(({ id }) => ({ id, luck: Math.random() }));
  const ids = (from: number, to: number) =>
    fates.filter(({ luck }) => luck >= from && luck < to).map(({ id }) => id);
  const lease_id = entries[0]?.lease_id ?? '';
  const taken = ids(0, 0.8);
  await queue.failConversions({
    ids: ids(0.8, 0.98),
    lease_id,
    error: 'no answer',
    retry_at: '2000-01-01',
  });
  await queue.failConversions({ ids: ids(0.98, 1), lease_id, error: 'refused', permanent: true });
  if (Math.random() < 0.5) return queue.completeAndClaim({ ids: taken }, { limit, lease });
  const completed = await queue.completeConversions({ ids: taken });
  const applied = completed.filter((entry) => entry.applied).map(({ id }) => id);
  await client.query(
    'INSERT INTO completions SELECT id, id = ANY ($2) FROM unnest($1::uuid[]) e (id)',
    [taken, applied],
  );
  return [];
}

async function allDone(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT FROM conversion_queue WHERE status IN ('pending', 'failed') LIMIT 1`,
  );
  return rows.length === 0;
}
