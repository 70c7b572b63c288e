import { type Entry, isOpen, MINUTE, type Micros } from './entry.ts';
import { chosen, later, named, type Prediction, type Situation } from './prediction.ts';
import { keyOf, type Request } from './request.ts';

export interface CompleteRequest {
  readonly ids: readonly string[];
  readonly request_id: string | null;
}

export interface FailRequest {
  readonly ids: readonly string[];
  readonly lease_id: string | null;
  readonly error: string;
  readonly error_code: string | null;
  readonly retry_at: Micros | null;
  readonly permanent: boolean;
}

/** A completion takes back no upload, and repeats nothing of a request that is recorded. */
export function predictComplete(
  { ids, request_id }: CompleteRequest,
  situation: Situation,
): Prediction {
  const { entries, requests, window, seen } = situation;
  const request = request_id === null ? undefined : recorded(ids, request_id, situation);
  const isRepeated = request !== undefined && requests.has(keyOf(request));
  const added = request === undefined || isRepeated ? [] : [request];
  const completed = answered(named(entries, ids), (entry) => {
    if (entry.status === 'uploaded' || isRepeated) return undefined;
    return {
      ...entry,
      status: 'uploaded',
      uploaded_at: chosen(seen.get(entry.id)?.uploaded_at, window),
      request_id: request_id ?? entry.request_id,
      next_retry_at: null,
      leased_until: null,
      lease_id: null,
    };
  });
  return { ...completed, requests: added, locks: [...completed.locks, ...added.map(keyOf)] };
}

/** The request of a completion, unless all its entries are gone. */
function recorded(
  ids: readonly string[],
  request_id: string,
  { entries, window, seenRequests }: Situation,
): Request | undefined {
  const platform = named(entries, ids)[0]?.platform;
  if (platform === undefined) return undefined;
  const accepted_at =
    seenRequests.get(keyOf({ platform, request_id }))?.accepted_at ?? window.from - 1;
  return {
    platform,
    request_id,
    entry_ids: ids,
    entry_count: ids.length,
    status: 'processing',
    check_count: 0,
    next_check_at: accepted_at + 30 * MINUTE,
    lease_id: null,
    accepted_at,
    settled_at: null,
    rejected_count: null,
  };
}

/** A failure counts with the lease_id of the claim that has the entry, and without any. */
export function predictFail(request: FailRequest, situation: Situation): Prediction {
  const { error, error_code, lease_id, permanent } = request;
  return answered(named(situation.entries, request.ids), (entry) => {
    if (!isOpen(entry) || (lease_id !== null && lease_id !== entry.lease_id)) return undefined;
    const last = permanent || entry.retry_count + 1 >= entry.max_retries;
    return {
      ...entry,
      status: last ? 'dead_letter' : 'failed',
      retry_count: Math.min(entry.retry_count + 1, entry.max_retries),
      next_retry_at: last ? null : (request.retry_at ?? backedOff(entry, situation)),
      last_error: error,
      error_code,
      leased_until: lease_id === null ? entry.leased_until : null,
      lease_id: null,
    };
  });
}

const LONGEST_WAIT = 360 * MINUTE;

/** Five minutes, then four times as long each time, up to six hours; less up to a quarter. */
export function backedOff(entry: Entry, { seen, window }: Situation): Micros {
  const wait = Math.min(5 * MINUTE * 4 ** entry.retry_count, LONGEST_WAIT);
  return chosen(seen.get(entry.id)?.next_retry_at, later(window, wait * 0.75, wait));
}

/** Every entry named has a row, and is locked; `undefined`: it stays as it is. */
function answered(
  entries: readonly Entry[],
  answer: (entry: Entry) => Entry | undefined,
): Prediction {
  const results = entries.map((entry) => ({ entry, changed: answer(entry) }));
  return {
    answer: results.map(({ entry, changed }) => {
      const { id, status, retry_count, next_retry_at } = changed ?? entry;
      return { id, status, retry_count, next_retry_at, applied: changed !== undefined };
    }),
    changed: results.flatMap(({ changed }) => changed ?? []),
    locks: entries.map(({ id }) => id),
  };
}
