import { literal } from '../db/quoting.ts';
import { LockTimeoutError } from '../errors.ts';
import { migrations } from '../schema/migrations.ts';
import type { Session } from './session.ts';
import { SERVER_ALONE } from './transaction-settings.ts';

const TABLES = migrations.flatMap(({ creates }) => creates.map(literal)).join(', ');
const MOST_NAMED = 3;

/**
 * Returns the error with the sessions that hold locks on the tables of the schema, the oldest
 * transactions first: only while it waits can the server tell which of them a statement waits for.
 * The error is unchanged where none is left.
 */
export async function withLockHolders(
  error: LockTimeoutError,
  { connection, settings }: Session,
): Promise<LockTimeoutError> {
  const holders = await connection
    .query<{ pid: number; tables: string }>(`${SERVER_ALONE};
      SELECT l.pid, string_agg(DISTINCT l.relation::regclass::text, ', ') AS tables
        FROM pg_locks l
        JOIN pg_class c ON c.oid = l.relation
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_stat_activity a ON a.pid = l.pid
       WHERE l.granted AND l.pid <> pg_backend_pid()
         AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
         AND n.nspname IN (${settings.schemas.map(literal).join(', ')}) AND c.relname IN (${TABLES})
       GROUP BY l.pid ORDER BY min(a.xact_start), l.pid LIMIT ${MOST_NAMED}`)
    .catch(() => []);
  const [first] = holders;
  if (!first) return error;
  const { migration, statement, cause, retryable } = error;
  const problem = error.message.slice(0, -error.hint.length).trimEnd();
  const named = holders.map(({ pid, tables }) => `pid ${pid} (${tables})`).join(', ');
  return new LockTimeoutError(`${problem} Locks are held by ${named}.`, {
    hint: `End that transaction (see pg_stat_activity), for instance with SELECT pg_terminate_backend(${first.pid}), or pass a longer timeoutMs.`,
    cause,
    retryable,
    migration,
    statement,
  });
}
