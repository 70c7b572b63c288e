import { MigratorTimeoutError } from './errors.ts';
import { findLockHolder } from './lock.ts';
import type { Run } from './run.ts';

/**
 * Delays between polls for the lock, in milliseconds. The longest is what a replica may come too late
 * after the one that has migrated: short at first, when an install is soon done, and longer when a
 * hundred replicas wait for something else.
 */
const FIRST_POLL_MS = 20;
const LONGEST_POLL_MS = { soon: 250, later: 1_000 };
const SOON_MS = 5_000;

/** How often a waiting migrator says again whom it waits for. */
const REPEAT_MS = 5_000;

/**
 * An exponential delay with jitter: between half and all of `first * 2^(attempt - 1)`, capped.
 *
 * @param attempt - from 1
 * @param first - in milliseconds
 * @param cap - in milliseconds
 */
export function backoff(attempt: number, first: number, cap: number): number {
  const full = Math.min(cap, first * 2 ** (attempt - 1));
  return Math.round(full * (0.5 + 0.5 * Math.random()));
}

/** The wait for one other migrator: its delays, its events, its budget. */
export class WaitForMigrator {
  readonly #run: Run;
  #since: number | undefined;
  #told = Number.NEGATIVE_INFINITY;
  #polls = 0;

  constructor(run: Run) {
    this.#run = run;
  }

  /** The lock was ours: a later wait starts anew. */
  reset(): void {
    this.#since = undefined;
    this.#polls = 0;
  }

  /**
   * Sleeps until the next poll.
   *
   * @throws {MigratorTimeoutError} when `waitTimeoutMs` is over; it names the holder of the lock
   */
  async pause(): Promise<void> {
    const { clock, settings, emit, connection } = this.#run;
    const { waitTimeoutMs } = settings;
    this.#since ??= clock.elapsedMs;
    const waitedMs = clock.elapsedMs - this.#since;
    const over = waitedMs >= waitTimeoutMs;
    if (over || clock.elapsedMs - this.#told >= REPEAT_MS) {
      const holder = await findLockHolder(connection);
      this.#told = clock.elapsedMs;
      emit({ type: 'waiting', waitedMs, holder });
      if (over) {
        const who = holder
          ? `pid ${holder.pid}, application_name ${JSON.stringify(holder.applicationName)}, user ${holder.user}, since ${holder.since?.toISOString() ?? 'an unknown time'}, running: ${holder.statement}`
          : 'it has just ended';
        throw new MigratorTimeoutError(
          `Another migrator has held the migration lock for more than ${waitTimeoutMs} ms (${who}).`,
          holder
            ? `Wait for it, pass a longer waitTimeoutMs, or end it with SELECT pg_terminate_backend(${holder.pid}).`
            : 'Call again.',
          holder,
        );
      }
    }
    this.#polls += 1;
    const longest = waitedMs < SOON_MS ? LONGEST_POLL_MS.soon : LONGEST_POLL_MS.later;
    const delayMs = backoff(this.#polls, FIRST_POLL_MS, longest);
    await clock.sleep(Math.min(delayMs, waitTimeoutMs - waitedMs));
  }
}
