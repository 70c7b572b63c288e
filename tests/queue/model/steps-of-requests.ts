import assert from 'node:assert/strict';
import type {
  ClaimedUploadRequest,
  SettledUploadRequest,
  UploadRejection,
} from '../../../src/queue/index.ts';
import type { InMicros } from './entry.ts';
import type { Model } from './model.ts';
import type { ClaimRequest } from './predict-claim.ts';
import { predictClaimRequests } from './predict-claim-requests.ts';
import { predictSettle, type Result } from './predict-settle.ts';
import { isUndecided, keyOf, type Request } from './request.ts';
import { take } from './step.ts';
import type { Workers } from './workers.ts';

/** A worker takes requests to check. */
export async function claimRequests(
  model: Model,
  workers: Workers,
  worker: number,
  request: ClaimRequest,
): Promise<void> {
  const { platform, limit, lease } = request;
  const before = model.requestsFor(worker);
  await take<InMicros<ClaimedUploadRequest>>(model, workers, {
    act: 'claimRequests',
    worker,
    call: () =>
      workers.call(worker, 'claim_upload_requests', {
        platform,
        limit,
        lease: `${lease / 1000} milliseconds`,
      }),
    look: (claimed, { seenRequests, window }) => {
      for (const row of claimed) {
        const was = before.get(keyOf({ platform, ...row }));
        const is = seenRequests.get(keyOf({ platform, ...row }));
        assert(row.lease_id, `${row.request_id} has no lease`);
        assert((was?.next_check_at ?? Infinity) <= window.to, `${row.request_id} is out twice`);
        assert.deepEqual(
          [row.entry_ids, row.check_count, row.accepted_at, row.lease_id, row.leased_until],
          [is?.entry_ids, is?.check_count, is?.accepted_at, is?.lease_id, is?.next_check_at],
        );
      }
    },
    predict: (situation) => predictClaimRequests(request, situation),
  });
}

/** What a platform says of a request, before it is known which. */
export interface Report {
  /** From the latest back. */
  readonly nth: number;
  readonly status: Result['status'];
  readonly rejected: readonly (Omit<UploadRejection, 'id' | 'index'> & {
    readonly place: number | null;
    readonly by: 'id' | 'index';
  })[];
  readonly lease: 'of the claim' | 'none' | 'of another';
}

const NO_LEASE = '00000000-0000-4000-8000-00000000beef';

export async function settle(
  model: Model,
  workers: Workers,
  worker: number,
  report: Report,
): Promise<void> {
  const locked = model.lockedFor(worker);
  // Settling would wait for a worker that has locked the request or one of its entries.
  const requests = [...model.requestsFor(worker).values()].filter(
    (one) => !locked.has(keyOf(one)) && !one.entry_ids.some((id) => locked.has(id)),
  );
  const request = requests.at(-1 - (report.nth % Math.max(requests.length, 1)));
  if (!request) return;
  const key = keyOf(request);
  const result =
    isUndecided(request) || report.status === 'processing'
      ? resultOf(report, request)
      : model.results.get(key);
  assert(result, `nobody has settled ${key}`);
  if (result.status !== 'processing') model.results.set(key, result);
  await take<SettledUploadRequest>(model, workers, {
    act: 'settle',
    worker,
    call: () => workers.call(worker, 'settle_upload_request', result),
    predict: (situation) => predictSettle(result, situation),
  });
}

function resultOf({ status, rejected, lease }: Report, request: Request): Result {
  const { platform, request_id, entry_ids, lease_id } = request;
  const named = rejected.map(({ place, by, ...rest }): UploadRejection => {
    if (place === null) return rest;
    const index = place % entry_ids.length;
    return by === 'id' ? { ...rest, id: entry_ids[index] } : { ...rest, index };
  });
  return {
    platform,
    request_id,
    status,
    rejected:
      status === 'processing'
        ? []
        : named.filter(({ outcome }) => status !== 'succeeded' || outcome === 'complete'),
    lease_id: lease === 'of the claim' ? lease_id : lease === 'none' ? null : NO_LEASE,
  };
}
