import fc from 'fast-check';
import { look, openSession } from '../model/session.ts';
import { LEAD } from '../model/workers.ts';
import { agree, type Stakes } from './agreement.ts';
import { plans, WORKERS } from './plan.ts';
import { work } from './worker.ts';

/** Lets workers loose on one queue, each on a connection of its own, and throws where they disagree. */
export async function checkAtOnce(
  url: string,
  { runs, seed }: { readonly runs: number; readonly seed: number },
): Promise<Stakes[]> {
  const clients = await Promise.all(Array.from({ length: WORKERS }, () => openSession(url)));
  const [first] = clients as [(typeof clients)[0], ...typeof clients];
  const stakes: Stakes[] = [];
  try {
    await first.query('INSERT INTO leads (id) VALUES ($1) ON CONFLICT DO NOTHING', [LEAD]);
    for (const [run, lists] of fc.sample(plans, { numRuns: runs, seed }).entries()) {
      await first.query('DELETE FROM conversions');
      try {
        const diaries = await all(clients.map((client, index) => work(client, lists[index] ?? [])));
        stakes.push(agree(diaries, (await look(first)).entries));
      } catch (cause) {
        throw new Error(`The workers of run ${run} of seed ${seed} disagree.`, { cause });
      }
    }
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
  return stakes;
}

/** The first error, once all have come to an end. */
async function all<Value>(working: readonly Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(working);
  return Promise.all(working);
}
