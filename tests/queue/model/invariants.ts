import assert from 'node:assert/strict';
import { dueSince, type Entries, type Entry, isOpen, type Micros, type Status } from './entry.ts';
import type { Out } from './model.ts';
import { isUndecided, keyOf, type Requests } from './request.ts';

/** What may happen to the queue in one step. */
export type Act = 'record' | 'claim' | 'complete' | 'fail' | 'requeue' | 'claimRequests' | 'settle';

/** The changes of status that each act may make. */
const EDGES: Readonly<Record<Act, readonly `${Status} -> ${Status}`[]>> = {
  record: [],
  claim: [
    'pending -> failed',
    'pending -> dead_letter',
    'failed -> failed',
    'failed -> dead_letter',
  ],
  complete: ['pending -> uploaded', 'failed -> uploaded', 'dead_letter -> uploaded'],
  fail: [
    'pending -> failed',
    'pending -> dead_letter',
    'failed -> failed',
    'failed -> dead_letter',
  ],
  requeue: ['dead_letter -> pending'],
  claimRequests: [],
  settle: ['uploaded -> failed', 'uploaded -> dead_letter'],
};

/** All of them, by name, and those that were seen. */
export const edges = Object.entries(EDGES).flatMap(([act, list]) =>
  list.map((e) => `${act}: ${e}`),
);
export const edgesSeen = new Set<string>();

/** What holds of every step, whatever exactly the model expects of it. */
export function holdsAfter(act: Act, before: Entries, after: Entries): void {
  for (const [id, was] of before) {
    const is = after.get(id);
    assert(is, `the entry ${id} is lost`);
    assert(is.retry_count <= is.max_retries, `${id} has been tried too often`);
    const edge = `${was.status} -> ${is.status}` as const;
    edgesSeen.add(`${act}: ${edge}`);
    if (was.status !== is.status) assert(EDGES[act].includes(edge), `${act}: ${edge}`);
    if (was.status === 'uploaded' && act !== 'settle') {
      assert.deepEqual(is, was, 'an uploaded entry has changed');
    }
    const fewer =
      act === 'requeue' && was.status === 'dead_letter'
        ? 0
        : isSpared(was, is)
          ? was.retry_count - 1
          : was.retry_count;
    assert(is.retry_count >= fewer, `${id} has tries again that it had used`);
    assert(is.retry_count <= was.retry_count + 1, `${id} has lost more than one try`);
    assert(
      (is.status === 'uploaded') === (is.uploaded_at !== null),
      'uploaded_at goes with uploaded',
    );
    assert(isOpen(is) || is.lease_id === null, `${id} is done, and out`);
  }
}

/** A rejection of unknown place leaves the entry an attempt, once. */
function isSpared(was: Entry, is: Entry): boolean {
  return was.status === 'uploaded' && is.send_alone === true && was.send_alone !== true;
}

interface Rows {
  readonly entries: Entries;
  readonly requests: Requests;
}

/**
 * No conversion is lost: an entry becomes uploaded by a request only while that is undecided, and
 * leaves it only by its result, which is final.
 */
export function requestsHoldAfter(
  act: Act,
  { before, after }: { readonly before: Rows; readonly after: Rows },
): void {
  for (const [key, was] of before.requests) {
    const is = after.requests.get(key);
    assert(is, `the request ${key} is lost`);
    if (!isUndecided(was)) assert.deepEqual(is, was, `the settled request ${key} has changed`);
    if (isUndecided(was) && !isUndecided(is)) assert.equal(act, 'settle');
  }
  for (const [id, was] of before.entries) {
    const is = after.entries.get(id);
    if (!is?.request_id) continue;
    const key = keyOf({ platform: is.platform, request_id: is.request_id });
    if (was.status !== 'uploaded' && is.status === 'uploaded' && is.request_id !== was.request_id) {
      assert.equal(after.requests.get(key)?.status, 'processing', `${id} will not be confirmed`);
    }
    if (was.status === 'uploaded' && is.status !== 'uploaded') {
      const [request, settled] = [before.requests.get(key), after.requests.get(key)];
      assert(request && isUndecided(request), `${id} was confirmed, and is taken back`);
      assert(settled && !isUndecided(settled), `${id} is taken back without a result`);
    }
  }
}

/** A claim, and what there was to claim. */
export interface Claiming {
  readonly limit: number;
  readonly taken: readonly Pick<Entry, 'id'>[];
  /** Due, neither out nor locked, and not taken. */
  readonly left: readonly Entry[];
  readonly before: Entries;
  readonly out: ReadonlyMap<string, Out | undefined>;
  /** The latest that it can have been. */
  readonly now: Micros;
}

/** Nothing that a claim takes is out, and nothing that it leaves is older. */
export function isFair({ limit, taken, left, before, out, now }: Claiming): void {
  const due = taken.map(({ id }) => {
    const entry = before.get(id);
    assert(entry, `${id} is no entry`);
    const until = out.get(id)?.until ?? 0;
    assert(until <= now, `${id} is out twice, ${until - now} µs before the lease expired`);
    return dueSince(entry);
  });
  assert.deepEqual(
    due,
    due.toSorted((a, b) => a - b),
    'not the oldest first',
  );
  assert(taken.length <= limit, 'more than were asked for');
  assert(taken.length === limit || left.length === 0, 'entries that were due are left');
  const youngest = due.at(-1) ?? Number.NEGATIVE_INFINITY;
  for (const entry of left) {
    assert(dueSince(entry) >= youngest, `${entry.id} is older, and was left`);
  }
}
