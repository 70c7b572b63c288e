import pg from 'pg';

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
    pool.on('error', fail);
    pool.on('connect', (client) => client.on('error', fail));
    this.#pools.set(name, pool);
    const clients = await Promise.all(Array.from({ length: open }, () => pool.connect()));
    for (const client of clients) client.release();
    return pool;
  }

  async end(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
  }
}

function fail(error: Error): never {
  throw error;
}
