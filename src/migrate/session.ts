import { type Connection, clientInTransaction, withConnection } from '../db/connection.ts';
import { Deadline } from '../db/deadline.ts';
import { emitTo, type MigrationEvent } from '../events.ts';
import type { Settings } from '../settings.ts';
import {
  type MigrationsTable,
  migrationsTableName,
  readMigrationsTable,
} from './migrations-table.ts';

/** What every step of a call needs. */
export interface Session {
  readonly settings: Settings;
  readonly deadline: Deadline;
  readonly connection: Connection;
  readonly emit: (event: MigrationEvent) => void;
}

/** How long calls that change the database may take to roll back after the deadline, in milliseconds. */
export const GRACE_MS = 2_000;

/**
 * Connects, reads the migrations table in one round trip, and passes both to `work`. Enforces the
 * deadline over all of it, and turns the server's errors into typed ones.
 *
 * @param options - `withTimes`: reads when each migration was recorded as well; `graceMs`: how long a
 *   statement may still take after the deadline, default 0, for calls that change nothing
 */
export async function withSession<T>(
  settings: Settings,
  { withTimes = false, graceMs = 0 }: { withTimes?: boolean; graceMs?: number },
  work: (session: Session, table: MigrationsTable) => Promise<T> | T,
): Promise<T> {
  const deadline = new Deadline(settings);
  deadline.check();
  const emit = emitTo(settings.onEvent, settings.logger);
  return withConnection(settings, deadline, (connection) => {
    const result = readThenWork({ settings, deadline, connection, emit }, withTimes, work);
    return deadline.guard(result, graceMs, () => connection.destroy());
  });
}

async function readThenWork<T>(
  session: Session,
  withTimes: boolean,
  work: (session: Session, table: MigrationsTable) => Promise<T> | T,
): Promise<T> {
  const { connection, settings } = session;
  try {
    const table = await readMigrationsTable(connection, migrationsTableName(settings), withTimes);
    if (table.inTransaction) throw clientInTransaction();
    return await work(session, table);
  } catch (error) {
    const { databaseError } = await import('../db/database-errors.ts');
    throw databaseError(error, { migration: undefined, statement: undefined });
  }
}
