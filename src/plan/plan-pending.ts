import type { Connection } from '../db/connection.ts';
import { execute } from '../migrate/apply.ts';
import { assessReadOnly } from '../migrate/dry-run.ts';
import { BEGIN_AND_TRY_LOCK } from '../migrate/lock.ts';
import type { Session } from '../migrate/session.ts';
import { StatementPipeline } from '../migrate/statement-pipeline.ts';
import { transactionSettings } from '../migrate/transaction-settings.ts';
import type { MigrationPlan, PlannedStatement } from './migration-plan.ts';
import { plannedLocks } from './planned-locks.ts';

/**
 * Assesses the database, then executes on a connection that records statements and sends none, so
 * that a plan and a run share their code.
 */
export async function planPending(session: Session): Promise<MigrationPlan> {
  const { settings, deadline } = session;
  const { direction } = settings;
  const assessment = await assessReadOnly(session);
  const { selection, baseline } = assessment;
  const migrations = selection.selected.map(({ name }) => name);
  const adopted = baseline?.names ?? [];
  const statements: PlannedStatement[] = [];
  // Another migrator has applied them in the meantime.
  if (migrations.length + adopted.length === 0) {
    return { direction, migrations, adopted, statements, locks: [] };
  }
  const connection: Connection = {
    mayBeInTransaction: false,
    pipelined: false,
    query: async (sql) => {
      statements.push({ migration: pipeline.migration, sql: sql.trim() });
      return [];
    },
    destroy() {},
  };
  const recording: Session = { ...session, connection, emit() {} };
  const pipeline = new StatementPipeline(recording);
  await connection.query(BEGIN_AND_TRY_LOCK);
  await connection.query(transactionSettings(settings, deadline));
  await execute(recording, pipeline, assessment);
  return { direction, migrations, adopted, statements, locks: plannedLocks(session, assessment) };
}
