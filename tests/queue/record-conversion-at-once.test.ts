import { beforeEach, expect, test } from 'vitest';
import { withClient } from '../support/database.ts';
import { emptyQueueDatabase, type QueueDatabase } from '../support/queue.ts';
import { untilSession } from '../support/sessions.ts';

let given: QueueDatabase;
beforeEach(async () => {
  given = await emptyQueueDatabase();
});

test('record_conversion inserts anew where the conversion is deleted between INSERT and SELECT', async () => {
  const { db, lead } = given;
  const record = "SELECT is_new FROM record_conversion($1, 'closed', 'D-1')";
  await db.query(record, [lead]);
  // Fires after the INSERT that has found the conversion, before the SELECT that reads it.
  await db.query(`
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END';
    CREATE TRIGGER hold AFTER INSERT ON conversions FOR EACH STATEMENT EXECUTE FUNCTION hold()`);
  try {
    await withClient(db.url, async (holder) => {
      await holder.query('SELECT pg_advisory_lock(1)::text');
      const recorded = db.query(record, [lead]);
      await untilSession(db, "wait_event = 'advisory'");
      await holder.query('DELETE FROM conversions');
      await holder.query('SELECT pg_advisory_unlock(1)::text');
      expect(await recorded).toEqual([{ is_new: true }]);
    });
  } finally {
    await db.query('DROP TRIGGER hold ON conversions; DROP FUNCTION hold()');
  }
});
