import type { UploadRejection } from '../../../src/queue/index.ts';
import { type Entry, MINUTE } from './entry.ts';
import { backedOff } from './predict-answer.ts';
import { chosen, later, type Prediction, type Situation } from './prediction.ts';
import { isUndecided, keyOf, type Request } from './request.ts';

const HOUR = 60 * MINUTE;

/** What a platform has reported of a request. */
export interface Result {
  readonly platform: string;
  readonly request_id: string;
  readonly status: 'processing' | 'succeeded' | 'partially_succeeded' | 'failed';
  readonly rejected: readonly UploadRejection[];
  readonly lease_id: string | null;
}

type Rejected = { readonly code: string; readonly error: string } & (
  | { readonly outcome: UploadRejection['outcome'] }
  | { readonly outcome: 'alone' }
);

/** A result moves the next check, or decides about every entry that was completed with the request. */
export function predictSettle(result: Result, situation: Situation): Prediction {
  const key = keyOf(result);
  const request = situation.requests.get(key);
  if (!request) throw new Error(`There is no request ${key}.`);
  if (result.status === 'processing') return checked(request, result, situation);
  const rejected = rejectedBy(result, request);
  const decided = {
    ...request,
    status: result.status,
    rejected_count: rejected.size,
    next_check_at: null,
    lease_id: null,
    settled_at: request.settled_at,
  };
  if (!isUndecided(request))
    return { answer: [answerOf(decided, false)], changed: [], locks: [key] };
  const entries = [...rejected.keys()].flatMap((id) => situation.entries.get(id) ?? []);
  return {
    answer: [answerOf(decided, true)],
    changed: entries
      .filter((entry) => entry.status === 'uploaded' && entry.request_id === request.request_id)
      .map((entry) => afterRejection(entry, rejected.get(entry.id) as Rejected, situation)),
    requests: [
      {
        ...decided,
        settled_at: chosen(situation.seenRequests.get(key)?.settled_at, situation.window),
      },
    ],
    locks: [key, ...entries.map(({ id }) => id)],
  };
}

function checked(request: Request, { lease_id }: Result, situation: Situation): Prediction {
  const { seenRequests, window } = situation;
  const key = keyOf(request);
  const counts = request.status === 'processing' && [null, request.lease_id].includes(lease_id);
  if (!counts) return { answer: [answerOf(request, false)], changed: [], locks: [key] };
  const seen = seenRequests.get(key);
  const end = request.accepted_at + 24 * HOUR;
  const isOver = end <= window.from || (end <= window.to && seen?.status === 'expired');
  const wait = Math.min(30 * MINUTE * 1.3 ** request.check_count, HOUR);
  const after: Request = {
    ...request,
    status: isOver ? 'expired' : 'processing',
    next_check_at: isOver
      ? null
      : end < window.from + wait || (end <= window.to + wait && seen?.next_check_at === end)
        ? end
        : chosen(seen?.next_check_at, later(window, wait)),
    lease_id: null,
  };
  return { answer: [answerOf(after, true)], changed: [], requests: [after], locks: [key] };
}

function answerOf({ platform, request_id, status, ...request }: Request, applied: boolean) {
  const { entry_count, rejected_count } = request;
  const confirmed_count = rejected_count === null ? null : entry_count - rejected_count;
  return { platform, request_id, status, confirmed_count, rejected_count, applied };
}

const BY_RANK = ['complete', 'permanent', 'retry_later', 'retry'] as const;

/** Each entry that a result rejects, or leaves in doubt. */
function rejectedBy(
  { status, rejected, request_id }: Result,
  { entry_ids }: Request,
): ReadonlyMap<string, Rejected> {
  const byRank = rejected.toSorted(
    (a, b) => BY_RANK.indexOf(a.outcome) - BY_RANK.indexOf(b.outcome),
  );
  const reason = ({ outcome, code, message }: UploadRejection): Rejected => ({
    outcome,
    code: code ?? 'REQUEST_FAILED',
    error: message ?? code ?? 'REQUEST_FAILED',
  });
  const decided = new Map<string, Rejected>();
  for (const one of byRank.toReversed()) {
    const id = one.id ?? entry_ids[one.index ?? -1];
    if (id !== undefined) decided.set(id, reason(one));
  }
  const others = entry_ids.filter((id) => !decided.has(id));
  const known = byRank.filter(({ id, index }) => id == null && index == null);
  const other = ((): Rejected | undefined => {
    const [first] = known;
    if (status === 'succeeded' || (first && known.every(({ outcome }) => outcome === 'complete')))
      return undefined;
    if (status === 'partially_succeeded' && !first && decided.size > 0) return undefined;
    const all = status === 'failed' || (first?.count ?? 0) >= others.length;
    if (others.length === 1 || (known.length <= 1 && all))
      return reason(first ?? { outcome: 'retry' });
    const codes = rejected
      .filter((one) => known.includes(one))
      .map(({ code, count }) => `${code}${count == null ? '' : ` (${count})`}`);
    return {
      outcome: 'alone',
      code: 'UNLOCATED_REJECTION',
      error: `The platform rejected entries of the request ${request_id} without saying which: ${codes.join(', ') || 'it gave no reason'}.`,
    };
  })();
  if (other) for (const id of others) decided.set(id, other);
  return new Map([...decided].filter(([, { outcome }]) => outcome !== 'complete'));
}

/** It has had one attempt more. The first time that it is in doubt, it keeps one. */
function afterRejection(
  entry: Entry,
  { outcome, code, error }: Rejected,
  situation: Situation,
): Entry {
  const isSpared = outcome === 'alone' && !entry.send_alone;
  const isLast =
    outcome === 'permanent' || (!isSpared && entry.retry_count + 1 >= entry.max_retries);
  const most = isSpared ? Math.max(entry.max_retries - 1, 0) : entry.max_retries;
  const next = situation.seen.get(entry.id)?.next_retry_at;
  return {
    ...entry,
    status: isLast ? 'dead_letter' : 'failed',
    retry_count: Math.min(entry.retry_count + 1, most),
    next_retry_at: isLast
      ? null
      : outcome === 'retry_later'
        ? chosen(next, later(situation.window, 6 * HOUR))
        : backedOff(entry, situation),
    last_error: error,
    error_code: code,
    uploaded_at: null,
    send_alone: outcome === 'alone' ? true : entry.send_alone,
  };
}
