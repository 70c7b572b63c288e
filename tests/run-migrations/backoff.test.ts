import { expect, test } from 'vitest';
import { backoff } from '../../src/migrate/backoff.ts';

/** Delays vary by chance, within half of the longest one. */
const delays = (attempt: number) => Array.from({ length: 100 }, () => backoff(attempt, 100, 5_000));

test.each([
  { attempt: 1, longest: 100 },
  { attempt: 2, longest: 200 },
  { attempt: 4, longest: 800 },
  { attempt: 7, longest: 5_000 },
  { attempt: 100, longest: 5_000 },
])('attempt $attempt is retried after at most $longest ms, and at least half of it', (each) => {
  for (const delay of delays(each.attempt)) {
    expect(delay).toBeLessThanOrEqual(each.longest);
    expect(delay).toBeGreaterThanOrEqual(each.longest / 2);
  }
  expect(new Set(delays(each.attempt)).size).toBeGreaterThan(10);
});
