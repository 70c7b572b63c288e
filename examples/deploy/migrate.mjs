// Says what is pending, migrates, and verifies; with --plan no more than the first.
// Exit codes: 0 done; 1 somebody has to look; 2 the same call may succeed later.
import {
  PreflightError,
  planMigrations,
  runMigrations,
  TrackingSchemaError,
  verifySchema,
} from 'conversion-tracking-schema';

// All together, and --plan before, less than the job's timeout-minutes, so that this says why, and not the runner.
const LOOK = { timeoutMs: 60_000 };
const RUN = { migrationLockTimeoutMs: 60_000, statementTimeoutMs: 60_000, timeoutMs: 240_000 };

/** @param {AbortSignal} signal - ends it; a run is rolled back */
async function deploy(signal) {
  const { migrations, locks } = await planMigrations({ ...LOOK, signal });
  console.log(`${migrations.length} pending`);
  for (const name of migrations) console.log(`  ${name}`);
  for (const { table, mode, migration } of locks) {
    console.log(`  locks ${table}: ${mode} (${migration})`);
  }
  if (process.argv.includes('--plan')) return 0;

  const { ran, durationMs } = await runMigrations({ ...RUN, signal });
  console.log(`${ran.length} applied in ${Math.round(durationMs)} ms`);

  const { ok, findings } = await verifySchema({ ...LOOK, signal });
  for (const { level, code, object, fix } of findings) {
    console.log(`  ${level} ${code} ${object}${fix ? `: ${fix}` : ''}`);
  }
  console.log(ok ? 'verified' : 'not as the migrations make it');
  return ok ? 0 : 1;
}

/** The messages of the package hold no password and no URL; of others, none is repeated. */
function report(error) {
  if (!(error instanceof TrackingSchemaError)) {
    console.error(`UNEXPECTED ${error instanceof Error ? error.name : typeof error}`);
    return 1;
  }
  console.error(`${error.code} ${error.message}`);
  const failures = error instanceof PreflightError ? error.failures : [];
  for (const { code, message, fix } of failures) {
    console.error(`  ${code} ${message} ${fix}`);
  }
  return error.retryable ? 2 : 1;
}

const stop = new AbortController();
// A workflow that is cancelled sends SIGINT, and SIGTERM some seconds later.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());
process.exitCode = await deploy(stop.signal).catch(report);
