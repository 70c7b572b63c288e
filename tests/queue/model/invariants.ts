import assert from 'node:assert/strict';
import { dueSince, type Entries, type Entry, isOpen, type Micros, type Status } from './entry.ts';
import type { Out } from './model.ts';

/** What may happen to the queue in one step. */
export type Act = 'record' | 'claim' | 'complete' | 'fail' | 'requeue';

/** Which status an act may make of which. */
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
    if (was.status === 'uploaded') assert.deepEqual(is, was, 'an uploaded entry has changed');
    const fewer = act === 'requeue' && was.status === 'dead_letter' ? 0 : was.retry_count;
    assert(is.retry_count >= fewer, `${id} has tries again that it had used`);
    assert(is.retry_count <= was.retry_count + 1, `${id} has lost more than one try`);
    assert(
      (is.status === 'uploaded') === (is.uploaded_at !== null),
      'uploaded_at goes with uploaded',
    );
    assert(isOpen(is) || is.lease_id === null, `${id} is done, and out`);
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
    assert(until <= now, `${id} is out twice, ${until - now} µs before the lease has passed`);
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
