import { setTimeout as sleep } from 'node:timers/promises';
import type { ClaimedConversion, TrackingQueue } from 'conversion-tracking-schema/queue';
import type { FastifyBaseLogger } from 'fastify';
import type { UploadResult } from './data-manager.ts';

/** What the worker needs. */
export interface UploadWorker {
  readonly queue: TrackingQueue;
  readonly upload: (entries: readonly ClaimedConversion[]) => Promise<readonly UploadResult[]>;
  /** How long to wait when nothing is due, in milliseconds. */
  readonly intervalMs: number;
  readonly log: FastifyBaseLogger;
}

/** Uploads due entries until `stop` is aborted. Finishes a batch that has begun. */
export async function uploadUntilStopped(worker: UploadWorker, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const claimed = await uploadBatch(worker).catch((error: unknown) => {
      worker.log.error(error, 'the queue is out of reach');
      return 0;
    });
    if (claimed === 0) {
      await sleep(worker.intervalMs, undefined, { signal: stop }).catch(() => {});
    }
  }
}

/** Claims, uploads and reports one batch. If the process dies in between, the lease expires. */
async function uploadBatch({ queue, upload, log }: UploadWorker): Promise<number> {
  const entries = await queue.claimConversions({ limit: 100, lease: '5 minutes' });
  const [first] = entries;
  if (first === undefined) return 0;
  const { lease_id } = first;
  const ids = entries.map(({ id }) => id);
  let results: readonly UploadResult[];
  try {
    results = await upload(entries);
  } catch (error) {
    log.warn(error, 'no answer');
    await queue.failConversions({ ids, lease_id, error: String(error), error_code: 'NO_ANSWER' });
    return ids.length;
  }
  for (const result of results) {
    if (result.taken) {
      await queue.completeConversions({ ids: result.ids, request_id: result.requestId });
      log.info({ count: result.ids.length, requestId: result.requestId }, 'uploaded');
    } else {
      const { code, message, permanent, retryAt } = result;
      await queue.failConversions({
        ids: result.ids,
        lease_id,
        error: message,
        error_code: code,
        permanent,
        retry_at: retryAt,
      });
      log.warn({ count: result.ids.length, code, permanent, retryAt }, 'not uploaded');
    }
  }
  return ids.length;
}
