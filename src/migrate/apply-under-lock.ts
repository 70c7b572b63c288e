import { databaseError } from '../db/database-errors.ts';
import { LockTimeoutError } from '../errors.ts';
import { assess } from './assess.ts';
import { execute } from './execute.ts';
import type { Outcome, Run } from './run.ts';
import { StatementPipeline } from './statement-pipeline.ts';

/**
 * One transaction, begun and locked by the caller, ended here.
 *
 * @returns the lockout, rolled back, where a table was locked; every other error is thrown
 */
export async function applyUnderLock(run: Run): Promise<Outcome | LockTimeoutError> {
  const { clock, connection } = run;
  const pipeline = new StatementPipeline(run);
  try {
    return await execute(run, pipeline, await assess(run));
  } catch (error) {
    pipeline.stop();
    // Where the connection is gone, the server has rolled back by itself.
    await connection.query('ROLLBACK').catch(() => {});
    const typed = databaseError(error, pipeline);
    if (typed instanceof LockTimeoutError) return typed;
    throw clock.end ?? typed;
  }
}
