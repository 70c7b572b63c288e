import { type TrackingQueue, trackingQueue } from '../../src/queue/index.ts';
import { afterFile } from './after-file.ts';
import { createMigratedDatabase, type TestDatabase } from './database.ts';

/** The migrated database of a test file, with nothing in it except a lead, and the queue's functions. */
export interface QueueDatabase {
  readonly db: TestDatabase;
  readonly queue: TrackingQueue;
  /** The id of a lead. */
  readonly lead: string;
  /** Records conversions of the lead, each due a second after the one before, and long since. */
  record(count: number, platforms?: readonly string[]): Promise<void>;
  /** Lets time pass: everything that is to happen comes nearer. */
  pass(interval: string): Promise<void>;
  /** Entries by the deal of their conversion, in its order. */
  entries(): Promise<readonly Entry[]>;
}

/** A row of conversion_queue, as far as the functions change it. */
export interface Entry {
  readonly deal: string;
  readonly id: string;
  readonly platform: string;
  readonly status: string;
  readonly retry_count: number;
  readonly next_retry_at: Date | null;
  readonly leased_until: Date | null;
  readonly lease_id: string | null;
  readonly last_error: string | null;
  readonly error_code: string | null;
  readonly request_id: string | null;
  readonly uploaded_at: Date | null;
  readonly send_alone: boolean | null;
}

let migrated: Promise<TestDatabase> | undefined;

afterFile(() => {
  migrated = undefined;
});

/** Empties the database of this test file for the next test, and makes it for the first. */
export async function emptyQueueDatabase(): Promise<QueueDatabase> {
  migrated ??= createMigratedDatabase();
  const db = await migrated;
  await db.query('TRUNCATE leads, visitors, upload_requests CASCADE');
  const [row] = await db.query<{ id: string }>('INSERT INTO leads DEFAULT VALUES RETURNING id');
  const lead = row?.id ?? '';
  return {
    db,
    lead,
    queue: trackingQueue({
      query: async (text, values) => ({ rows: await db.query(text, values) }),
    }),
    record: async (count, platforms = ['google_ads']) => {
      await db.query(
        `SELECT record_conversion($1, 'closed', 'D-' || n, platforms => $3) FROM generate_series(1, $2) n`,
        [lead, count, platforms],
      );
      await db.query(
        `UPDATE conversion_queue q SET created_at = now() - interval '1 day' + split_part(c.crm_deal_id, '-', 2)::int * interval '1 second'
           FROM conversions c WHERE c.id = q.conversion_id`,
      );
    },
    pass: async (interval) => {
      await db.query(
        `UPDATE conversion_queue SET created_at = created_at - $1::interval,
           next_retry_at = next_retry_at - $1::interval, leased_until = leased_until - $1::interval`,
        [interval],
      );
      await db.query(
        `UPDATE upload_requests SET accepted_at = accepted_at - $1::interval,
           next_check_at = next_check_at - $1::interval, settled_at = settled_at - $1::interval`,
        [interval],
      );
    },
    entries: () =>
      db.query<Entry>(
        `SELECT c.crm_deal_id AS deal, q.id, q.platform, q.status, q.retry_count, q.next_retry_at, q.leased_until,
                q.lease_id, q.last_error, q.error_code, q.request_id, q.uploaded_at, q.send_alone
           FROM conversion_queue q JOIN conversions c ON c.id = q.conversion_id
          ORDER BY length(c.crm_deal_id), c.crm_deal_id, q.platform`,
      ),
  };
}
