import type { Connection } from '../db/connection.ts';
import { rehearse } from '../migrate/assess.ts';
import { execute } from '../migrate/execute.ts';
import { BEGIN_AND_TRY_LOCK } from '../migrate/lock.ts';
import type { Run } from '../migrate/run.ts';
import { StatementPipeline } from '../migrate/statement-pipeline.ts';
import { transactionSettings } from '../migrate/transaction-settings.ts';
import type { MigrationPlan, PlannedStatement } from './migration-plan.ts';
import { plannedLocks } from './planned-locks.ts';

/**
 * Assesses the database for real, and then does what a run does, on a connection that writes down
 * what it is told and sends nothing.
 */
export async function planPending(run: Run): Promise<MigrationPlan> {
  const { settings, clock } = run;
  const { direction } = settings;
  const assessment = await rehearse(run);
  const { work, adoption } = assessment;
  const migrations = work.selected.map(({ name }) => name);
  const adopted = adoption?.names ?? [];
  const statements: PlannedStatement[] = [];
  // Another migrator has been faster.
  if (migrations.length + adopted.length === 0) {
    return { direction, migrations, adopted, statements, locks: [] };
  }
  const connection: Connection = {
    mayBeInTransaction: false,
    pipelined: false,
    mayWaitIn: () => false,
    query: async (sql) => {
      statements.push({ migration: pipeline.migration, sql: sql.trim() });
      return [];
    },
    destroy() {},
  };
  const recording: Run = { ...run, connection, emit() {} };
  const pipeline = new StatementPipeline(recording);
  await connection.query(BEGIN_AND_TRY_LOCK);
  await connection.query(transactionSettings(settings, clock));
  await execute(recording, pipeline, assessment);
  return { direction, migrations, adopted, statements, locks: plannedLocks(run, assessment) };
}
