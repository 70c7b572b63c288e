import pg from 'pg';
import type { Entries, Entry, Micros } from './entry.ts';
import { keyOf, type Request, type Requests } from './request.ts';

/** No worker may wait for a lock here. */
const LOCK_TIMEOUT = '2s';

const { TIMESTAMPTZ } = pg.types.builtins;

/** A connection that reads times to the microsecond. */
export async function openSession(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    options: `-c timezone=UTC -c lock_timeout=${LOCK_TIMEOUT}`,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === TIMESTAMPTZ ? microsOf : pg.types.getTypeParser(oid, format),
    } as pg.CustomTypesConfig,
  });
  // The server may end it, and the next call says so.
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** What PostgreSQL writes in UTC: 2026-11-22 18:00:00.123456+00, without zeros at the end. */
function microsOf(text: string): Micros {
  const [seconds = '', fraction = ''] = text.replace(/\+00$/, '').split('.');
  return Date.parse(`${seconds}Z`) * 1000 + Number(fraction.padEnd(6, '0'));
}

/** The same time for PostgreSQL to read. */
export function textOf(time: Micros): string {
  const iso = new Date(Math.floor(time / 1000)).toISOString().replace('Z', '');
  return `${iso}${String(time % 1000).padStart(3, '0')}+00`;
}

/** The whole queue as one session sees it, and the server's clock after what it did before. */
export interface Sight {
  readonly at: Micros;
  readonly entries: Entries;
  readonly requests: Requests;
}

const LOOK = `
  SELECT clock_timestamp() AS at, q.id, q.conversion_id, q.platform, q.status, q.retry_count,
         q.max_retries, q.next_retry_at, q.last_error, q.error_code, q.request_id, q.uploaded_at,
         q.created_at, q.leased_until, q.lease_id, q.send_alone
    FROM (SELECT) one LEFT JOIN conversion_queue q ON true`;

export async function look(client: pg.Client): Promise<Sight> {
  const { rows } = await client.query<Entry & { at: Micros }>(LOOK);
  const entries = new Map<string, Entry>();
  let now = 0;
  for (const { at, ...entry } of rows) {
    now = Math.max(now, at);
    if (entry.id !== null) entries.set(entry.id, entry);
  }
  const found = await client.query<Request>('SELECT * FROM upload_requests');
  const requests = new Map(found.rows.map((request) => [keyOf(request), request]));
  return { at: now, entries, requests };
}
