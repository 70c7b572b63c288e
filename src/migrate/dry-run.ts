import type { Outcome } from './apply.ts';
import { type Assessment, assess } from './assess.ts';
import { refuseDataLoss } from './data-loss.ts';
import type { Session } from './session.ts';
import { transactionSettings } from './transaction-settings.ts';

/** Returns what a run would do, and changes nothing. */
export async function dryRun(session: Session): Promise<Outcome> {
  const { selection, baseline, warnings } = await assessReadOnly(session);
  for (const message of warnings) session.emit({ type: 'warning', message });
  return { selection, ran: [], adopted: baseline?.names ?? [] };
}

/** Assesses the database in a read-only transaction of its own. */
export async function assessReadOnly(session: Session): Promise<Assessment> {
  const { connection, settings, deadline } = session;
  try {
    await connection.query(`BEGIN READ ONLY; ${transactionSettings(settings, deadline)}`);
    const assessment = await assess(session);
    await refuseDataLoss(connection, settings, assessment.dataAtRisk, false);
    return assessment;
  } finally {
    await connection.query('ROLLBACK').catch(() => {});
  }
}
