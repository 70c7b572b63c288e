import { afterEach, beforeEach, expect, test } from 'vitest';
import { withClient } from '../support/database.ts';
import { emptyQueueDatabase, type QueueDatabase } from '../support/queue.ts';
import { untilSession } from '../support/sessions.ts';

let given: QueueDatabase;
beforeEach(async () => {
  given = await emptyQueueDatabase();
});

const RECORD = "SELECT is_new FROM record_conversion($1, 'closed', 'D-1', platforms => $2)";

// Fires after the INSERT that has found the conversion, before the SELECT that reads it.
beforeEach(async () => {
  await given.db.query(`
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END';
    CREATE TRIGGER hold AFTER INSERT ON conversions FOR EACH STATEMENT EXECUTE FUNCTION hold()`);
});

afterEach(async () => {
  await given.db.query('DROP TRIGGER hold ON conversions; DROP FUNCTION hold()');
});

test('record_conversion inserts anew where the conversion is deleted between INSERT and SELECT', async () => {
  const { db, lead } = given;
  await db.query(RECORD, [lead, []]);
  await withClient(db.url, async (holder) => {
    await holder.query('SELECT pg_advisory_lock(1)::text');
    const recorded = db.query(RECORD, [lead, []]);
    await untilSession(db, "wait_event = 'advisory'");
    await holder.query('DELETE FROM conversions');
    await holder.query('SELECT pg_advisory_unlock(1)::text');
    expect(await recorded).toEqual([{ is_new: true }]);
  });
});

/** Deletes from the table between the SELECT of the conversion and the UPDATE that locks it. */
async function recordDuringDeletion(table: string): Promise<unknown> {
  const { db, lead } = given;
  await db.query(RECORD, [lead, []]);
  return withClient(db.url, async (holder) => {
    await holder.query('SELECT pg_advisory_lock(1)::text');
    const recorded = db.query(RECORD, [lead, ['google_ads']]).catch((error: unknown) => error);
    await untilSession(db, "wait_event = 'advisory'");
    await holder.query('BEGIN');
    await holder.query(`DELETE FROM ${table}`);
    await holder.query('SELECT pg_advisory_unlock(1)::text');
    await untilSession(db, "wait_event = 'transactionid'");
    await holder.query('COMMIT');
    return recorded;
  });
}

test('record_conversion inserts anew where the conversion is deleted before it is locked', async () => {
  expect(await recordDuringDeletion('conversions')).toEqual([{ is_new: true }]);
  expect(await given.entries()).toMatchObject([{ platform: 'google_ads', status: 'pending' }]);
});

test('record_conversion reports the lead missing where it is deleted before the conversion is locked', async () => {
  expect(await recordDuringDeletion('leads')).toMatchObject({
    code: '23503',
    constraint: 'conversions_lead_id_fkey',
    message: `There is no lead ${given.lead}.`,
  });
});
