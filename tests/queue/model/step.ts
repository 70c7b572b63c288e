import assert from 'node:assert/strict';
import type { Entries, Entry } from './entry.ts';
import { type Act, holdsAfter, requestsHoldAfter } from './invariants.ts';
import type { Model, Out } from './model.ts';
import type { Prediction, Situation } from './prediction.ts';
import { keyOf, type Requests } from './request.ts';
import type { Workers } from './workers.ts';

/** One call by one worker, what it should do, and what follows for who has which entry. */
export interface Step<Row extends object> {
  readonly act: Act;
  readonly worker: number;
  readonly call: () => Promise<readonly Row[]>;
  readonly predict: (situation: Situation) => Prediction;
  /** Looks at what was answered, apart from the prediction. */
  readonly look?: (answer: readonly Row[], situation: Situation) => void;
  /** Entries that are out with somebody else than before, or no longer. */
  readonly out?: (answer: readonly Row[]) => ReadonlyMap<string, Out | undefined>;
}

/** Does it on the server and in the model, and compares every returned and every stored value. */
export async function take<Row extends object>(
  model: Model,
  workers: Workers,
  step: Step<Row>,
): Promise<readonly Row[]> {
  const before = model.entriesFor(step.worker);
  const requestsBefore = model.requestsFor(step.worker);
  const from = model.clock;
  const answer = await step.call();
  const { at, entries: seen, requests: seenRequests } = await workers.look(step.worker);
  model.clock = at;
  const locked = model.lockedFor(step.worker);
  const situation = {
    entries: before,
    requests: requestsBefore,
    locked,
    window: { from, to: at },
    seen,
    seenRequests,
  };
  holdsAfter(step.act, before, seen);
  requestsHoldAfter(step.act, {
    before: { entries: before, requests: requestsBefore },
    after: { entries: seen, requests: seenRequests },
  });
  step.look?.(answer, situation);
  const { answer: expected, changed, requests = [], locks } = step.predict(situation);
  if (expected) compareAnswers(answer, expected);
  compareEntries(seen, new Map([...before, ...changed.map((entry) => [entry.id, entry] as const)]));
  assert.deepEqual(
    byKey(seenRequests),
    byKey(new Map([...requestsBefore, ...requests.map((one) => [keyOf(one), one] as const)])),
    'the rows of upload_requests',
  );
  model.change(step.worker, changed, step.out?.(answer) ?? new Map(), locks, requests);
  return answer;
}

function compareAnswers(actual: readonly object[], expected: readonly object[]): void {
  const columns = Object.keys(expected[0] ?? {});
  const asExpected = actual.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([column]) => columns.includes(column))),
  );
  assert.deepEqual(byId(asExpected), byId(expected), 'the rows that it returned');
}

function byKey(requests: Requests): object[] {
  return [...requests].toSorted(([a], [b]) => a.localeCompare(b)).map(([, one]) => one);
}

function byId(rows: readonly { readonly id?: unknown }[]): object[] {
  return rows.toSorted((a, b) => String(a.id).localeCompare(String(b.id)));
}

function compareEntries(actual: Entries, expected: Entries): void {
  const sorted = (entries: Entries): Entry[] =>
    [...entries.values()].toSorted((a, b) => a.id.localeCompare(b.id));
  assert.deepEqual(sorted(actual), sorted(expected), 'the rows of the queue');
}
