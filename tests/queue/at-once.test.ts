import { beforeAll, expect, test } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../support/database.ts';
import { untilSession } from '../support/sessions.ts';
import { agree } from './at-once/agreement.ts';
import { checkAtOnce } from './at-once/check.ts';
import type { Action } from './at-once/plan.ts';
import { work } from './at-once/worker.ts';
import { MINUTE } from './model/entry.ts';
import { look, openSession } from './model/session.ts';
import { LEAD } from './model/workers.ts';

const { MODEL_SEED = '20261122' } = process.env;
const SEED = MODEL_SEED === 'random' ? Date.now() : Number(MODEL_SEED);
const RUNS = 25;

let db: TestDatabase;

beforeAll(async () => {
  db = await createMigratedDatabase();
});

test('of workers at once none has what another has, and what each has seen adds up', async () => {
  const stakes = await checkAtOnce(db.url, { runs: RUNS, seed: SEED });
  const sum = (of: keyof (typeof stakes)[0]) => stakes.reduce((total, one) => total + one[of], 0);
  const total = {
    claims: sum('claims'),
    again: sum('again'),
    tooLate: sum('tooLate'),
    uploaded: sum('uploaded'),
    deadLetters: sum('deadLetters'),
    rejected: sum('rejected'),
    checks: sum('checks'),
    refused: sum('refused'),
    expired: sum('expired'),
  };
  console.info(`${RUNS} runs of seed ${SEED}:`, total);
  for (const times of Object.values(total)) expect(times).toBeGreaterThan(0);
});

test('an entry that comes back between two searches of a claim has had its tries one after the other', async () => {
  const [holder, slow, quick] = await Promise.all([
    openSession(db.url),
    openSession(db.url),
    openSession(db.url),
  ]);
  const record = (max_retries: number): Action => ({
    does: 'record',
    platforms: ['google_ads'],
    max_retries,
  });
  const claim = (limit: number, lease: number): Action => ({
    does: 'claim',
    limit,
    lease,
    how: 'alone',
  });
  try {
    await holder.query(`
      DELETE FROM conversions;
      CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END';
      CREATE TRIGGER hold BEFORE UPDATE ON conversion_queue FOR EACH ROW
        WHEN (NEW.lease_id IS NOT NULL AND current_setting('application_name') = 'slow')
        EXECUTE FUNCTION hold();
      SET lock_timeout = 0`);
    await holder.query('INSERT INTO leads (id) VALUES ($1) ON CONFLICT DO NOTHING', [LEAD]);
    await slow.query("SET application_name = 'slow'; SET lock_timeout = 0");
    // The first is used up when it is found again, so that a claim of two has to search twice.
    const diaries = [await work(holder, [record(1), claim(1, 1_000), record(3), record(3)])];
    await holder.query('SELECT pg_advisory_lock(1)::text, pg_sleep(0.01)::text');
    const twice = work(slow, [claim(2, 60 * MINUTE)]);
    await untilSession(db, "application_name = 'slow' AND wait_event = 'advisory'");
    diaries.push(
      await work(quick, [claim(1, 60 * MINUTE), { does: 'fail', nth: 0, backwards: false }]),
    );
    await holder.query('SELECT pg_advisory_unlock(1)::text');
    diaries.push(await twice);
    expect(diaries.map(({ claims }) => claims.map((one) => one.retry_count))).toEqual([
      [0],
      [0],
      [0, 1],
    ]);
    const { claims, again } = agree(diaries, (await look(holder)).entries);
    expect({ claims, again }).toEqual({ claims: 4, again: 1 });
  } finally {
    await holder.query('DROP TRIGGER hold ON conversion_queue; DROP FUNCTION hold()');
    await Promise.all([holder.end(), slow.end(), quick.end()]);
  }
});
