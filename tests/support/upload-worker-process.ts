import pg from 'pg';
import {
  type AcceptedEntries,
  type ClaimedConversion,
  type RejectedEntries,
  readRequestStatus,
  runUploads,
  trackingQueue,
} from '../../src/queue/index.ts';

// A worker's process: uploads to a server in Google's place and checks its results until SIGTERM.
const { url, google, batchSize, lease } = JSON.parse(process.argv[2] ?? '{}');
const pool = new pg.Pool({ connectionString: url, max: 2 });
pool.on('error', () => {});
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
process.stdout.write('started\n');

/** Sends entries, and again without those for which the request was refused. */
async function upload(
  entries: readonly ClaimedConversion[],
): Promise<(AcceptedEntries | RejectedEntries)[]> {
  if (entries.length === 0) return [];
  const response = await fetch(`${google}/v1/events:ingest`, {
    method: 'POST',
    body: JSON.stringify({
      events: entries.map(({ idempotency_key }) => ({ transactionId: idempotency_key })),
    }),
  });
  const ids = entries.map(({ id }) => id);
  if (response.ok) {
    const { requestId } = (await response.json()) as { requestId: string };
    return [{ ids, request_id: requestId }];
  }
  if (response.status !== 400) throw new Error(`HTTP ${response.status}`);
  const { refused, code } = (await response.json()) as { refused: number[]; code: string };
  const others = entries.filter((_, place) => !refused.includes(place));
  return [
    { ids: refused.map((place) => ids[place] ?? ''), error: 'refused', error_code: code },
    ...(await upload(others)),
  ];
}

await runUploads({
  queue: trackingQueue(pool),
  upload,
  checkRequest: async ({ request_id }) => {
    const response = await fetch(`${google}/v1/requestStatus:retrieve?requestId=${request_id}`);
    return readRequestStatus(await response.json());
  },
  signal: stop.signal,
  batchSize,
  lease,
  pollMs: 20,
});
await pool.end();
