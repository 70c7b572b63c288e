import { setTimeout as sleep } from 'node:timers/promises';
import { type TestDatabase, withClient } from './database.ts';

const GIVE_UP_MS = 60_000;

/** What holds of a session that waits for a lock. */
export const WAITS_FOR_LOCK = "wait_event_type = 'Lock'";

/**
 * Waits until a session of the database is in a certain state.
 *
 * @param state - a condition on pg_stat_activity
 */
export async function untilSession(
  { url }: Pick<TestDatabase, 'url'>,
  state: string,
): Promise<void> {
  const sql = `SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND ${state}`;
  await withClient(url, async (client) => {
    const deadline = performance.now() + GIVE_UP_MS;
    while ((await client.query(sql)).rows.length === 0) {
      if (performance.now() > deadline) throw new Error(`There was no session with ${state}`);
      await sleep(5);
    }
  });
}
