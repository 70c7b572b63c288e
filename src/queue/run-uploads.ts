import type { Interval, Timestamp } from './arguments.ts';
import { checkUploadOptions } from './check-upload-options.ts';
import type { GoogleAdsOutcome } from './google-ads-outcome.ts';
import type { UploadRequestResult } from './request-status.ts';
import type { ClaimedConversion, ClaimedUploadRequest, SettledUploadRequest } from './results.ts';
import type { TrackingQueue } from './tracking-queue.ts';
import { UploadWorker } from './upload-worker.ts';

/** Entries of one request that the platform has accepted. */
export interface AcceptedEntries {
  /** The ids of the entries, in the order of the request's events. */
  readonly ids: readonly string[];
  /** The platform's id of the request, to check its result later. Omit it if the result is final. */
  readonly request_id?: string | null | undefined;
}

/** Entries that the platform has rejected. */
export interface RejectedEntries {
  readonly ids: readonly string[];
  /** The error message of the platform. */
  readonly error: string;
  /** The error code of the platform. */
  readonly error_code?: string | null | undefined;
  /** How to treat the entries. Default: {@link googleAdsOutcome} of the error code. */
  readonly outcome?: GoogleAdsOutcome | undefined;
  /** When to retry. Default: with backoff, or six hours later for `retry_later`. */
  readonly retry_at?: Timestamp | null | undefined;
}

/** What `onEvent` of {@link runUploads} receives. */
export type UploadEvent =
  /** The platform has accepted entries. */
  | ({ readonly type: 'accepted' } & AcceptedEntries)
  /** The platform has rejected entries. */
  | ({ readonly type: 'rejected' } & RejectedEntries & { readonly outcome: GoogleAdsOutcome })
  /** The result of a request was checked. */
  | { readonly type: 'checked'; readonly request: SettledUploadRequest }
  /** A call failed. `record`: the database did not record a result. */
  | {
      readonly type: 'failed';
      readonly call: 'claim' | 'upload' | 'check' | 'record';
      readonly error: unknown;
      readonly ids?: readonly string[];
      readonly request_id?: string;
    };

/** Options of {@link runUploads}. */
export interface RunUploadsOptions {
  /** Of {@link trackingQueue}. */
  readonly queue: TrackingQueue;
  /**
   * Uploads entries and returns their results. Entries without a result are retried, as all are if
   * it throws. Must end before the lease expires: give its requests a timeout.
   */
  readonly upload: (
    entries: readonly ClaimedConversion[],
  ) => Promise<readonly (AcceptedEntries | RejectedEntries)[]>;
  /**
   * Asks the platform for the result of a request, see {@link readRequestStatus}. If it throws, the check is
   * repeated when the lease has expired. Without it, requests stay unconfirmed until another worker checks them.
   */
  readonly checkRequest?:
    | ((request: ClaimedUploadRequest) => Promise<UploadRequestResult>)
    | undefined;
  /** Ends the loop. What was claimed before is still uploaded and recorded. */
  readonly signal: AbortSignal;
  /** Default `google_ads`. */
  readonly platform?: string | undefined;
  /** The maximum number of entries per claim, from 1 to 10,000. Default 100. */
  readonly batchSize?: number | undefined;
  /** How long entries and requests are leased. Default `5 minutes`. */
  readonly lease?: Interval | undefined;
  /** How long to wait when nothing is due, in milliseconds, at least 1. Default 5,000. */
  readonly pollMs?: number | undefined;
  /** Receives results and errors. Its own errors are ignored. */
  readonly onEvent?: ((event: UploadEvent) => unknown) | undefined;
}

/**
 * Uploads due entries, and checks the results of earlier requests, until the signal is aborted. Any number of
 * workers may run at the same time.
 *
 * Errors of `upload`, of `checkRequest` and of the database do not end the loop: they are passed to `onEvent`.
 * After an error of the database it waits longer each time, at most a minute.
 *
 * @throws {InvalidArgumentError | InvalidOptionError} if an option is refused
 * @example
 * const stop = new AbortController();
 * process.once('SIGTERM', () => stop.abort());
 * await runUploads({ queue: trackingQueue(pool), upload, checkRequest, signal: stop.signal });
 */
export async function runUploads(options: RunUploadsOptions): Promise<void> {
  checkUploadOptions(options);
  const failed = new AbortController();
  const worker = new UploadWorker({
    ...options,
    signal: AbortSignal.any([options.signal, failed.signal]),
  });
  const loops = [worker.repeat(() => worker.uploadDue())];
  if (options.checkRequest) loops.push(worker.repeat(() => worker.checkDue()));
  const ended = await Promise.allSettled(
    loops.map((loop) =>
      loop.catch((error: unknown) => {
        failed.abort();
        throw error;
      }),
    ),
  );
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
}
