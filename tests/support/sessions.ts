import { setTimeout as sleep } from 'node:timers/promises';
import { type TestDatabase, withClient } from './database.ts';

const GIVE_UP_MS = 60_000;

/** What holds of a session that waits for a lock. */
export const WAITS_FOR_LOCK = "wait_event_type = 'Lock'";

/**
 * Waits until sessions of the database are in a certain state.
 *
 * @param state - a condition on pg_stat_activity
 * @param count - how many sessions. Default 1
 */
export async function untilSession(
  { url }: Pick<TestDatabase, 'url'>,
  state: string,
  count = 1,
): Promise<void> {
  const sql = `SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND ${state}`;
  await withClient(url, async (client) => {
    const deadline = performance.now() + GIVE_UP_MS;
    while ((await client.query(sql)).rows.length < count) {
      if (performance.now() > deadline) throw new Error(`There was no session with ${state}`);
      await sleep(5);
    }
  });
}
