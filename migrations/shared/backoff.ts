/**
 * SQL for the delay before the next attempt of the entry `q`, whose failure is not yet counted. Five
 * attempts span about seven hours: 5 minutes, 20, 80, and 5 hours 20 minutes, each less up to a
 * quarter, so that entries that failed together are not retried together.
 */
export const BACKOFF =
  "least(power(4, least(q.retry_count, 8)) * interval '5 minutes', interval '6 hours') * (1 - random() / 4)";
