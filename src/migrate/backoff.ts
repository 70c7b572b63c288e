/**
 * Returns an exponential delay with jitter: between half and all of `first * 2^(attempt - 1)`, capped.
 *
 * @param attempt - from 1
 * @param first - in milliseconds
 * @param cap - in milliseconds
 */
export function backoff(attempt: number, first: number, cap: number): number {
  return jitter(Math.min(cap, first * 2 ** (attempt - 1)));
}

/** Returns between half and all of a delay, so that processes that start together spread out. */
export function jitter(ms: number): number {
  return Math.round(ms * (0.5 + 0.5 * Math.random()));
}
