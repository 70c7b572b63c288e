import { setTimeout as delay } from 'node:timers/promises';
import { AbortedError, RunTimeoutError, type TrackingSchemaError } from '../errors.ts';
import type { Settings } from '../settings.ts';

/** Longer ones fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The time of one run: how long it has taken, what is left of it, and its early end. */
export class Deadline {
  readonly #started = performance.now();
  readonly #settings: Pick<Settings, 'timeoutMs' | 'signal'>;

  constructor(settings: Pick<Settings, 'timeoutMs' | 'signal'>) {
    this.#settings = settings;
  }

  /** Milliseconds since the run began. */
  get elapsedMs(): number {
    return performance.now() - this.#started;
  }

  /** Milliseconds left of the run's time. */
  get leftMs(): number {
    return this.#settings.timeoutMs - this.elapsedMs;
  }

  /** Why the run has to end now, if it has to. */
  get end(): TrackingSchemaError | undefined {
    const { signal, timeoutMs } = this.#settings;
    if (signal?.aborted) {
      return new AbortedError('The run was aborted, and rolled back.', {
        hint: 'Call again to apply the migrations.',
        cause: signal.reason,
        retryable: true,
      });
    }
    if (this.leftMs <= 0) {
      return new RunTimeoutError(`The run took longer than ${timeoutMs} ms, and was rolled back.`, {
        hint: 'Call again, or pass a longer timeoutMs.',
        retryable: true,
      });
    }
    return undefined;
  }

  /** @throws {AbortedError | RunTimeoutError} where the run has to end now. */
  check(): void {
    const { end } = this;
    if (end) throw end;
  }

  /** Sleeps, but not beyond the end of the run. */
  async sleep(ms: number): Promise<void> {
    const { signal } = this.#settings;
    const bounded = Math.max(0, Math.min(ms, this.leftMs));
    await delay(bounded, undefined, signal && { signal }).catch(() => {});
    this.check();
  }

  /**
   * Waits for `work`, and for `graceMs` more once the run has to end: long enough for a statement
   * to finish and the rollback to go out. Then `onStuck` is called, and the reason thrown.
   */
  async guard<T>(work: Promise<T>, graceMs: number, onStuck: () => void): Promise<T> {
    const { signal } = this.#settings;
    let giveUp = () => {};
    const stuck = new Promise<never>((_, reject) => {
      giveUp = () => {
        onStuck();
        reject(this.end);
      };
    });
    // A timer may fire a millisecond early: not before the run's time is up.
    const left = Math.ceil(this.leftMs) + 1;
    let timer = setTimeout(giveUp, Math.min(left + graceMs, LONGEST_TIMER_MS));
    const onAbort = () => {
      clearTimeout(timer);
      timer = setTimeout(giveUp, graceMs);
    };
    // One that was aborted before tells nobody.
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([work, stuck]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      work.catch(() => {});
    }
  }
}
