import fc from 'fast-check';
import type { Claim, Model } from './model.ts';

export const WORKERS = 3;
export const PLATFORMS = ['google_ads', 'another'];

const UNKNOWN = '00000000-0000-4000-8000-00000000dead';

export const worker = fc.nat({ max: WORKERS - 1 });
export const platform = fc.constantFrom('google_ads', ...PLATFORMS, 'google_ads');

/** Which entries an answer names: chosen before anybody knows what there will be. */
export interface Pick {
  /** Of the worker's own claims, of anybody's at any time, or of no claim at all. */
  readonly from: 'own' | 'anybody' | 'queue';
  /** Which claim, from the latest back. */
  readonly nth: number;
  /** Which of its entries, a bit for each. */
  readonly mask: number;
  readonly besides: 'nothing' | 'unknown' | 'twice';
}

export const pick: fc.Arbitrary<Pick> = fc.record({
  from: fc.constantFrom('own', 'own', 'own', 'own', 'anybody', 'anybody', 'anybody', 'queue'),
  nth: fc.oneof(fc.constant(0), fc.nat({ max: 5 })),
  mask: fc.nat({ max: 0xffff }),
  besides: fc.constantFrom('nothing', 'nothing', 'nothing', 'unknown', 'twice'),
});

/** The claim that is picked, where there is one. */
export function pickedClaim(model: Model, owner: number, { from, nth }: Pick): Claim | undefined {
  const claims = from === 'own' ? (model.hands[owner] ?? []) : model.claims;
  return from === 'queue' ? undefined : claims.at(-1 - (nth % Math.max(claims.length, 1)));
}

/** The ids that are picked, without those that another transaction would have one wait for. */
export function pickedIds(model: Model, owner: number, picked: Pick): string[] {
  const candidates =
    pickedClaim(model, owner, picked)?.ids ?? [...model.entriesFor(owner).keys()].toSorted();
  const locked = model.lockedFor(owner);
  const ids = candidates.filter(
    (id, index) => (picked.mask >> (index % 16)) % 2 === 1 && !locked.has(id),
  );
  if (picked.besides === 'twice') return [...ids, ...ids];
  return picked.besides === 'unknown' ? [UNKNOWN, ...ids] : ids;
}
