import fc from 'fast-check';
import { MINUTE } from '../model/entry.ts';

export const WORKERS = 6;
const DEALS = 20;
const ACTIONS = 80;

/** What a worker does, one thing after another, while others do the same. */
export type Action =
  | { readonly does: 'record'; readonly platforms: readonly string[]; readonly max_retries: number }
  | {
      readonly does: 'claim';
      readonly limit: number;
      /** In microseconds. */
      readonly lease: number;
      readonly how: 'alone' | 'committed' | 'rolled back';
    }
  | {
      readonly does: 'check';
      readonly limit: number;
      /** In microseconds. */
      readonly lease: number;
    }
  | {
      readonly does: 'settle';
      /** Which of the requests that it has checked, from the latest back. */
      readonly nth: number;
      readonly status: 'processing' | 'succeeded' | 'partially_succeeded' | 'failed';
      /** At least one, by its place from the first on, round and round. */
      readonly rejected: readonly {
        readonly place: number;
        readonly outcome: 'retry' | 'permanent';
      }[];
    }
  | {
      readonly does: 'complete' | 'complete a request' | 'fail' | 'give up';
      /** Which of its claims, from the latest back. */
      readonly nth: number;
      /** In the order that they came, or from the last to the first. */
      readonly backwards: boolean;
    };

const claim = fc.record({
  does: fc.constant('claim' as const),
  limit: fc.constantFrom(1, 3, 10, 30),
  lease: fc.constantFrom(2_000, 2_000, 10_000, 10_000, 30_000, 60 * MINUTE),
  how: fc.constantFrom('alone', 'alone', 'committed', 'rolled back'),
});

const answer = fc.record({
  does: fc.constantFrom(
    ...(['complete', 'complete a request', 'fail', 'fail', 'fail', 'fail', 'give up'] as const),
  ),
  nth: fc.constantFrom(0, 0, 0, 1, 2, 3),
  backwards: fc.boolean(),
});

const check = fc.record({
  does: fc.constant('check' as const),
  limit: fc.constantFrom(1, 3),
  lease: fc.constantFrom(2_000, 10_000, 60 * MINUTE),
});

const settle = fc.record({
  does: fc.constant('settle' as const),
  nth: fc.constantFrom(0, 0, 0, 1, 2),
  status: fc.constantFrom(
    ...(['processing', 'succeeded', 'partially_succeeded', 'failed'] as const),
  ),
  rejected: fc.array(
    fc.record({
      place: fc.nat({ max: 30 }),
      outcome: fc.constantFrom('retry', 'retry', 'retry', 'permanent'),
    }),
    { minLength: 1, maxLength: 5 },
  ),
});

const record = fc.record({
  does: fc.constant('record' as const),
  platforms: fc.constantFrom(['google_ads'], ['google_ads', 'another'], ['another']),
  max_retries: fc.integer({ min: 2, max: 12 }),
});

const actions: fc.Arbitrary<Action[]> = fc
  .tuple(
    fc.array(record, { minLength: DEALS, maxLength: DEALS }),
    fc.array(
      fc.oneof(
        { weight: 3, arbitrary: claim },
        { weight: 3, arbitrary: answer },
        { weight: 1, arbitrary: check },
        { weight: 1, arbitrary: settle },
      ),
      { minLength: ACTIONS, maxLength: ACTIONS },
    ),
  )
  .map(([records, others]) => [...records, ...others]);

/** One list for each worker. All begin with the same deals, at the same time. */
export const plans = fc.array(actions, { minLength: WORKERS, maxLength: WORKERS });
