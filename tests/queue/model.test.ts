import { beforeAll, expect, test } from 'vitest';
import { ALL_CASES } from '../support/cases.ts';
import { createMigratedDatabase, type TestDatabase } from '../support/database.ts';
import { checkAgainstModel } from './model/check.ts';
import { counted } from './model/commands.ts';
import { edges, edgesSeen } from './model/invariants.ts';

/** MODEL_RUNS runs more lists of commands; MODEL_SEED=random others, a number those of that seed. */
const { MODEL_RUNS = ALL_CASES ? '120' : '60', MODEL_SEED = '20261122' } = process.env;
const RUNS = Number(MODEL_RUNS);
const SEED = MODEL_SEED === 'random' ? Date.now() : Number(MODEL_SEED);

let db: TestDatabase;

beforeAll(async () => {
  db = await createMigratedDatabase();
});

test(
  'whatever workers do, each call returns and leaves what the model says',
  async () => {
    await checkAgainstModel(db.url, { runs: RUNS, seed: SEED, shrink: true });
    const ofRequests = { runs: Math.ceil(RUNS / 3), seed: SEED, commands: 'ofRequests' } as const;
    await checkAgainstModel(db.url, { ...ofRequests, shrink: true });
    const commands = [...counted].map(([name, times]) => `${name} ${times}`);
    const total = [...counted.values()].reduce((sum, times) => sum + times, 0);
    console.info(`${RUNS} runs of seed ${SEED}, ${total} commands: ${commands.join(', ')}`);
    expect(edges.filter((edge) => !edgesSeen.has(edge))).toEqual([]);
  },
  120_000 + RUNS * 1000,
);
