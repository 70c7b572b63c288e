import { type TrackingQueue, trackingQueue } from 'conversion-tracking-schema/queue';
import pg from 'pg';

// Next evaluates modules anew when a file changes in development; the pool is to stay.
const kept: typeof globalThis & { trackingPool?: pg.Pool } = globalThis;

/** The functions of the schema, on one pool for the process. */
export function queue(): TrackingQueue {
  kept.trackingPool ??= newPool();
  return trackingQueue(kept.trackingPool);
}

function newPool(): pg.Pool {
  const pool = new pg.Pool({
    connectionString: process.env.DATABASE_URL,
    connectionTimeoutMillis: 5_000,
  });
  // Without a listener, an idle connection that breaks would end the process.
  pool.on('error', (error) => console.error(`An idle connection broke: ${error.message}`));
  return pool;
}
