/** The newest major that there is. */
export const NEWEST = 18;

/** The major of every server that the tests start. */
export function majorOfOwnServer(): number {
  return Number(process.env.TEST_POSTGRES_MAJOR ?? NEWEST);
}
