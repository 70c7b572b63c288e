import { googleAdsFault, type UploadEvent } from 'conversion-tracking-schema/queue';
import type { FastifyBaseLogger } from 'fastify';

/** Returns a function that logs what the upload worker does. */
export function logUploads(log: FastifyBaseLogger): (event: UploadEvent) => void {
  return (event) => {
    switch (event.type) {
      case 'accepted':
        log.info({ count: event.ids.length, requestId: event.request_id }, 'uploaded');
        break;
      case 'rejected': {
        const { ids, error_code, outcome, retry_at } = event;
        const fault = googleAdsFault(error_code ?? '');
        const fields = { count: ids.length, code: error_code, fault, outcome, retryAt: retry_at };
        // Until a person has acted, every conversion is rejected.
        if (fault === 'account') log.error(fields, 'rejected');
        else log.warn(fields, 'rejected');
        break;
      }
      case 'checked': {
        const { request_id, status, confirmed_count, rejected_count } = event.request;
        log.info({ request_id, status, confirmed_count, rejected_count }, 'checked');
        break;
      }
      case 'failed':
        log.error(event.error, `${event.call} failed`);
    }
  };
}
