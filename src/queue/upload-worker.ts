import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidArgumentError, InvalidOptionError, messageOf } from '../errors.ts';
import { GOOGLE_ADS_RETRY_LATER_MS, googleAdsOutcome } from './google-ads-outcome.ts';
import type { ClaimedConversion, ClaimedUploadRequest } from './results.ts';
import type {
  AcceptedEntries,
  RejectedEntries,
  RunUploadsOptions,
  UploadEvent,
} from './run-uploads.ts';

/** Entries to be uploaded alone, and requests to be checked, at the same time. */
const CONCURRENCY = 10;
/** With pauses of 1, 2, 4 and 8 seconds, or as short as the polls. */
const RECORD_ATTEMPTS = 5;
const LONGEST_PAUSE_MS = 60_000;

/** The two loops of {@link runUploads}. */
export class UploadWorker {
  readonly #options: RunUploadsOptions;
  readonly #pollMs: number;

  constructor(options: RunUploadsOptions) {
    this.#options = options;
    this.#pollMs = options.pollMs ?? 5_000;
  }

  /** Repeats a step until the signal is aborted, with a pause after one that found nothing due. */
  async repeat(step: () => Promise<number>): Promise<void> {
    const { signal } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      let found = 0;
      try {
        found = await step();
        failures = 0;
      } catch (error) {
        if (isRefused(error)) throw error;
        this.#emit({ type: 'failed', call: 'claim', error });
        failures += 1;
      }
      const pause = Math.min(
        this.#pollMs * 2 ** failures,
        Math.max(this.#pollMs, LONGEST_PAUSE_MS),
      );
      if (found === 0) await sleep(pause, undefined, { signal }).catch(() => {});
    }
  }

  /** Returns the number of entries that were due. */
  async uploadDue(): Promise<number> {
    const { queue, platform, batchSize, lease = '5 minutes' } = this.#options;
    const entries = await queue.claimConversions({ platform, limit: batchSize, lease });
    const [claim] = entries;
    if (!claim) return 0;
    const together = entries.filter((entry) => !entry.send_alone);
    const alone = entries.filter((entry) => entry.send_alone).map((entry) => [entry]);
    const batches = together.length > 0 ? [together, ...alone] : alone;
    for (let next = 0; next < batches.length; next += CONCURRENCY) {
      await Promise.all(
        batches.slice(next, next + CONCURRENCY).map((batch) => this.#send(batch, claim)),
      );
    }
    return entries.length;
  }

  async #send(entries: readonly ClaimedConversion[], claim: ClaimedConversion): Promise<void> {
    const ids = entries.map(({ id }) => id);
    let results: (AcceptedEntries | RejectedEntries)[];
    try {
      results = [...(await this.#options.upload(entries))];
      if (!results.every((result) => Array.isArray(result?.ids))) {
        throw new TypeError('upload returned a result without a list of ids.');
      }
    } catch (error) {
      this.#emit({ type: 'failed', call: 'upload', error, ids });
      const failed = { error: messageOf(error), error_code: 'UPLOAD_FAILED' };
      results = [{ ids, ...failed, outcome: 'retry' }];
    }
    const answered = new Set(results.flatMap((result) => result.ids));
    const missing = ids.filter((id) => !answered.has(id));
    results.push({ ids: missing, error: 'The upload has no result.', error_code: 'NO_RESULT' });
    for (const result of results) await this.#record(result, claim);
  }

  async #record(
    result: AcceptedEntries | RejectedEntries,
    { lease_id, leased_until }: ClaimedConversion,
  ): Promise<void> {
    const { queue } = this.#options;
    const { ids } = result;
    if (ids.length === 0) return;
    try {
      if (!('error' in result)) {
        const { request_id } = result;
        await this.#persist(() => queue.completeConversions({ ids, request_id }));
        this.#emit({ type: 'accepted', ids, request_id });
        return;
      }
      // In JavaScript these may be an Error and the number of an HTTP status.
      const error = typeof result.error === 'string' ? result.error : messageOf(result.error);
      const error_code = result.error_code == null ? null : String(result.error_code);
      const outcome = result.outcome ?? googleAdsOutcome(error_code ?? '');
      // By the clock of the server, which may differ from that of this machine.
      const later = new Date(new Date(leased_until).getTime() + GOOGLE_ADS_RETRY_LATER_MS);
      const retry_at = result.retry_at ?? (outcome === 'retry_later' ? later : null);
      const permanent = outcome === 'permanent';
      await this.#persist(() =>
        outcome === 'complete'
          ? queue.completeConversions({ ids })
          : queue.failConversions({ ids, lease_id, error, error_code, permanent, retry_at }),
      );
      this.#emit({ type: 'rejected', ...result, outcome });
    } catch (error) {
      this.#emit({ type: 'failed', call: 'record', error, ids });
    }
  }

  /** Returns the number of requests that were due for a check. */
  async checkDue(): Promise<number> {
    const { queue, platform, lease = '5 minutes' } = this.#options;
    const requests = await queue.claimUploadRequests({ platform, limit: CONCURRENCY, lease });
    await Promise.all(requests.map((request) => this.#check(request)));
    return requests.length;
  }

  async #check(claimed: ClaimedUploadRequest): Promise<void> {
    const { queue, checkRequest, platform = 'google_ads' } = this.#options;
    const { request_id, lease_id } = claimed;
    let call: 'check' | 'record' = 'check';
    try {
      const result = await checkRequest?.(claimed);
      if (result === undefined) return;
      call = 'record';
      const request = await this.#persist(() =>
        queue.settleUploadRequest({ ...result, platform, request_id, lease_id }),
      );
      this.#emit({ type: 'checked', request });
    } catch (error) {
      this.#emit({ type: 'failed', call, error, request_id });
    }
  }

  /** Repeats a call that the database did not take. All of these are idempotent. */
  async #persist<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        if (attempt === RECORD_ATTEMPTS || isRefused(error)) throw error;
        await sleep(Math.min(this.#pollMs, 500 * 2 ** attempt));
      }
    }
  }

  #emit(event: UploadEvent): void {
    try {
      Promise.resolve(this.#options.onEvent?.(event)).catch(() => {});
    } catch {}
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof InvalidArgumentError || error instanceof InvalidOptionError;
}
