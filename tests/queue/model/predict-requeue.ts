import type { Entry } from './entry.ts';
import type { Prediction, Situation } from './prediction.ts';

export interface RequeueRequest {
  readonly platform: string | null;
  readonly ids: readonly string[] | null;
  readonly error_code: string | null;
  readonly limit: number;
}

/** Dead letters that nobody else has locked, the oldest first, have all their tries again. */
export function predictRequeue(
  { platform, ids, error_code, limit }: RequeueRequest,
  { entries, locked }: Situation,
): Prediction {
  const changed = [...entries.values()]
    .filter(
      (entry) =>
        entry.status === 'dead_letter' &&
        !locked.has(entry.id) &&
        (platform === null || platform === entry.platform) &&
        (ids === null || ids.includes(entry.id)) &&
        (error_code === null || error_code === entry.error_code),
    )
    .sort((a, b) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1))
    .slice(0, limit)
    .map((entry): Entry => ({ ...entry, status: 'pending', retry_count: 0, next_retry_at: null }));
  return {
    answer: changed.map(({ id, conversion_id }) => ({ id, conversion_id })),
    changed,
    locks: changed.map(({ id }) => id),
  };
}
