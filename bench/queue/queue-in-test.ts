import pg from 'pg';
import { withClient } from '../../scripts/with-client.ts';
import type { Column } from '../lines.ts';
import { time } from '../rounds.ts';
import { loadQueue } from './load-queue.ts';

/** A queue of entries, ready to be taken and finished. */
export interface QueueInTest extends Column {
  /** Leaves exactly so many entries, vacuumed and analysed. */
  fill(entries: number): Promise<void>;
  /** Takes and finishes all of them, and returns how many milliseconds that took. */
  drain(workers: number, batch: number): Promise<number>;
  /** How many are left. */
  left(): Promise<number>;
  close(): Promise<void>;
}

/** What an upload needs to know, for the queues that carry it along with the entry. */
export function payload(index: number): Record<string, unknown> {
  return {
    conversion_id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    conversion_type: 'qualified',
    conversion_value: 100,
    conversion_currency: 'EUR',
    idempotency_key: `D-${index}:qualified`,
    crm_deal_id: `D-${index}`,
    gclid: `gclid-${index}`,
  };
}

/** What a worker does with a queue, over and over. */
export interface Taker {
  /** The ids of entries, none where the queue is empty. */
  take(limit: number): Promise<readonly string[]>;
  /** Finishes entries, and takes the next ones. */
  next(ids: readonly string[], limit: number): Promise<readonly string[]>;
}

/** Milliseconds until so many workers have left nothing. */
export function drainWith(taker: Taker, workers: number, batch: number): Promise<number> {
  const work = async () => {
    let ids = await taker.take(batch);
    while (ids.length > 0) ids = await taker.next(ids, batch);
  };
  return time(() => Promise.all(Array.from({ length: workers }, work)));
}

/** A conversion_queue, and what takes from it through a pool that has a connection for each worker. */
export function conversionQueue(
  { name, role }: Column,
  url: string,
  takerOf: (pool: pg.Pool) => Taker,
): QueueInTest {
  const pools = new KeptPools(url);
  return {
    name,
    role,
    fill: (entries) =>
      withClient(url, async (client) => {
        await loadQueue(client, entries, 'pending');
        await client.query('VACUUM (ANALYZE)');
      }),
    drain: async (workers, batch) =>
      drainWith(takerOf(await pools.get(`${workers}`, workers)), workers, batch),
    left: () =>
      countWith(url, "SELECT count(*) AS left FROM conversion_queue WHERE status <> 'uploaded'"),
    close: () => pools.end(),
  };
}

export async function countWith(url: string, sql: string): Promise<number> {
  const { rows } = await withClient(url, (client) => client.query<{ left: string }>(sql));
  return Number(rows[0]?.left);
}

/**
 * Pools that stay open over all rounds, as those of a worker that runs for long do: a round is not
 * to pay for connections, nor for what each of them has to learn once.
 */
export class KeptPools {
  readonly #pools = new Map<string, pg.Pool>();
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** The pool of that name, of at most `max` connections, with `open` of them open by now. */
  async get(name: string, max: number, open = max): Promise<pg.Pool> {
    const kept = this.#pools.get(name);
    if (kept) return kept;
    const pool = new pg.Pool({ connectionString: this.#url, max, idleTimeoutMillis: 0 });
    // What fails shows in what is left.
    pool.on('error', () => {});
    pool.on('connect', (client) => client.on('error', () => {}));
    this.#pools.set(name, pool);
    const clients = await Promise.all(Array.from({ length: open }, () => pool.connect()));
    for (const client of clients) client.release();
    return pool;
  }

  async end(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
  }
}
