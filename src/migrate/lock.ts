import { PreflightError, sqlStateOf } from '../errors.ts';
import type { Session } from './session.ts';
import { SERVER_ALONE, transactionSettings } from './transaction-settings.ts';

/** node-pg-migrate's own key, so that its command and this package exclude each other. */
export const LOCK_KEY = 7241865325823964n;

/** What a standby answers to BEGIN READ WRITE. */
const STANDBY = new Set([
  '0A000', // feature_not_supported
  '25006', // read_only_sql_transaction
]);

/** Begins a transaction, and tries to take the migration lock. */
export const BEGIN_AND_TRY_LOCK = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
${SERVER_ALONE}; SET LOCAL idle_in_transaction_session_timeout = 0;
SELECT pg_catalog.pg_try_advisory_xact_lock(${LOCK_KEY})::text AS locked`;

/**
 * Begins a transaction and tries to take the migration lock in it. The lock and the settings end with
 * the transaction, so nothing is left in the session, also behind transaction pooling. The server
 * never waits for the lock: a session in its queue would hold a snapshot, and could not see that the
 * migrations are done.
 *
 * @returns whether the lock was taken; if not, the transaction is over
 */
export async function beginWithLock({ connection, settings, deadline }: Session): Promise<boolean> {
  try {
    const [row] = await connection.query<{ locked: string }>(BEGIN_AND_TRY_LOCK);
    if (row?.locked === 'true') {
      // After the lock, since these cost the server more than the try, and waiters need none.
      await connection.query(transactionSettings(settings, deadline));
      return true;
    }
  } catch (error) {
    // A second error, such as that of a broken connection, must not hide the first.
    await connection.query('ROLLBACK').catch(() => {});
    if (!STANDBY.has(sqlStateOf(error) ?? '')) throw error;
    const message = 'The server is a standby: it is read-only.';
    const fix = 'Connect to the primary.';
    throw new PreflightError([{ code: 'SERVER_IS_STANDBY', message, fix }], error);
  }
  await connection.query('ROLLBACK');
  return false;
}
