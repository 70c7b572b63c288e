import { withConnection } from '../db/connection.ts';
import { Deadline } from '../db/deadline.ts';
import { DATABASE_OPTIONS, type DatabaseOptions } from '../options.ts';
import { type QueueHealth, trackingQueue } from '../queue/index.ts';
import { resolveOptions } from '../settings.ts';

/** The state of the queue, with the server's time. */
export interface QueueHealthReading {
  readonly now: Date;
  readonly health: readonly QueueHealth[];
}

/**
 * Connects, and calls conversion_queue_health().
 *
 * @throws {@link TrackingSchemaError}: errors of the options, the connection and the call
 */
export async function readQueueHealth(options: DatabaseOptions): Promise<QueueHealthReading> {
  const settings = resolveOptions(options, DATABASE_OPTIONS);
  const deadline = new Deadline(settings);
  deadline.check();
  return withConnection(settings, deadline, (connection) => {
    const read = async (): Promise<QueueHealthReading> => {
      const db = { query: async (sql: string) => ({ rows: await connection.query<object>(sql) }) };
      const [schema] = settings.schemas;
      const health = await trackingQueue(db, { schema }).conversionQueueHealth();
      const [row] = await connection.query<{ now: Date }>(
        'SELECT pg_catalog.clock_timestamp() AS now',
      );
      return { now: row?.now ?? new Date(), health };
    };
    return deadline.guard(read().catch(rethrow), 0, () => connection.destroy());
  });
}

/** Turns errors of the server that the call does not know into typed ones. */
async function rethrow(error: unknown): Promise<never> {
  const { databaseError } = await import('../db/database-errors.ts');
  throw databaseError(error, { migration: undefined, statement: undefined });
}
