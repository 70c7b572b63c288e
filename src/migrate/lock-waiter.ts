import type { Connection } from '../db/connection.ts';
import { type LockHolder, MigrationLockTimeoutError } from '../errors.ts';
import { jitter } from './backoff.ts';
import { LOCK_KEY } from './lock.ts';
import type { Session } from './session.ts';

/**
 * Delay before the next poll: a third of the time waited so far, so that a waiter is late by a
 * fraction of what the migration takes. In milliseconds.
 */
const SHARE_OF_WAIT = 1 / 3;
const SHORTEST_POLL_MS = 20;
const LONGEST_POLL_MS = 1_000;

/** How often the migrations table is read all the same: a holder may have committed and kept the lock. */
const READ_TABLE_MS = 1_000;

/** Looking up the lock holder is expensive, and most waits are over by then. */
const FIRST_EVENT_MS = 2_000;
const NEXT_EVENT_MS = 5_000;

/** Waits for the migration lock: its delays, events and timeout. */
export class LockWaiter {
  readonly #session: Session;
  #since: number | undefined;
  #nextEventAt = 0;
  #wasFree = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Starts the next wait anew. To be called when this process holds the lock. */
  reset(): void {
    this.#since = undefined;
    this.#wasFree = false;
  }

  /**
   * Waits until the lock is free, or for a second.
   *
   * @throws {MigrationLockTimeoutError} after `migrationLockTimeoutMs`, with the lock holder
   */
  async untilFree(): Promise<void> {
    const { deadline, connection, settings } = this.#session;
    const end = deadline.elapsedMs + READ_TABLE_MS;
    do {
      const waitedMs = await this.#report();
      // Free a moment ago, and taken by another: its wait begins anew.
      const delayMs = this.#wasFree ? 0 : Math.min(LONGEST_POLL_MS, waitedMs * SHARE_OF_WAIT);
      const leftMs = settings.migrationLockTimeoutMs - waitedMs;
      await deadline.sleep(Math.min(jitter(Math.max(SHORTEST_POLL_MS, delayMs)), leftMs));
      this.#wasFree = await isLockFree(connection);
    } while (!this.#wasFree && deadline.elapsedMs < end);
  }

  /** Emits `waiting` now and then. Returns the time waited so far, in milliseconds. */
  async #report(): Promise<number> {
    const { deadline, settings, emit, connection } = this.#session;
    const timeoutMs = settings.migrationLockTimeoutMs;
    const now = deadline.elapsedMs;
    if (this.#since === undefined) {
      this.#since = now;
      this.#nextEventAt = Math.max(this.#nextEventAt, now + FIRST_EVENT_MS);
    }
    const waitedMs = now - this.#since;
    const over = waitedMs >= timeoutMs;
    if (over || now >= this.#nextEventAt) {
      const holder = await findLockHolder(connection);
      this.#nextEventAt = deadline.elapsedMs + NEXT_EVENT_MS;
      emit({ type: 'waiting', waitedMs, holder });
      if (over) throw lockTimeout(timeoutMs, holder);
    }
    return waitedMs;
  }
}

function lockTimeout(timeoutMs: number, holder: LockHolder | undefined): MigrationLockTimeoutError {
  if (holder === undefined) {
    const problem = `Another process held the migration lock for more than ${timeoutMs} ms, and has just released it.`;
    return new MigrationLockTimeoutError(problem, 'Call again.', holder);
  }
  const { pid, applicationName, user, since, statement } = holder;
  return new MigrationLockTimeoutError(
    `Another process has held the migration lock for more than ${timeoutMs} ms: pid ${pid}, application_name ${JSON.stringify(applicationName)}, user ${user}, since ${since?.toISOString() ?? 'an unknown time'}, running ${statement || 'an unknown statement'}.`,
    `Wait for it, pass a longer migrationLockTimeoutMs, or end it with SELECT pg_terminate_backend(${pid}).`,
    holder,
  );
}

/** Looks up the session that holds the migration lock: another migrator, or node-pg-migrate's command. */
async function findLockHolder(connection: Connection): Promise<LockHolder | undefined> {
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
      statement: firstWords(row.query ?? ''),
    }
  );
}

/** The first two words of somebody else's statement: all the rest may hold a password. */
function firstWords(statement: string): string {
  const words = /^\s*[a-z]+(\s+[a-z_]+)?/i.exec(statement)?.[0] ?? '';
  return words.trim().replace(/\s+/g, ' ');
}

/** Returns whether nobody holds the migration lock. Pollers share it, so they never block each other. */
async function isLockFree(connection: Connection): Promise<boolean> {
  const [row] = await connection.query<{ free: string }>(
    `SELECT pg_catalog.pg_try_advisory_xact_lock_shared(${LOCK_KEY})::pg_catalog.text AS free`,
  );
  return row?.free === 'true';
}
