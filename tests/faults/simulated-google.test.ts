import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../support/database.ts';
import { programFile } from '../support/programs.ts';
import { fateOf, SimulatedGoogle } from '../support/simulated-google.ts';
import { tally } from '../support/tally.ts';

/** `CONVERSIONS=20000` in the environment runs the full simulation. */
const CONVERSIONS = Number(process.env.CONVERSIONS ?? 1_000);
const WORKERS = 3;
const BATCH = 200;
/** Short, so that the entries of a killed worker are soon uploaded again. */
const LEASE = '3 seconds';
/** Killed workers use up attempts; the last one is for the platform. */
const MAX_RETRIES = 15;
const KILLS = 20;
/** What the last attempt of an entry may end with, also if Google rejects it each time. */
const OF_LAST_ATTEMPTS = ['LEASE_EXPIRED', 'UPLOAD_FAILED', 'REQUEST_FAILED'];
const WITHIN_MS = 20 * 60_000;

test(
  'every conversion ends confirmed or in a dead letter with its reason, although workers are killed',
  async () => {
    const db = await createMigratedDatabase();
    const google = new SimulatedGoogle();
    onTestFinished(() => google.stop());
    await record(db);
    const began = performance.now();
    const kills = await uploadAmongKills(db, await google.start());
    const seconds = (performance.now() - began) / 1000;

    const entries = await db.query<{ key: string; status: string; error_code: string | null }>(
      `SELECT c.idempotency_key AS key, q.status, q.error_code
       FROM conversion_queue q JOIN conversions c ON c.id = q.conversion_id`,
    );
    expect(entries).toHaveLength(CONVERSIONS);
    const wrong = entries.filter(({ key, status, error_code }) => {
      const { fate, code } = fateOf(key);
      if (fate === 'refused' || fate === 'rejected' || fate === 'account') {
        const reasons = fate === 'account' ? [code, ...OF_LAST_ATTEMPTS] : [code];
        return (
          status !== 'dead_letter' || !reasons.includes(error_code ?? '') || google.counted.has(key)
        );
      }
      return status !== 'uploaded' || !google.counted.has(key);
    });
    expect(wrong).toEqual([]);
    expect(
      await db.query(
        'SELECT status, count(*)::int FROM upload_requests GROUP BY 1 HAVING status = $1',
        ['processing'],
      ),
    ).toEqual([]);
    expect(await db.query('SELECT FROM conversion_queue WHERE leased_until IS NOT NULL')).toEqual(
      [],
    );

    const figures = {
      conversions: CONVERSIONS,
      confirmed: entries.filter(({ status }) => status === 'uploaded').length,
      'dead letters': entries.filter(({ status }) => status === 'dead_letter').length,
      ...google.tally,
      ...(await counts(db)),
      seconds: Math.round(seconds),
    };
    const note = Object.entries(figures).map(([what, count]) => `${count} ${what}`);
    tally({
      fault: 'SIGKILL of a worker of runUploads()',
      tried: kills,
      survived: kills,
      note: note.join(', '),
    });
    expect(kills).toBeGreaterThan(0);
    for (const what of [
      'answers lost',
      'duplicates',
      'results without places',
      'results with places',
    ]) {
      expect([what, google.tally[what]]).toEqual([what, expect.any(Number)]);
    }
  },
  WITHIN_MS + 60_000,
);

async function record(db: TestDatabase): Promise<void> {
  await db.query('INSERT INTO leads DEFAULT VALUES');
  await db.query(
    `SELECT record_conversion(l.id, 'closed', 'D-' || n, max_retries => $2)
       FROM leads l, generate_series(1, $1) n`,
    [CONVERSIONS, MAX_RETRIES],
  );
}

/** Runs workers, kills some at any moment, and lets them finish. Returns the number of kills. */
async function uploadAmongKills(db: TestDatabase, google: string): Promise<number> {
  const script = await programFile('upload-worker');
  const options = JSON.stringify({ url: db.url, google, batchSize: BATCH, lease: LEASE });
  /** With a promise that a worker listens to signals. */
  const workers = new Map<ChildProcess, Promise<unknown>>();
  const start = () => {
    const worker = spawn(process.execPath, [script, options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    workers.set(worker, once(worker.stdout, 'data'));
  };
  onTestFinished(() => {
    for (const worker of workers.keys()) worker.kill('SIGKILL');
  });
  for (let count = 0; count < WORKERS; count += 1) start();

  let kills = 0;
  const giveUpAt = Date.now() + WITHIN_MS;
  while (!(await isDone(db))) {
    if (Date.now() > giveUpAt) throw new Error('Conversions are left.');
    await hurry(db);
    await sleep(Math.random() * 300);
    if (kills === KILLS || Math.random() < 0.5) continue;
    const [victim, started] = [...workers][Math.floor(Math.random() * WORKERS)] ?? [];
    await started;
    // At some moment of what it does.
    await sleep(Math.random() * 300);
    if (!victim?.kill('SIGKILL')) continue;
    workers.delete(victim);
    kills += 1;
    start();
  }
  await Promise.all(workers.values());
  const codes = [...workers.keys()].map(async (worker) => {
    const closed = once(worker, 'close');
    worker.kill('SIGTERM');
    return (await closed)[0];
  });
  expect(await Promise.all(codes)).toEqual(codes.map(() => 0));
  return kills;
}

/** Makes retries and checks due that would be due within hours; leases run in real time. */
async function hurry(db: TestDatabase): Promise<void> {
  await db.query(`
    UPDATE conversion_queue SET next_retry_at = now()
     WHERE status = 'failed' AND lease_id IS NULL AND next_retry_at > now();
    UPDATE upload_requests SET next_check_at = now()
     WHERE status = 'processing' AND lease_id IS NULL AND next_check_at > now()`);
}

async function isDone(db: TestDatabase): Promise<boolean> {
  const left = await db.query(`
    SELECT FROM conversion_queue WHERE status IN ('pending', 'failed')
    UNION ALL SELECT FROM upload_requests WHERE status = 'processing' LIMIT 1`);
  return left.length === 0;
}

async function counts(db: TestDatabase): Promise<Record<string, number>> {
  const [row] = await db.query<Record<string, number>>(
    `
    SELECT count(*) FILTER (WHERE send_alone)::int AS "sent alone",
           max(retry_count) AS "attempts at most",
           count(*) FILTER (WHERE status = 'dead_letter' AND error_code = ANY ($1))::int AS "of them with such a last attempt"
      FROM conversion_queue`,
    [OF_LAST_ATTEMPTS],
  );
  return row ?? {};
}
