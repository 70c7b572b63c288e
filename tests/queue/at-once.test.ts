import { beforeAll, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { checkAtOnce } from './at-once/check.ts';

const { MODEL_SEED = '20261122' } = process.env;
const SEED = MODEL_SEED === 'random' ? Date.now() : Number(MODEL_SEED);
const RUNS = 25;

let db: TestDatabase;

beforeAll(async () => {
  db = await createDatabase();
  await runMigrations({ databaseUrl: db.url });
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
  };
  console.info(`${RUNS} runs of seed ${SEED}:`, total);
  for (const times of Object.values(total)) expect(times).toBeGreaterThan(0);
});
