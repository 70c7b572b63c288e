import type { Deadline } from '../db/deadline.ts';
import { searchPath } from '../db/quoting.ts';
import type { Settings } from '../settings.ts';

/**
 * Outside of migrations nothing but the server's own functions and operators is found: one that
 * somebody has put into a schema of the search path must not run with the migrator's rights.
 */
export const SERVER_ALONE = 'SET LOCAL search_path = pg_catalog, pg_temp';

/** Migrations name tables without their schema: they are created in the first one. */
export function inSchemas({ schemas }: Settings): string {
  return `SET LOCAL search_path = ${searchPath(schemas)}`;
}

/**
 * What a transaction of ours sets for itself, whatever the role, the database or the session have
 * set. All of it ends with the transaction.
 */
export function transactionSettings(settings: Settings, clock: Deadline): string {
  const { statementTimeoutMs, lockTimeoutMs } = settings;
  const left = Math.max(1, Math.ceil(clock.leftMs));
  const statementTimeout = statementTimeoutMs === 0 ? left : Math.min(statementTimeoutMs, left);
  return `${SERVER_ALONE};
SET LOCAL timezone = 'UTC';
SET LOCAL standard_conforming_strings = on;
SET LOCAL quote_all_identifiers = off;
SET LOCAL client_min_messages = warning;
SET LOCAL lock_timeout = ${lockTimeoutMs};
SET LOCAL statement_timeout = ${statementTimeout};
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL application_name = 'conversion-tracking-schema';
DO $settings$
BEGIN
  SET LOCAL transaction_timeout = 0;
EXCEPTION WHEN undefined_object THEN
  NULL; -- before 17
END
$settings$;
DO $settings$
BEGIN
  -- The server notices within a second that this process is gone, and frees the lock.
  SET LOCAL client_connection_check_interval = '1s';
EXCEPTION WHEN OTHERS THEN
  NULL; -- not on every platform
END
$settings$;`;
}
