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

/** What a call asks of its session. */
export interface SessionOptions {
  /** Reads when each migration was recorded as well. Default `false`. */
  readonly withTimes?: boolean;
  /**
   * How long a statement may still take once the deadline has passed, in milliseconds, so that a
   * transaction can be rolled back. Default 0, for calls that change nothing.
   */
  readonly graceMs?: number;
}

/** {@link SessionOptions.graceMs} of calls that change the database. */
export const GRACE_MS = 2_000;

/**
 * Connects, reads the migrations table with one statement, and passes both to `work`. Enforces the
 * deadline over all of it, and turns the server's errors into typed ones.
 */
export async function withSession<T>(
  settings: Settings,
  { withTimes = false, graceMs = 0 }: SessionOptions,
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
