import type { UploadRequest } from '../../../src/types/rows.ts';
import type { InMicros, Micros } from './entry.ts';

/** A row of upload_requests. */
export type Request = InMicros<Omit<UploadRequest, 'entry_ids'>> & {
  readonly entry_ids: readonly string[];
};

/** By {@link keyOf}. */
export type Requests = ReadonlyMap<string, Request>;

export function keyOf({
  platform,
  request_id,
}: Readonly<{ platform: string; request_id: string }>): string {
  return `${platform}/${request_id}`;
}

/** Whether a final result may still come. */
export function isUndecided({ status }: Request): boolean {
  return status === 'processing' || status === 'expired';
}

/** The times of a row, as they are after the clock has moved on. */
export function requestAgo(request: Request, by: Micros): Request {
  const earlier = (time: Micros | null) => (time === null ? null : time - by);
  return {
    ...request,
    accepted_at: request.accepted_at - by,
    next_check_at: earlier(request.next_check_at),
    settled_at: earlier(request.settled_at),
  };
}
