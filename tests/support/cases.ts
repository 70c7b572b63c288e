import { majorOfOwnServer, NEWEST } from './major.ts';

/**
 * Whether properties are tried with all of their cases: `TEST_CASES=all`, as `.ci/run` sets it. While
 * one develops, a part of them is quicker.
 */
export const ALL_CASES = process.env.TEST_CASES === 'all';

/**
 * Returns the cases to try on the major that `TEST_POSTGRES_MAJOR` names: each on two of the majors
 * before the newest, which all take the same way through the code. Without it, or with
 * `TEST_CASES=all`, all of them.
 */
export function onThisMajor<Case>(cases: readonly Case[]): readonly Case[] {
  const major = majorOfOwnServer();
  if (ALL_CASES || major === NEWEST) return cases;
  return cases.filter((_, position) => (position + major) % 2 === 0);
}
