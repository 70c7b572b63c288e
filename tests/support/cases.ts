/**
 * Whether properties are tried with all of their cases: `TEST_CASES=all`, as `.ci/run` sets it. While
 * one develops, a part of them is quicker.
 */
export const ALL_CASES = process.env.TEST_CASES === 'all';
