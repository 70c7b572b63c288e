import { AssertionError } from 'node:assert';
import { beforeAll, expect, test } from 'vitest';
import { sqlStateOf, TrackingSchemaError } from '../../src/errors.ts';
import { checkAtOnce } from '../queue/at-once/check.ts';
import { checkAgainstModel } from '../queue/model/check.ts';
import { MUTANTS, MUTANTS_AT_ONCE, type Mutant } from '../queue/model/mutants.ts';
import { withMutant } from '../queue/model/mutate.ts';
import { createMigratedDatabase, type TestDatabase } from '../support/database.ts';

const RUNS = 150;
const SEED = 20261122;
/** What a seed finds also depends on the time that passes: a fault may need another seed. */
const SEEDS = [SEED, SEED + 1, SEED + 2, SEED + 3];

let db: TestDatabase;

beforeAll(async () => {
  db = await createMigratedDatabase();
});

/** A fault shows as what nobody expected, or as what the server refuses because of it. */
const REFUSALS = new Set([
  '22023', // invalid_parameter_value: a result that differs from an earlier one
  '23514', // check_violation
  '40P01', // deadlock_detected
  '55P03', // lock_not_available: somebody waits who should not
]);

function isNoticed({ cause }: Error): boolean {
  const sqlState = cause instanceof TrackingSchemaError ? cause.sqlState : sqlStateOf(cause);
  return cause instanceof AssertionError || REFUSALS.has(sqlState ?? '');
}

/** Faults of upload requests need several of them, and time. */
function commandsFor({ name }: Mutant): 'any' | 'ofRequests' {
  return name.endsWith('upload_request') || name.endsWith('upload_requests') ? 'ofRequests' : 'any';
}

test.each(MUTANTS)('the model notices that $name $fault', async (mutant) => {
  await withMutant(db, mutant, async () => {
    for (const seed of SEEDS) {
      const options = { runs: RUNS, seed, shrink: false, commands: commandsFor(mutant) };
      const check = checkAgainstModel(db.url, options);
      const noticed = await check.then(
        () => undefined,
        (error: Error) => error,
      );
      if (noticed === undefined) continue;
      expect(noticed).toSatisfy(isNoticed);
      return;
    }
    expect.unreachable('Nobody noticed.');
  });
});

/** What happens at once is left to chance: with each of these it came in the first few runs. */
const RUNS_AT_ONCE = 300;

test.each(MUTANTS_AT_ONCE)('workers at once notice that $name $fault', async (mutant) => {
  await withMutant(db, mutant, async () => {
    await expect(checkAtOnce(db.url, { runs: RUNS_AT_ONCE, seed: SEED })).rejects.toSatisfy(
      isNoticed,
    );
  });
});
