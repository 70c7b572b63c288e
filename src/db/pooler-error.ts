import { AuthenticationFailedError, TlsFailedError, type TrackingSchemaError } from '../errors.ts';
import { failed, HINTS, noDatabase } from './connect-failures.ts';

/** What PgBouncer and Supavisor send for nearly everything. Only their messages tell more. */
const POOLER = new Set([
  '08P01', // protocol_violation
  'XX000', // internal_error
]);

/** Returns the typed error for a refusal of a connection pooler, or undefined for any other error. */
export function poolerError(
  sqlState: string,
  message: string,
  cause: unknown,
): TrackingSchemaError | undefined {
  if (!POOLER.has(sqlState)) return undefined;
  const says = (words: RegExp) => words.test(message);
  const refused = (hint: string) =>
    new AuthenticationFailedError(`The pooler refused the login: ${message}.`, { hint, cause });
  if (says(/^no such database|database .* (is disabled|does not exist)/)) {
    return noDatabase(message, cause);
  }
  if (says(/tenant.* not found|no tenant identifier|user or db_name/i)) {
    return refused(HINTS.poolerUser);
  }
  if (says(/address not in tenant allow_list/)) return refused(HINTS.address);
  if (
    says(/no (such )?user|user not found|login rejected|authentication failed|password returned/)
  ) {
    return refused('Correct the user or the password in the database URL.');
  }
  if (says(/SSL (connection is )?required|connection is insecure/i)) {
    return new TlsFailedError(`The server requires TLS: ${message}.`, {
      hint: HINTS.requireTls,
      cause,
    });
  }
  if (says(/no more connections|connections exceeded|max client/i)) {
    return failed(message, HINTS.tooMany, cause, true);
  }
  if (says(/startup (parameter|message|packet)/i)) {
    return failed(message, HINTS.parameter, cause, false);
  }
  const unready = /time_?out|login has been failing|shutting down|cannot connect|checkout|circuit/i;
  const hint = 'Check that the pooler reaches its server, and call again.';
  return says(unready) ? failed(message, hint, cause, true) : undefined;
}
