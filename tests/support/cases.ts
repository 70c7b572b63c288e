/**
 * How many cases a property is tried with: fewer while one develops, all with `TEST_CASES=all`, as
 * `.ci/run` sets it.
 */
export function runs(some: number, all: number): number {
  return process.env.TEST_CASES === 'all' ? all : some;
}
