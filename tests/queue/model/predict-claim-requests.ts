import { MINUTE } from './entry.ts';
import type { ClaimRequest } from './predict-claim.ts';
import { chosen, later, type Prediction, type Situation } from './prediction.ts';
import { keyOf, type Request } from './request.ts';

const LAST_REPEAT = 48 * 60 * MINUTE;

/** The requests that are due, the oldest first. One whose last repeated check said nothing expires. */
export function predictClaimRequests(claim: ClaimRequest, situation: Situation): Prediction {
  const { requests, seenRequests, window } = situation;
  const due = [...requests.values()]
    .filter((request) => isDue(request, claim, situation))
    .sort((a, b) => (a.next_check_at ?? 0) - (b.next_check_at ?? 0))
    .slice(0, claim.limit);
  const changed = due.map((request): Request => {
    const { next_check_at, accepted_at, lease_id } = request;
    if (lease_id !== null && (next_check_at ?? 0) > accepted_at + LAST_REPEAT) {
      return { ...request, status: 'expired', next_check_at: null, lease_id: null };
    }
    const seen = seenRequests.get(keyOf(request));
    return {
      ...request,
      check_count: request.check_count + 1,
      next_check_at: chosen(seen?.next_check_at, later(window, claim.lease)),
      lease_id: seen?.lease_id ?? null,
    };
  });
  return {
    changed: [],
    requests: changed,
    locks: changed.map(keyOf),
  };
}

function isDue(
  request: Request,
  { platform }: ClaimRequest,
  { locked, seenRequests, window }: Situation,
): boolean {
  const { status, next_check_at } = request;
  if (request.platform !== platform || status !== 'processing' || next_check_at === null)
    return false;
  if (locked.has(keyOf(request))) return false;
  if (next_check_at <= window.from) return true;
  const seen = seenRequests.get(keyOf(request));
  return next_check_at <= window.to && seen?.next_check_at !== next_check_at;
}
