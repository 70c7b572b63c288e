import { time } from '../../rounds.ts';

/** What a worker does with a queue, over and over. */
export interface Taker {
  /** The ids of entries, none where the queue is empty. */
  take(limit: number): Promise<readonly string[]>;
  finish(ids: readonly string[]): Promise<unknown>;
}

/** Whether a worker waits for what it has finished before it takes more. */
export type Pace = 'in turn' | 'overlapping';

/** Milliseconds until so many workers have left nothing. */
export function drainWith(
  taker: Taker,
  { workers, batch, pace }: { workers: number; batch: number; pace: Pace },
): Promise<number> {
  return time(() =>
    Promise.all(Array.from({ length: workers }, () => workUntilEmpty(taker, batch, pace))),
  );
}

async function workUntilEmpty(taker: Taker, batch: number, pace: Pace): Promise<void> {
  let finished: Promise<unknown> = Promise.resolve();
  for (;;) {
    const [ids] = await Promise.all([taker.take(batch), pace === 'overlapping' && finished]);
    if (ids.length === 0) return;
    finished = taker.finish(ids);
    if (pace === 'in turn') await finished;
  }
}

/** Connections for it, as many as graphile-worker has with the same workers and batches. */
export function connectionsFor(workers: number, batch: number, pace: Pace): number {
  if (pace === 'in turn') return workers;
  return batch === 1 ? workers + 1 : workers * 2;
}
