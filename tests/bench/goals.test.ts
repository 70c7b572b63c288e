import { expect, test } from 'vitest';
import { checkGoals } from '../../bench/goals.ts';
import { readResults } from '../../bench/results.ts';

const results = readResults(new URL('../../bench/results.json', import.meta.url));
if (results === undefined) throw new Error('bench/results.json is missing');
const goals = checkGoals(results).map(
  (goal) => [`${goal.section}: ${goal.line}, against ${goal.against}`, goal] as const,
);

test.each(goals)('is met, or names the limit: %s', (_, goal) => {
  expect(goal.measured).toBeDefined();
  if (goal.limit === undefined) {
    expect(goal.measured?.cost).toBeLessThanOrEqual(goal.atMost);
  }
});
