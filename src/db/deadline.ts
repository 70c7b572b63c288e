import { setTimeout as delay } from 'node:timers/promises';
import { AbortedError, CallTimeoutError, type TrackingSchemaError } from '../errors.ts';

/** When a call has to end: the options of the same names. */
export interface DeadlineInput {
  /** From the creation of the deadline, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** setTimeout fires at once for longer delays. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The deadline of one call: its timeout and its AbortSignal. */
export class Deadline {
  readonly #started = performance.now();
  readonly #input: DeadlineInput;
  /** Whether the call has a connection, and so may have changed something. */
  connected = false;

  constructor(input: DeadlineInput) {
    this.#input = input;
  }

  /** Milliseconds since the call began. */
  get elapsedMs(): number {
    return performance.now() - this.#started;
  }

  /** Milliseconds left until the timeout; negative after it. */
  get leftMs(): number {
    return this.#input.timeoutMs - this.elapsedMs;
  }

  /** The error to end the call with, or undefined while it may go on. */
  get error(): TrackingSchemaError | undefined {
    const { signal, timeoutMs } = this.#input;
    if (signal?.aborted) {
      return new AbortedError(
        this.connected
          ? 'The call was aborted. Uncommitted changes were rolled back.'
          : 'The call was aborted before it could connect. Nothing was changed.',
        {
          hint: 'Call again.',
          cause: signal.reason,
          retryable: true,
        },
      );
    }
    if (this.leftMs <= 0 && !this.connected) {
      return new CallTimeoutError(
        `Could not connect to the database within ${timeoutMs} ms. Nothing was changed.`,
        {
          hint: 'Check that the server answers and the pool has a free client, or pass a longer timeoutMs.',
          retryable: true,
        },
      );
    }
    if (this.leftMs <= 0) {
      return new CallTimeoutError(
        `The call took longer than ${timeoutMs} ms. Uncommitted changes were rolled back.`,
        { hint: 'Call again, or pass a longer timeoutMs.', retryable: true },
      );
    }
    return undefined;
  }

  /** @throws {AbortedError | CallTimeoutError} once the call has to end */
  check(): void {
    const { error } = this;
    if (error) throw error;
  }

  /**
   * Sleeps, at most until the deadline.
   *
   * @throws {AbortedError | CallTimeoutError} once the call has to end
   */
  async sleep(ms: number): Promise<void> {
    const { signal } = this.#input;
    const bounded = Math.max(0, Math.min(ms, this.leftMs));
    await delay(bounded, undefined, signal && { signal }).catch(() => {});
    this.check();
  }

  /**
   * Waits for `work`, and once the deadline has passed for `graceMs` more, in which a statement can
   * finish and a rollback be sent. Then calls `onStuck` and throws.
   *
   * @throws {AbortedError | CallTimeoutError} where `work` has not settled in time
   */
  async guard<T>(work: Promise<T>, graceMs: number, onStuck: () => void): Promise<T> {
    const { signal } = this.#input;
    let giveUp = () => {};
    const stuck = new Promise<never>((_, reject) => {
      giveUp = () => {
        onStuck();
        reject(this.error);
      };
    });
    // A timer may fire a millisecond early, when the deadline has not passed.
    const left = Math.ceil(this.leftMs) + 1;
    let timer = setTimeout(giveUp, Math.min(left + graceMs, LONGEST_TIMER_MS));
    const onAbort = () => {
      clearTimeout(timer);
      timer = setTimeout(giveUp, graceMs);
    };
    // A signal that was aborted before emits no event.
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
