import { InvalidArgumentError } from '../errors.ts';
import type { SettleUploadRequestArguments, UploadRejection } from './arguments.ts';
import { googleAdsCode, googleAdsOutcome } from './google-ads-outcome.ts';

/** The state of an accepted upload request, as the platform reports it. */
export type UploadRequestResult = Pick<SettleUploadRequestArguments, 'status' | 'rejected'>;

/** An object of Google's answer. Its own client fills in null, JSON leaves fields out. */
type Fields<Name extends string> = { readonly [field in Name]?: unknown };
type Destination = Fields<'requestStatus' | 'errorInfo'>;
type ErrorCount = Fields<'reason' | 'recordCount' | 'recordIndices'>;

/** All other values, also ones that Google may add, are not final. */
const FINAL: ReadonlyMap<unknown, 'succeeded' | 'partially_succeeded' | 'failed'> = new Map([
  ['SUCCESS', 'succeeded'],
  ['PARTIAL_SUCCESS', 'partially_succeeded'],
  ['FAILED', 'failed'],
  ['FAILURE', 'failed'],
]);

/**
 * Reads an answer of `requestStatus:retrieve` of Google's Data Manager API. Pure.
 *
 * @param answer - the parsed JSON, or the response of Google's own client
 * @returns status and rejections for {@link TrackingQueue.settleUploadRequest}. The status is `processing` until
 * every destination is final. Error codes have no prefix; each has its {@link googleAdsOutcome}. A rejection
 * without an `index` is of an unknown event: Google left its place out
 * @throws {InvalidArgumentError} if it is not such an answer
 * @example
 * const { status, rejected } = readRequestStatus(await response.json());
 * await queue.settleUploadRequest({ request_id, lease_id, status, rejected });
 */
export function readRequestStatus(answer: unknown): UploadRequestResult {
  const destinations = destinationsOf(answer);
  const statuses = destinations.map(({ requestStatus }) => FINAL.get(requestStatus));
  if (statuses.length === 0 || statuses.includes(undefined)) {
    return { status: 'processing', rejected: [] };
  }
  const rejected = destinations.flatMap(rejectionsOf);
  if (statuses.every((status) => status === 'failed')) return { status: 'failed', rejected };
  const allCounted = rejected.every(({ outcome }) => outcome === 'complete');
  const succeeded = allCounted && statuses.every((status) => status === 'succeeded');
  return { status: succeeded ? 'succeeded' : 'partially_succeeded', rejected };
}

function destinationsOf(answer: unknown): readonly Destination[] {
  const { requestStatusPerDestination: destinations, error } = objectOf(answer, 'it');
  // Of an answer other than 200.
  if (error) throw unreadable('it is an error');
  return listOf(destinations, 'requestStatusPerDestination').map((one) =>
    objectOf(one, 'a destination'),
  );
}

function rejectionsOf({ requestStatus, errorInfo }: Destination): UploadRejection[] {
  const { errorCounts } = objectOf(errorInfo ?? {}, 'errorInfo');
  const counts = listOf(errorCounts, 'errorCounts').map(
    (one): ErrorCount => objectOf(one, 'one of errorCounts'),
  );
  if (counts.length === 0 && requestStatus !== 'SUCCESS') {
    return [{ code: 'REQUEST_FAILED', outcome: 'retry' }];
  }
  return counts.flatMap(({ reason, recordCount, recordIndices }) => {
    const indices = [...new Set(listOf(recordIndices, 'recordIndices').map(wholeNumber))];
    const count = recordCount == null ? indices.length : wholeNumber(recordCount);
    const rejection = {
      outcome: googleAdsOutcome(`${reason ?? ''}`),
      ...(reason ? { code: googleAdsCode(`${reason}`) } : {}),
    };
    const located = indices.map((index) => ({ index, ...rejection }));
    const unlocated = count - located.length;
    if (located.length > 0 && unlocated <= 0) return located;
    return [...located, { ...rejection, ...(count > 0 ? { count: unlocated } : {}) }];
  });
}

function objectOf(value: unknown, what: string): { readonly [field: string]: unknown } {
  if (typeof value === 'object' && value !== null) return value as ReturnType<typeof objectOf>;
  throw unreadable(`${what} is not an object`);
}

function listOf(value: unknown, what: string): readonly unknown[] {
  const list = value ?? [];
  if (Array.isArray(list)) return list;
  throw unreadable(`${what} is not a list`);
}

/** JSON has 64-bit integers as strings. */
function wholeNumber(value: unknown): number {
  const number = /^\d+$/.test(String(value)) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(number)) return number;
  throw unreadable('an index or a count is not a whole number');
}

function unreadable(problem: string): InvalidArgumentError {
  return new InvalidArgumentError(`The answer cannot be read: ${problem}.`, {
    hint: 'Pass the JSON of requestStatus:retrieve of the Data Manager API.',
  });
}
