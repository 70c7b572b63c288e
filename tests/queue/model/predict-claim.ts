import { dueSince, type Entries, type Entry, isOpen, type Micros } from './entry.ts';
import { chosen, later, type Prediction, type Situation } from './prediction.ts';

export interface ClaimRequest {
  readonly platform: string;
  readonly limit: number;
  readonly lease: Micros;
}

/**
 * A claim goes through what is due, oldest first, until it has enough. Dead letters do not count;
 * each search for what they have left open is twice as wide as the one before, and locks what it finds.
 */
export function predictClaim(request: ClaimRequest, situation: Situation): Prediction {
  const { entries, seen, window } = situation;
  const due = [...entries.values()].filter((entry) => isDue(entry, request, situation));
  due.sort(
    (a, b) =>
      dueSince(a) - dueSince(b) ||
      Number(isTouched(b, seen)) - Number(isTouched(a, seen)) ||
      Number(isUsedUp(b)) - Number(isUsedUp(a)),
  );
  const dead: Entry[] = [];
  const out: Entry[] = [];
  const locks: string[] = [];
  for (let width = request.limit, start = 0; ; width *= 2) {
    const found = due.slice(start, start + width);
    start += width;
    locks.push(...found.map(({ id }) => id));
    dead.push(...found.filter(isUsedUp).map(buried));
    const live = found.filter((entry) => !isUsedUp(entry));
    out.push(...live.slice(0, request.limit - out.length));
    if (out.length === request.limit || found.length < width) break;
  }
  const first = seen.get(out[0]?.id ?? '');
  const leasedUntil = first && chosen(first.leased_until, later(window, request.lease));
  const leased = out.map((entry) => ({
    ...tried(entry),
    leased_until: leasedUntil ?? null,
    lease_id: first?.lease_id ?? null,
  }));
  return {
    answer: leased.map(
      ({ id, conversion_id, lease_id, leased_until, retry_count, max_retries, ...entry }) => ({
        id,
        conversion_id,
        lease_id,
        leased_until,
        retry_count,
        max_retries,
        request_id: entry.request_id,
        error_code: entry.error_code,
        last_error: entry.last_error,
        send_alone: entry.send_alone === true,
      }),
    ),
    changed: [...dead, ...leased],
    locks,
  };
}

function isDue(entry: Entry, { platform }: ClaimRequest, situation: Situation): boolean {
  const { locked, seen, window } = situation;
  if (entry.platform !== platform || !isOpen(entry) || locked.has(entry.id)) return false;
  const since = Math.max(dueSince(entry), entry.leased_until ?? 0);
  if (since <= window.from) return true;
  // Just becoming due: whether it was at the server's reading of the clock, the server knows.
  return since <= window.to && isTouched(entry, seen);
}

function isTouched(entry: Entry, seen: Entries): boolean {
  const after = seen.get(entry.id);
  return after?.status !== entry.status || after.leased_until !== entry.leased_until;
}

/** Its last claim has not answered: that was a try. */
function lapsed(entry: Entry): boolean {
  return entry.lease_id !== null;
}

function isUsedUp(entry: Entry): boolean {
  return entry.retry_count + Number(lapsed(entry)) >= entry.max_retries;
}

function tried(entry: Entry): Entry {
  if (!lapsed(entry)) return entry;
  return {
    ...entry,
    status: 'failed',
    retry_count: Math.min(entry.retry_count + 1, entry.max_retries),
    last_error: 'The lease expired before the worker reported an outcome.',
    error_code: 'LEASE_EXPIRED',
  };
}

function buried(entry: Entry): Entry {
  return {
    ...tried(entry),
    status: 'dead_letter',
    next_retry_at: null,
    leased_until: null,
    lease_id: null,
  };
}
