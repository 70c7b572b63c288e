import type { Clock } from './clock.ts';
import type { Settings } from './settings.ts';
import { searchPath } from './sql.ts';

/**
 * What a transaction of ours sets for itself, whatever the role, the database or the session have
 * set. All of it ends with the transaction.
 */
export function transactionSettings(settings: Settings, clock: Clock): string {
  const { statementTimeoutMs, lockTimeoutMs, schemas } = settings;
  const left = Math.max(1, Math.ceil(clock.leftMs));
  const statementTimeout = statementTimeoutMs === 0 ? left : Math.min(statementTimeoutMs, left);
  return `
      SET LOCAL search_path = ${searchPath(schemas)};
      SET LOCAL timezone = 'UTC';
      SET LOCAL standard_conforming_strings = on;
      SET LOCAL client_min_messages = warning;
      SET LOCAL lock_timeout = ${lockTimeoutMs};
      SET LOCAL statement_timeout = ${statementTimeout};
      SET LOCAL idle_in_transaction_session_timeout = 0;
      SET LOCAL application_name = 'conversion-tracking-schema';
      DO $settings$
      BEGIN
        IF current_setting('server_version_num')::int >= 170000 THEN
          SET LOCAL transaction_timeout = 0;
        END IF;
        -- The server notices within a second that this process is gone, and frees the lock.
        SET LOCAL client_connection_check_interval = '1s';
      EXCEPTION WHEN OTHERS THEN
        NULL; -- not on every platform
      END
      $settings$;`;
}
