import type pg from 'pg';

/** How a queue is kept. */
export interface Keeping {
  readonly name: string;
  /** Storage settings of the table; none is PostgreSQL's own. */
  readonly storage: Readonly<Record<string, string>>;
  readonly claim?: 'claim_conversions' | 'claim_by_next_retry';
}

/** Those compared. */
export const KEEPINGS: readonly Keeping[] = [
  { name: 'as shipped', storage: shippedWith({}) },
  { name: "PostgreSQL's defaults", storage: {} },
  { name: 'shipped, but fillfactor 100', storage: shippedWith({ fillfactor: '100' }) },
  { name: 'shipped, but fillfactor 80', storage: shippedWith({ fillfactor: '80' }) },
  { name: 'shipped, but fillfactor 65', storage: shippedWith({ fillfactor: '65' }) },
  {
    name: 'fillfactor 65, leases in next_retry_at',
    storage: shippedWith({ fillfactor: '65' }),
    claim: 'claim_by_next_retry',
  },
];

function shippedWith(changes: Readonly<Record<string, string>>): Record<string, string> {
  return {
    fillfactor: '50',
    autovacuum_vacuum_scale_factor: '0.01',
    autovacuum_vacuum_threshold: '1000',
    vacuum_index_cleanup: 'on',
    ...changes,
  };
}

/** Throws where the migrations have set anything else than what is called shipped here. */
export async function checkShipped(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ set: string[] | null }>(
    "SELECT reloptions AS set FROM pg_class WHERE oid = 'conversion_queue'::regclass",
  );
  const set = rows[0]?.set ?? [];
  const shipped = Object.entries(shippedWith({})).map(([name, value]) => `${name}=${value}`);
  if (set.toSorted().join() !== shipped.toSorted().join()) {
    throw new Error(
      `The migrations set ${set.join(', ')}: say so in bench/queue/queue-storage.ts.`,
    );
  }
}

/** Leaves these settings and no other of those that the migrations set. */
export async function setStorage(
  client: pg.Client,
  storage: Readonly<Record<string, string>>,
): Promise<void> {
  const names = Object.keys(shippedWith({}));
  await client.query(`ALTER TABLE conversion_queue RESET (${names.join(', ')})`);
  const settings = Object.entries(storage).map(([name, value]) => `${name} = ${value}`);
  if (settings.length > 0) {
    await client.query(`ALTER TABLE conversion_queue SET (${settings.join(', ')})`);
  }
}
