import { expect, test } from 'vitest';
import { type Column, compare, compareWithPeers, type Line } from '../../bench/lines.ts';
import { ratio } from '../../bench/report/markdown.ts';

const COLUMNS: readonly Column[] = [
  { name: 'bare', role: 'limit' },
  { name: 'this', role: 'ours' },
  { name: 'slow', role: 'peer' },
  { name: 'fast', role: 'peer' },
];

function line(better: Line['better'], samples: Line['samples']): Line {
  return { what: 'a boot', unit: 'ms', better, samples };
}

test('compares within each round, so that a slow round counts for both sides', () => {
  const times = line('less', { this: [10, 100, 12], fast: [20, 200, 24] });
  expect(compare(times, 'this', 'fast')).toEqual({
    ...{ other: 'fast', cost: 0.5, spread: 0, rounds: 3 },
  });
});

test('names the winner and the best of the others, whichever direction is better', () => {
  const times = line('less', { bare: [1], this: [10], slow: [40], fast: [20] });
  expect(ratio(times, COLUMNS)).toBe('**this package** 2.00× ahead of fast');
  const rates = line('more', { bare: [99], this: [10], slow: [5], fast: [20] });
  expect(ratio(rates, COLUMNS)).toBe('**fast** 2.00× ahead');
});

test('names no winner within the spread of the rounds', () => {
  const times = line('less', { this: [9.5, 11.5, 14], fast: [11, 11, 11] });
  expect(ratio(times, COLUMNS)).toBe('level with fast');
});

test('leaves out the peers that were not measured', () => {
  expect(compareWithPeers(line('less', { this: [10], slow: [20] }), COLUMNS)?.other).toBe('slow');
  expect(compareWithPeers(line('less', { this: [10] }), COLUMNS)).toBeUndefined();
});
