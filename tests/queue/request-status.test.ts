import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { googleAdsOutcome, readRequestStatus } from '../../src/queue/index.ts';

const TOO_OLD = { code: 'EVENT_TOO_OLD', outcome: 'permanent' };

/** An answer with one destination. */
function answer(requestStatus: string | undefined, ...errorCounts: object[]): object {
  const errorInfo = errorCounts.length > 0 ? { errorInfo: { errorCounts } } : {};
  return { requestStatusPerDestination: [{ requestStatus, ...errorInfo }] };
}

function both(...answers: object[]): object {
  return { requestStatusPerDestination: answers.flatMap((one) => Object.values(one).flat()) };
}

const tooOld = (fields: object) => ({ reason: 'PROCESSING_ERROR_REASON_EVENT_TOO_OLD', ...fields });

describe('readRequestStatus()', () => {
  test.each<[string, object, string, object[]]>([
    ['no destination', {}, 'processing', []],
    ['null instead of a list', { requestStatusPerDestination: null }, 'processing', []],
    ['a status that is left out', answer(undefined), 'processing', []],
    ['REQUEST_STATUS_UNKNOWN', answer('REQUEST_STATUS_UNKNOWN'), 'processing', []],
    ['a status that Google has added', answer('PAUSED'), 'processing', []],
    ['a status that is the name of a method', answer('toString'), 'processing', []],
    ['PROCESSING', answer('PROCESSING'), 'processing', []],
    ['one of two PROCESSING', both(answer('FAILED'), answer('PROCESSING')), 'processing', []],
    ['SUCCESS', answer('SUCCESS'), 'succeeded', []],
    ['two SUCCESS', both(answer('SUCCESS'), answer('SUCCESS')), 'succeeded', []],
    [
      'PARTIAL_SUCCESS with indices',
      answer('PARTIAL_SUCCESS', tooOld({ recordCount: '2', recordIndices: [0, '7'] })),
      'partially_succeeded',
      [
        { index: 0, ...TOO_OLD },
        { index: 7, ...TOO_OLD },
      ],
    ],
    [
      'PARTIAL_SUCCESS without indices',
      answer('PARTIAL_SUCCESS', tooOld({ recordCount: '2', recordIndices: [] })),
      'partially_succeeded',
      [{ ...TOO_OLD, count: 2 }],
    ],
    [
      'PARTIAL_SUCCESS with some of the indices',
      answer('PARTIAL_SUCCESS', tooOld({ recordCount: 5, recordIndices: [3, 3] })),
      'partially_succeeded',
      [
        { index: 3, ...TOO_OLD },
        { ...TOO_OLD, count: 4 },
      ],
    ],
    [
      'PARTIAL_SUCCESS with indices and no count',
      answer('PARTIAL_SUCCESS', tooOld({ recordIndices: [3] })),
      'partially_succeeded',
      [{ index: 3, ...TOO_OLD }],
    ],
    [
      'PARTIAL_SUCCESS without a count',
      answer('PARTIAL_SUCCESS', tooOld({})),
      'partially_succeeded',
      [TOO_OLD],
    ],
    [
      'PARTIAL_SUCCESS without a reason',
      answer('PARTIAL_SUCCESS', { recordCount: '1' }),
      'partially_succeeded',
      [{ outcome: 'retry', count: 1 }],
    ],
    [
      'PARTIAL_SUCCESS without errors',
      answer('PARTIAL_SUCCESS'),
      'partially_succeeded',
      [{ code: 'REQUEST_FAILED', outcome: 'retry' }],
    ],
    [
      'FAILED without errors, and null for what is missing',
      { requestStatusPerDestination: [{ requestStatus: 'FAILED', errorInfo: null }] },
      'failed',
      [{ code: 'REQUEST_FAILED', outcome: 'retry' }],
    ],
    [
      'FAILURE, the older word',
      answer('FAILURE', tooOld({ recordCount: '3' })),
      'failed',
      [{ ...TOO_OLD, count: 3 }],
    ],
    [
      'FAILED for one destination of two',
      both(answer('SUCCESS'), answer('FAILED', tooOld({ recordCount: '1', recordIndices: [1] }))),
      'partially_succeeded',
      [{ index: 1, ...TOO_OLD }],
    ],
    [
      'SUCCESS with duplicates',
      answer('SUCCESS', { reason: 'PROCESSING_ERROR_REASON_DUPLICATE_GCLID', recordCount: '1' }),
      'succeeded',
      [{ code: 'DUPLICATE_GCLID', outcome: 'complete', count: 1 }],
    ],
    [
      'SUCCESS with errors nevertheless',
      answer('SUCCESS', tooOld({ recordCount: '1' })),
      'partially_succeeded',
      [{ ...TOO_OLD, count: 1 }],
    ],
  ])('reads %s', (_, given, status, rejected) => {
    expect(readRequestStatus(given)).toEqual({ status, rejected });
  });

  test.each([
    undefined,
    null,
    'SUCCESS',
    { requestStatusPerDestination: 'SUCCESS' },
    { requestStatusPerDestination: [null] },
    { error: { code: 400, status: 'INVALID_ARGUMENT' } },
    answer('FAILED', { recordCount: 'two' }),
    answer('FAILED', { recordCount: '1', recordIndices: [-1] }),
    answer('FAILED', { recordCount: '1', recordIndices: [1.5] }),
    answer('FAILED', { recordCount: '99999999999999999999' }),
    answer('FAILED', null as never),
    answer('FAILED', { recordIndices: '12' }),
    answer('FAILED', { recordIndices: { 0: 1 } }),
    { requestStatusPerDestination: [{ requestStatus: 'FAILED', errorInfo: { errorCounts: {} } }] },
    { requestStatusPerDestination: [{ requestStatus: 'FAILED', errorInfo: 'none' }] },
  ])('refuses %j', (given) => {
    expect(() => readRequestStatus(given)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  test('takes an enum of the client, a number, for an unknown reason', () => {
    expect(readRequestStatus(answer('FAILED', { reason: 5, recordCount: 2 }))).toEqual({
      status: 'failed',
      rejected: [{ code: '5', outcome: 'retry', count: 2 }],
    });
  });

  const whole = fc.nat({ max: 20 });
  const reasons = ['EVENT_TOO_OLD', 'DUPLICATE_GCLID', 'NO_CONSENT', 'INTERNAL_ERROR', 'NEW'];
  const errorCount = fc.record(
    {
      reason: fc.constantFrom(...reasons.map((name) => `PROCESSING_ERROR_REASON_${name}`), null),
      recordCount: fc.oneof(whole, whole.map(String)),
      recordIndices: fc.array(fc.oneof(whole, whole.map(String)), { maxLength: 5 }),
    },
    { requiredKeys: [] },
  );
  const destination = fc.record(
    {
      requestStatus: fc.constantFrom(
        ...['SUCCESS', 'SUCCESS', 'PARTIAL_SUCCESS', 'FAILED', 'PROCESSING', 'NEW'],
      ),
      errorInfo: fc.record({ errorCounts: fc.array(errorCount, { maxLength: 3 }) }),
    },
    { requiredKeys: [] },
  );

  test('returns a result that can be recorded, whatever Google leaves out', () => {
    fc.assert(
      fc.property(fc.array(destination, { maxLength: 3 }), (requestStatusPerDestination) => {
        const { status, rejected = [] } = readRequestStatus({ requestStatusPerDestination });
        const final = requestStatusPerDestination.every(({ requestStatus }) =>
          ['SUCCESS', 'PARTIAL_SUCCESS', 'FAILED'].includes(requestStatus ?? ''),
        );
        expect(status === 'processing').toBe(!final || requestStatusPerDestination.length === 0);
        if (status === 'processing') expect(rejected).toEqual([]);
        if (status === 'succeeded') {
          expect(rejected.every(({ outcome }) => outcome === 'complete')).toBe(true);
        } else if (status !== 'processing') {
          expect(rejected).not.toEqual([]);
        }
        for (const { code, outcome, index, count } of rejected) {
          expect(code ?? '').not.toMatch(/^PROCESSING_ERROR/);
          expect(outcome).toBe(googleAdsOutcome(code ?? ''));
          expect(index !== undefined && count !== undefined).toBe(false);
          if (count !== undefined) expect(count).toBeGreaterThan(0);
        }
      }),
    );
  });

  test('loses no index and no count of an error', () => {
    fc.assert(
      fc.property(fc.array(errorCount, { minLength: 1, maxLength: 3 }), (errorCounts) => {
        const { rejected = [] } = readRequestStatus(answer('FAILED', ...errorCounts));
        const indices = errorCounts.flatMap(({ recordIndices = [] }) => recordIndices.map(Number));
        const found = rejected.flatMap(({ index }) => index ?? []);
        expect(new Set(found)).toEqual(new Set(indices));
        const expected = errorCounts.reduce(
          (sum, { recordCount = 0, recordIndices = [] }) =>
            sum + Math.max(Number(recordCount), new Set(recordIndices.map(Number)).size),
          0,
        );
        const counted = rejected.reduce((sum, { count }) => sum + (count ?? 0), found.length);
        expect(counted).toBe(expected);
      }),
    );
  });
});
