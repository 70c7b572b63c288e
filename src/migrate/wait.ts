import { type LockHolder, MigrationLockTimeoutError } from '../errors.ts';
import { findLockHolder, type LockPoll, pollLock, pollLockInServer } from './lock.ts';
import type { Run } from './run.ts';

/**
 * Delays between polls for the lock: a third of the time waited so far, so that a replica comes too
 * late by a fraction of what the other has taken, and polls seldom where that takes long. In
 * milliseconds.
 */
const SHARE_OF_WAIT = 1 / 3;
const SHORTEST_POLL_MS = 20;
const LONGEST_POLL_MS = { soon: 250, later: 1_000 };
const SOON_MS = 5_000;

/**
 * How long a statement polls in the server, in milliseconds: so long does an abort take, and half a
 * second is what many a server's log calls slow. Only in the first five seconds, and not through a pooler.
 */
const IN_SERVER_MS = 450;

/**
 * Naps between two tries in the server, in milliseconds: a tenth of the time waited so far. Waking up
 * costs, too: with 30 throughout, a hundred replicas were done in 9 to 13 s, with 50 in 5 to 7.
 */
const SHARE_FOR_NAP = 1 / 10;
const SHORTEST_NAP_MS = 20;
const LONGEST_NAP_MS = 150;

/** A migrator may have done all there is to do, and keep the lock: the migrations table is looked at, too. */
const LOOK_AGAIN_MS = 1_000;

/**
 * When a waiting migrator says whom it waits for, and how often again: to find that out takes the
 * server longer than twenty polls, and most are done by then.
 */
const FIRST_NOTICE_MS = 2_000;
const REPEAT_MS = 5_000;

/**
 * An exponential delay with jitter: between half and all of `first * 2^(attempt - 1)`, capped.
 *
 * @param attempt - from 1
 * @param first - in milliseconds
 * @param cap - in milliseconds
 */
export function backoff(attempt: number, first: number, cap: number): number {
  return jittered(Math.min(cap, first * 2 ** (attempt - 1)));
}

/** The wait for one other migrator: its delays, its events, its budget. */
export class WaitForMigrator {
  readonly #run: Run;
  #since: number | undefined;
  #tellAt = 0;
  #found: LockPoll | undefined;

  constructor(run: Run) {
    this.#run = run;
  }

  /** The lock was ours: a later wait starts anew. */
  reset(): void {
    this.#since = undefined;
    this.#found = undefined;
  }

  /**
   * Waits until the lock is free, or for a second.
   *
   * @throws {MigrationLockTimeoutError} when `migrationLockTimeoutMs` is over; it names the holder of the lock
   */
  async untilFree(): Promise<void> {
    const { clock, connection, settings } = this.#run;
    const lookAgainAt = clock.elapsedMs + LOOK_AGAIN_MS;
    do {
      const waitedMs = await this.#tell();
      const leftMs = Math.min(settings.migrationLockTimeoutMs - waitedMs, clock.leftMs);
      // Free, but not for us: whoever looked at the same moment may have kept it. Not at once again.
      if (this.#found?.mayWait && !this.#found.free && waitedMs < SOON_MS) {
        const napMs = Math.min(
          LONGEST_NAP_MS,
          Math.max(SHORTEST_NAP_MS, Math.round(waitedMs * SHARE_FOR_NAP)),
        );
        this.#found = await pollLockInServer(connection, Math.min(IN_SERVER_MS, leftMs), napMs);
        clock.check();
      } else {
        await clock.sleep(Math.min(this.#delay(waitedMs), leftMs));
        this.#found = await pollLock(connection);
      }
    } while (!this.#found.free && clock.elapsedMs < lookAgainAt);
  }

  /** Says now and then whom it waits for. @returns how long it has waited, in milliseconds */
  async #tell(): Promise<number> {
    const { clock, settings, emit, connection } = this.#run;
    const { migrationLockTimeoutMs } = settings;
    if (this.#since === undefined) {
      this.#since = clock.elapsedMs;
      this.#tellAt = Math.max(this.#tellAt, this.#since + FIRST_NOTICE_MS);
    }
    const waitedMs = clock.elapsedMs - this.#since;
    const over = waitedMs >= migrationLockTimeoutMs;
    if (over || clock.elapsedMs >= this.#tellAt) {
      const holder = await findLockHolder(connection);
      this.#tellAt = clock.elapsedMs + REPEAT_MS;
      emit({ type: 'waiting', waitedMs, holder });
      if (over) throw waitedTooLong(migrationLockTimeoutMs, holder);
    }
    return waitedMs;
  }

  #delay(waitedMs: number): number {
    const longest = waitedMs < SOON_MS ? LONGEST_POLL_MS.soon : LONGEST_POLL_MS.later;
    const share = this.#found?.free ? 0 : waitedMs * SHARE_OF_WAIT;
    return jittered(Math.max(SHORTEST_POLL_MS, Math.min(longest, share)));
  }
}

function waitedTooLong(
  migrationLockTimeoutMs: number,
  holder: LockHolder | undefined,
): MigrationLockTimeoutError {
  const who = holder
    ? `pid ${holder.pid}, application_name ${JSON.stringify(holder.applicationName)}, user ${holder.user}, since ${holder.since?.toISOString() ?? 'an unknown time'}, running: ${holder.statement}`
    : 'it has just ended';
  return new MigrationLockTimeoutError(
    `Another migrator has held the migration lock for more than ${migrationLockTimeoutMs} ms (${who}).`,
    holder
      ? `Wait for it, pass a longer migrationLockTimeoutMs, or end it with SELECT pg_terminate_backend(${holder.pid}).`
      : 'Call again.',
    holder,
  );
}

/** Between half and all of a delay, so that those who have begun together do not go on together. */
function jittered(ms: number): number {
  return Math.round(ms * (0.5 + 0.5 * Math.random()));
}
