import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunMigrationsOptions, runMigrations, TrackingSchemaError } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { type Cut, type CuttingProxy, startProxy, type Traffic } from '../support/proxy.ts';
import { tally } from '../support/tally.ts';

// An error without a listener and a rejection without a handler fail the whole run: Vitest sees
// to that. So nothing here has to look for them.

const NAMES = migrations.map(({ name }) => name);

/** Databases that are worked on side by side: each waits for its own cuts to be noticed. */
const LANES = 4;
const HANGS_AFTER_MS = 10_000;
const EMPTY = 'DROP SCHEMA public CASCADE; CREATE SCHEMA public';
/** Where a cut left nothing, the next one meets the same as after any other: every fifth call completes. */
const COMPLETES_EVERY = 5;

interface Lane {
  readonly database: TestDatabase;
  readonly proxy: CuttingProxy;
  /** Straight to the server. */
  readonly direct: pg.Client;
}

/** One cut, and what came of it. */
interface Trial {
  readonly cut: Cut;
  /** The error's code, or that there was none. */
  readonly outcome: string;
  readonly state: 'absent' | 'complete';
}

const lanes: Lane[] = [];
let wholeInstall: Traffic;
let completeObjects: readonly string[];

beforeAll(async () => {
  for (let lane = 0; lane < LANES; lane += 1) {
    const database = await createDatabase();
    const direct = new pg.Client(database.url);
    await direct.connect();
    lanes.push({ database, direct, proxy: await startProxy(database.url) });
  }
  const [lane] = lanes as [Lane];
  wholeInstall = lane.proxy.arm();
  await runMigrations({ databaseUrl: lane.proxy.url });
  completeObjects = await objectsOf(lane);
  await lane.direct.query(EMPTY);
});

afterAll(async () => {
  for (const { direct, proxy } of lanes) {
    await direct.end();
    await proxy.stop();
  }
});

/** Every relation and function, by name. */
async function objectsOf({ direct }: Lane): Promise<string[]> {
  const { rows } = await direct.query<{ name: string }>(`
    SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT proname || '()' FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ORDER BY 1`);
  return rows.map(({ name }) => name);
}

async function stateOf(lane: Lane): Promise<Trial['state']> {
  const objects = await objectsOf(lane);
  if (objects.length === 0) return 'absent';
  expect(objects, 'the objects of a schema that is half there').toEqual(completeObjects);
  const { rows } = await lane.direct.query('SELECT name FROM tracking_migrations ORDER BY id');
  expect(rows.map(({ name }) => name)).toEqual(NAMES);
  return 'complete';
}

/** Waits until the server has ended every session of the database: one left behind would hold its locks. */
async function sessionsEnded({ direct }: Lane): Promise<void> {
  const deadline = performance.now() + HANGS_AFTER_MS;
  while (performance.now() < deadline) {
    const { rows } = await direct.query(`
      SELECT FROM pg_stat_activity
       WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`);
    if (rows.length === 0) return;
    await sleep(5);
  }
  throw new Error('a session outlived its connection');
}

/** The code of the typed, retryable error that a call ended with, or `done`. Any other error is thrown. */
async function outcomeOf(options: RunMigrationsOptions): Promise<string> {
  const hung = new AbortController();
  const outcome = await Promise.race([
    runMigrations(options).then(
      () => 'done',
      (error: unknown) => error,
    ),
    sleep(HANGS_AFTER_MS, 'hung', { signal: hung.signal }),
  ]);
  hung.abort();
  if (outcome === 'done') return 'done';
  expect(outcome).toBeInstanceOf(TrackingSchemaError);
  const { code, retryable } = outcome as TrackingSchemaError;
  expect({ code, retryable }).toEqual({
    code: expect.stringMatching(/^CONNECTION_(LOST|FAILED)$/),
    retryable: true,
  });
  return code;
}

/** Installs with `cut` armed, and checks the result. Leaves the database empty. */
async function tryCut(
  lane: Lane,
  cut: Cut,
  install: (lane: Lane, arm: () => Traffic) => Promise<string>,
): Promise<Trial> {
  const { direct, proxy } = lane;
  let traffic: Traffic | undefined;
  const outcome = await install(lane, () => {
    traffic = proxy.arm(cut);
    return traffic;
  });
  // Terminate may still be on its way when the call returns, and be cut then.
  await sessionsEnded(lane);
  expect(traffic?.cut, 'the connection was cut').toBe(true);
  const state = await stateOf(lane);
  if (outcome === 'done') expect(state).toBe('complete');
  if (state === 'complete' || cut.message % COMPLETES_EVERY === 1) {
    const options = { migrationLockTimeoutMs: 200, timeoutMs: HANGS_AFTER_MS };
    await runMigrations({ dbClient: direct, ...options });
    expect(await stateOf(lane)).toBe('complete');
    await direct.query(EMPTY);
  }
  return { cut, outcome, state };
}

/** Tries all cuts, on all lanes at once. */
async function tryAll(
  fault: string,
  cuts: readonly Cut[],
  install: Parameters<typeof tryCut>[2],
): Promise<Trial[]> {
  const queue = [...cuts];
  const trials: Trial[] = [];
  const failures: string[] = [];
  const work = async (lane: Lane) => {
    for (let cut = queue.shift(); cut !== undefined; cut = queue.shift()) {
      try {
        trials.push(await tryCut(lane, cut, install));
      } catch (error) {
        failures.push(`${cut.when} message ${cut.message} ${cut.direction}: ${error}`);
      }
    }
  };
  await Promise.all(lanes.map(work));
  const complete = trials.filter(({ state }) => state === 'complete').length;
  const note = `afterwards ${trials.length - complete} times absent, ${complete} times complete`;
  tally({ fault, tried: cuts.length, survived: trials.length, note });
  expect(failures).toEqual([]);
  return trials;
}

/** Before and after each of the messages given, counted from 1. */
function cutsAt(direction: Cut['direction'], messages: readonly number[]): Cut[] {
  return messages.flatMap((message) => [
    { direction, message, when: 'before' },
    { direction, message, when: 'after' },
  ]);
}

/**
 * After every message that the server sends. Before it is after the one ahead of it, and a cut of
 * its own only where the client speaks in between.
 */
function cutsInAnswers(messages: readonly string[]): Cut[] {
  const CLIENT_SPEAKS = ['R', 'Z'];
  return cutsAt('toClient', upTo(messages.length)).filter(
    ({ message, when }) =>
      when === 'after' || message === 1 || CLIENT_SPEAKS.includes(messages[message - 2] ?? ''),
  );
}

function upTo(count: number, step = 1): number[] {
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => 1 + index * step);
}

describe('a cut connection leaves everything or nothing, and the next call succeeds', () => {
  const install = async ({ proxy }: Lane, arm: () => Traffic) => {
    arm();
    return outcomeOf({ databaseUrl: proxy.url });
  };

  test('before and after every message to the server', async () => {
    const { toServer } = wholeInstall;
    expect(toServer.join('')).toMatch(/^-p*Q{50,}X$/);
    const cuts = cutsAt('toServer', upTo(toServer.length));
    const trials = await tryAll('connection cut at a message to the server', cuts, install);
    // The last messages are COMMIT and Terminate: nothing is committed before them.
    const late = trials.filter(({ state }) => state === 'complete').map(({ cut }) => cut.message);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(toServer.length - 1);
    expect(late).not.toEqual([]);
    const early = trials.filter(({ cut }) => cut.message < toServer.length - 1);
    expect(new Set(early.map(({ outcome }) => outcome))).toEqual(
      new Set(['CONNECTION_FAILED', 'CONNECTION_LOST']),
    );
  });

  test('before and after every message to the client', async () => {
    const { toClient } = wholeInstall;
    expect(toClient.length).toBeGreaterThan(150);
    const cuts = cutsInAnswers(toClient);
    const trials = await tryAll('connection cut at a message to the client', cuts, install);
    // Committed, but the answer was lost: the caller gets CONNECTION_LOST.
    expect(
      trials.filter(({ state, outcome }) => state === 'complete' && outcome !== 'done'),
    ).not.toEqual([]);
  });
});

describe("a cut connection of the caller's", () => {
  /** All but Terminate, which the owner of the client sends. */
  const messages = () => upTo(wholeInstall.toServer.length - 1, 3);

  test('leaves a Pool usable, without the broken client', async () => {
    const cuts = cutsAt('toServer', messages());
    await tryAll("a pool's connection cut", cuts, async ({ proxy }, arm) => {
      const pool = new pg.Pool({ connectionString: proxy.url, max: 1 });
      pool.on('error', () => {});
      try {
        arm();
        const outcome = await outcomeOf({ dbClient: pool });
        expect(outcome).not.toBe('done');
        expect(pool.totalCount).toBe(0);
        expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
        return outcome;
      } finally {
        await pool.end();
      }
    });
  });

  test('leaves a Client to its owner to end', async () => {
    // Only the messages of the call: the client has connected before.
    const before = wholeInstall.toServer.indexOf('Q');
    const cuts = cutsAt('toServer', upTo(wholeInstall.toServer.length - 1 - before, 3));
    await tryAll("a caller's client cut", cuts, async ({ proxy }, arm) => {
      proxy.arm();
      const client = new pg.Client(proxy.url);
      await client.connect();
      try {
        arm();
        const outcome = await outcomeOf({ dbClient: client });
        expect(outcome).toBe('CONNECTION_LOST');
        expect(client.listenerCount('error')).toBe(0);
        return outcome;
      } finally {
        client.on('error', () => {});
        await client.end();
      }
    });
  });
});
