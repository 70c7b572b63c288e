import type { Connection } from '../db/connection.ts';
import type { Deadline } from '../db/deadline.ts';
import { type LockHolder, PreflightError, sqlStateOf } from '../errors.ts';
import type { Settings } from '../settings.ts';
import { SERVER_ALONE, transactionSettings } from './transaction-settings.ts';

/** node-pg-migrate's own key, so that its CLI and this package exclude each other. */
export const LOCK_KEY = 7241865325823964n;

/** What a standby answers to BEGIN READ WRITE. */
const STANDBY = new Set([
  '0A000', // feature_not_supported
  '25006', // read_only_sql_transaction
]);

/** Begins a transaction, and tries to take the migration lock. */
export const BEGIN_AND_TRY_LOCK = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
${SERVER_ALONE};
SELECT pg_catalog.pg_try_advisory_xact_lock(${LOCK_KEY})::text AS locked`;

/**
 * Begins a transaction, tries to take the migration lock, and with it sets what a run needs: those
 * who wait do without, for it takes the server longer than the try. All of it ends with the
 * transaction: nothing is left behind in the session, and the lock holds through a transaction pooler.
 *
 * The lock is tried, never waited for: a waiter in the server's queue would hold a snapshot and a
 * connection for as long, and could not see that there is nothing left to do.
 *
 * @returns whether the lock was taken; where not, the transaction is over
 */
export async function beginWithLock(
  connection: Connection,
  settings: Settings,
  clock: Deadline,
): Promise<boolean> {
  try {
    const [row] = await connection.query<{ locked: string }>(BEGIN_AND_TRY_LOCK);
    if (row?.locked === 'true') {
      await connection.query(transactionSettings(settings, clock));
      return true;
    }
  } catch (error) {
    await connection.query('ROLLBACK');
    throw STANDBY.has(sqlStateOf(error) ?? '') ? readOnly(error) : error;
  }
  await connection.query('ROLLBACK');
  return false;
}

function readOnly(cause: unknown): PreflightError {
  return new PreflightError(
    [
      {
        code: 'READ_ONLY',
        message: 'The server is a standby: it takes no changes.',
        fix: 'Connect to the primary.',
      },
    ],
    cause,
  );
}

/** What a look at the migration lock has found. */
export interface LockPoll {
  /** Whether nobody has it. */
  readonly free: boolean;
  /** Whether the next look may wait in the server. */
  readonly mayWait: boolean;
}

/** Takes the lock with others, for as long as the statement runs. */
const TRY_SHARED = `pg_catalog.pg_try_advisory_xact_lock_shared(${LOCK_KEY})`;

/** Whether nobody has the migration lock now. */
export async function pollLock(connection: Connection): Promise<LockPoll> {
  return poll(connection, `SELECT ${TRY_SHARED}::pg_catalog.text AS free`);
}

/**
 * The same, asked in the server again and again until it is free, or for `ms`, with a nap of `napMs`
 * before each try: that takes nothing of this process. A pooler's connection would be kept from the
 * application.
 */
export async function pollLockInServer(
  connection: Connection,
  ms: number,
  napMs: number,
): Promise<LockPoll> {
  const tries = Math.max(1, Math.ceil(ms / napMs));
  return poll(
    connection,
    `SET LOCAL statement_timeout = 0;
SELECT coalesce((SELECT 'true' FROM pg_catalog.generate_series(1, ${tries})
                  WHERE CASE WHEN pg_catalog.pg_sleep(${napMs / 1_000}) IS NULL THEN false
                        ELSE ${TRY_SHARED} END
                  LIMIT 1), 'false') AS free`,
  );
}

async function poll(connection: Connection, sql: string): Promise<LockPoll> {
  const [row] = await connection.query<{
    free: string;
    pid: string;
    timeout: string;
    sleeps: string;
  }>(`${sql}, pg_catalog.pg_backend_pid()::pg_catalog.text AS pid,
       coalesce(pg_catalog.current_setting('transaction_timeout', true), '0') AS timeout,
       pg_catalog.has_function_privilege('pg_catalog.pg_sleep(double precision)', 'EXECUTE')::pg_catalog.text AS sleeps`);
  const unhindered = row?.timeout === '0' && row.sleeps === 'true';
  return {
    free: row?.free === 'true',
    mayWait: unhindered && connection.mayWaitIn(Number(row.pid)),
  };
}

/** Who holds the migration lock now: another migrator, or node-pg-migrate's CLI; nobody who only polls. */
export async function findLockHolder(connection: Connection): Promise<LockHolder | undefined> {
  const [row] = await connection.query<{
    pid: number;
    application_name: string | null;
    usename: string | null;
    since: string | null;
    query: string | null;
  }>(`
    SELECT l.pid, a.application_name, a.usename, a.query,
           pg_catalog.to_char(coalesce(a.xact_start, a.state_change) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS since
      FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.mode = 'ExclusiveLock' AND l.granted AND l.objsubid = 1
       AND l.database = (SELECT oid FROM pg_database WHERE datname = pg_catalog.current_database())
       AND l.classid = ${LOCK_KEY >> 32n}::oid AND l.objid = ${LOCK_KEY & 0xffff_ffffn}::oid
     LIMIT 1`);
  return (
    row && {
      pid: row.pid,
      applicationName: row.application_name ?? '',
      user: row.usename ?? '',
      since: row.since === null ? undefined : new Date(row.since),
      statement: redact(row.query ?? ''),
    }
  );
}

/** A statement of somebody else's, shortened and without its literals: one may be a password. */
function redact(statement: string): string {
  return statement
    .replace(/'(?:[^']|'')*('|$)|(\$\w*\$)[\s\S]*?(\2|$)/g, "'…'")
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 120);
}
