import { clientInTransaction, withConnection } from '../db/connection.ts';
import { Deadline } from '../db/deadline.ts';
import { emitTo } from '../events.ts';
import type { Settings } from '../settings.ts';
import { type MigrationsTable, readMigrationsTable } from './migrations-table.ts';
import { migrationsTableName, type Run, type Work, workFor } from './run.ts';

/** How long a statement under way may take to end once the run has to. */
const GRACE_MS = 2_000;

/**
 * Connects, and reads the migrations table with one statement.
 *
 * @param goOn - is told what that says is to be done; in time, and with typed errors
 */
export async function beginRun<T>(
  settings: Settings,
  goOn: (run: Run, work: Work) => Promise<T>,
): Promise<T> {
  return withMigrationsTable(settings, { graceMs: GRACE_MS }, (run, migrationsTable) =>
    goOn(run, workFor(migrationsTable, settings)),
  );
}

/**
 * The same for who only looks.
 *
 * @param options - `withTimes`: also when each migration was recorded; `graceMs`: how long a
 *   statement under way may take to end once the call has to
 */
export async function withMigrationsTable<T>(
  settings: Settings,
  { withTimes = false, graceMs = 0 }: { withTimes?: boolean; graceMs?: number },
  goOn: (run: Run, migrationsTable: MigrationsTable) => Promise<T> | T,
): Promise<T> {
  const clock = new Deadline(settings);
  clock.check();
  return withConnection(settings, clock, (connection) => {
    const emit = emitTo(settings.onEvent, settings.logger);
    const run = { settings, clock, connection, emit };
    const start = async () => {
      const migrationsTable = await readMigrationsTable(
        connection,
        migrationsTableName(settings),
        withTimes,
      );
      if (migrationsTable.inTransaction) throw clientInTransaction();
      return goOn(run, migrationsTable);
    };
    const result = start().catch(async (error: unknown) => {
      const { databaseError } = await import('../db/database-errors.ts');
      throw databaseError(error, { migration: undefined, statement: undefined });
    });
    return clock.guard(result, graceMs, () => connection.destroy());
  });
}
