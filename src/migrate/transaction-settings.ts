import type { Deadline } from '../db/deadline.ts';
import { searchPath } from '../db/quoting.ts';
import type { Settings } from '../settings.ts';

/**
 * Outside of migrations only the server's own functions and operators are found: one that somebody
 * has created in a schema of the search path must not run with the migrator's privileges.
 */
export const SERVER_ALONE = 'SET LOCAL search_path = pg_catalog, pg_temp';

/** Migrations name tables without a schema: they are created in the first one. */
export function inSchemas({ schemas }: Settings): string {
  return `SET LOCAL search_path = ${searchPath(schemas)}`;
}

/**
 * Returns the settings of every transaction of this package, whatever the role, the database or the
 * session have set. All of them end with the transaction.
 */
export function transactionSettings(settings: Settings, deadline: Deadline): string {
  const { statementTimeoutMs, lockTimeoutMs } = settings;
  const left = Math.max(1, Math.ceil(deadline.leftMs));
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
  NULL; -- PostgreSQL before 17
END
$settings$;
DO $settings$
BEGIN
  -- The server notices within a second that this process has died, and frees the lock.
  SET LOCAL client_connection_check_interval = '1s';
EXCEPTION WHEN OTHERS THEN
  NULL; -- not supported on every platform
END
$settings$;`;
}
