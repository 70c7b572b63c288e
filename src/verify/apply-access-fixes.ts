import { databaseError } from '../db/database-errors.ts';
import { beginWithLock } from '../migrate/lock.ts';
import { type Ledger, readLedger } from '../migrate/migrations-table.ts';
import { ledgerName, type Run } from '../migrate/run.ts';
import { WaitForMigrator } from '../migrate/wait.ts';
import type { Finding, FindingCode, VerifySchemaResult } from './findings/finding.ts';
import { inspect, verify } from './verify.ts';

/** What closeAccess() has done. */
export interface CloseAccessResult {
  /** The findings whose remedies were run and committed, in order. */
  readonly closed: readonly Finding[];
  /** What verifySchema() says afterwards. */
  readonly verified: VerifySchemaResult;
}

/** What is wrong about who may do what with objects of the package's own. */
const ACCESS: ReadonlySet<FindingCode> = new Set([
  'GRANT_ADDED',
  'GRANT_MISSING',
  'POLICY_ADDED',
  'RLS_DISABLED',
  'RLS_FORCED',
  'SCHEMA_USAGE_MISSING',
  'TYPE_OPEN',
]);

/** Runs the remedies, and verifies again before it commits. */
export async function close(run: Run, ledger: Ledger): Promise<CloseAccessResult> {
  const { connection, settings, clock } = run;
  const before = await verify(run, ledger);
  const wrong = before.findings.filter(isAccess);
  if (wrong.length === 0) return { closed: [], verified: before };
  const wait = new WaitForMigrator(run);
  while (!(await beginWithLock(connection, settings, clock))) await wait.untilFree();
  let statement: string | undefined;
  try {
    const name = ledgerName(settings);
    const first = await inspect(run, await readLedger(connection, name), '');
    const closed = first.findings.filter(isAccess);
    for (const { remedy } of closed) {
      clock.check();
      statement = remedy;
      await connection.query(remedy ?? '');
    }
    const verified = await inspect(run, await readLedger(connection, name), '');
    await connection.query('COMMIT');
    return { closed, verified };
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => {});
    throw clock.end ?? databaseError(error, { migration: undefined, statement });
  }
}

function isAccess({ code, remedy }: Finding): boolean {
  return ACCESS.has(code) && remedy !== undefined;
}
