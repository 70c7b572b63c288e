import type { ClaimedConversion, RequeuedEntry, UpdatedEntry } from '../../../src/queue/index.ts';
import { dueSince, type InMicros, isOpen, type Micros } from './entry.ts';
import { isFair } from './invariants.ts';
import type { Completion, Model, Out } from './model.ts';
import { type Pick, pickedClaim, pickedIds } from './pick.ts';
import { type CompleteRequest, predictComplete, predictFail } from './predict-answer.ts';
import { type ClaimRequest, predictClaim } from './predict-claim.ts';
import { predictRequeue, type RequeueRequest } from './predict-requeue.ts';
import type { Situation } from './prediction.ts';
import { keyOf } from './request.ts';
import { textOf } from './session.ts';
import { take } from './step.ts';
import type { Workers } from './workers.ts';

type Claimed = InMicros<ClaimedConversion>;
type Answered = InMicros<UpdatedEntry>;

/** A worker takes what is due, and has it in hand. */
export async function claim(
  model: Model,
  workers: Workers,
  worker: number,
  request: ClaimRequest,
): Promise<void> {
  const { platform, limit, lease } = request;
  const out = model.outFor(worker);
  const claimed = await take<Claimed>(model, workers, {
    act: 'claim',
    worker,
    call: () =>
      workers.call(worker, 'claim_conversions', {
        platform,
        limit,
        lease: `${lease / 1000} milliseconds`,
      }),
    look: (taken, situation) => {
      const left = leftBy(taken, request, situation, out);
      isFair({ limit, taken, left, out, before: situation.entries, now: situation.window.to });
    },
    predict: (situation) => predictClaim(request, situation),
    out: (taken) =>
      new Map(taken.map((row) => [row.id, { lease_id: row.lease_id, until: row.leased_until }])),
  });
  if (claimed[0] === undefined) return;
  const held = { lease_id: claimed[0].lease_id, ids: claimed.map(({ id }) => id) };
  model.claims.push(held);
  model.hands[worker]?.push(held);
}

/** What it could have taken, and did not. */
function leftBy(
  taken: readonly Claimed[],
  { platform }: ClaimRequest,
  { seen, locked, window }: Situation,
  out: ReadonlyMap<string, Out | undefined>,
) {
  const ids = new Set(taken.map(({ id }) => id));
  return [...seen.values()].filter(
    (entry) =>
      !ids.has(entry.id) &&
      !locked.has(entry.id) &&
      isOpen(entry) &&
      entry.platform === platform &&
      dueSince(entry) <= window.from &&
      (out.get(entry.id)?.until ?? 0) <= window.from,
  );
}

/** A completion as it is generated: with a request or without, or one of before again. */
export interface Completing {
  readonly picked: Pick;
  readonly request: 'none' | 'new' | 'repeated';
}

function completion(
  model: Model,
  worker: number,
  picked: Pick,
  which: Completing['request'],
): CompleteRequest {
  const locked = model.lockedFor(worker);
  const entries = model.entriesFor(worker);
  if (which === 'repeated') {
    const free = model.completions.filter(({ ids, request_id }) => {
      const platforms = ids.flatMap((id) => entries.get(id)?.platform ?? []);
      const keys = platforms.map((platform) => keyOf({ platform, request_id }));
      return ![...ids, ...keys].some((one) => locked.has(one));
    });
    const again = free.at(-1 - (picked.nth % Math.max(free.length, 1)));
    return again ?? { ids: [], request_id: null };
  }
  const ids = pickedIds(model, worker, picked);
  if (which === 'none') return { ids, request_id: null };
  const platform = ids.map((id) => entries.get(id)?.platform).find((one) => one !== undefined);
  const ofOne = ids.filter((id) => [undefined, platform].includes(entries.get(id)?.platform));
  return { ids: [...new Set(ofOne)], request_id: `r${model.completions.length}` };
}

/** What a worker says of what it had, or has never had. */
export async function complete(
  model: Model,
  workers: Workers,
  worker: number,
  { picked, request: which }: Completing,
): Promise<void> {
  const request = completion(model, worker, picked, which);
  if (request.request_id !== null) model.completions.push(request as Completion);
  await take<Answered>(model, workers, {
    act: 'complete',
    worker,
    call: () => workers.call(worker, 'complete_conversions', request),
    predict: (situation) => predictComplete(request, situation),
    // A repeated completion leaves an entry leased that was rejected and claimed since.
    out: (answers) =>
      new Map(
        answers.filter(({ status }) => status === 'uploaded').map(({ id }) => [id, undefined]),
      ),
  });
}

/** A failure as it is generated: with which claim's lease_id, and when to try again. */
export interface Failure {
  readonly picked: Pick;
  readonly lease: 'of the claim' | 'none' | Pick;
  readonly error: string;
  readonly error_code: string | null;
  /** From now; null leaves it to the server. */
  readonly retryIn: Micros | null;
  readonly permanent: boolean;
}

export async function fail(
  model: Model,
  workers: Workers,
  worker: number,
  { picked, lease, retryIn, ...rest }: Failure,
): Promise<void> {
  const withClaim = pickedClaim(model, worker, lease === 'of the claim' ? picked : (lease as Pick));
  const request = {
    ...rest,
    ids: pickedIds(model, worker, picked),
    lease_id: lease === 'none' ? null : (withClaim?.lease_id ?? null),
    retry_at: retryIn === null ? null : model.clock + retryIn,
  };
  const { lease_id, retry_at } = request;
  await take<Answered>(model, workers, {
    act: 'fail',
    worker,
    call: () =>
      workers.call(worker, 'fail_conversions', {
        ...request,
        retry_at: retry_at === null ? null : textOf(retry_at),
      }),
    predict: (situation) => predictFail(request, situation),
    // Without a lease_id the entry stays leased.
    out: (answers) =>
      new Map(
        answers
          .filter(({ applied }) => applied && lease_id !== null)
          .map(({ id }) => [id, undefined]),
      ),
  });
}

/** Somebody gives dead letters another chance. */
export async function requeue(
  model: Model,
  workers: Workers,
  worker: number,
  { picked, ...rest }: Omit<RequeueRequest, 'ids'> & { readonly picked: Pick | null },
): Promise<void> {
  const request = { ...rest, ids: picked && pickedIds(model, worker, picked) };
  await take<InMicros<RequeuedEntry>>(model, workers, {
    act: 'requeue',
    worker,
    call: () => workers.call(worker, 'requeue_dead_letters', request),
    predict: (situation) => predictRequeue(request, situation),
  });
}
