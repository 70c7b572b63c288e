import { databaseError } from '../db/database-errors.ts';
import { beginWithLock } from '../migrate/lock.ts';
import { LockWaiter } from '../migrate/lock-waiter.ts';
import {
  type MigrationsTable,
  migrationsTableName,
  readMigrationsTable,
} from '../migrate/migrations-table.ts';
import type { Session } from '../migrate/session.ts';
import type { Finding, FindingCode, VerifySchemaResult } from './findings/finding.ts';
import { verify, verifyInTransaction } from './verify.ts';

/** The result of fixAccess(). */
export interface FixAccessResult {
  /** The findings whose fixes were run and committed, in order. */
  readonly fixed: readonly Finding[];
  /** The result of verifySchema() afterwards. */
  readonly verified: VerifySchemaResult;
}

/** Findings about the privileges on the package's own objects. */
const ACCESS_CODES: ReadonlySet<FindingCode> = new Set([
  'EXCESS_PRIVILEGE',
  'POLICY_ADDED',
  'PRIVILEGE_MISSING',
  'RLS_DISABLED',
  'RLS_FORCED',
  'SCHEMA_USAGE_MISSING',
  'TYPE_PUBLIC',
]);

/** Applies the fixes of all findings about access, and verifies again before COMMIT. */
export async function applyAccessFixes(
  session: Session,
  migrationsTable: MigrationsTable,
): Promise<FixAccessResult> {
  const { connection, settings, deadline } = session;
  const verified = await verify(session, migrationsTable);
  if (accessFindings(verified).length === 0) return { fixed: [], verified };
  const wait = new LockWaiter(session);
  while (!(await beginWithLock(session))) await wait.untilFree();
  const verifyAgain = async () =>
    verifyInTransaction(
      session,
      await readMigrationsTable(connection, migrationsTableName(settings), false, true),
    );
  let statement: string | undefined;
  try {
    const fixed = accessFindings(await verifyAgain());
    for (const { fix } of fixed) {
      deadline.check();
      statement = fix;
      await connection.query(fix ?? '');
    }
    const verified = await verifyAgain();
    await connection.query('COMMIT');
    return { fixed, verified };
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => {});
    throw deadline.error ?? databaseError(error, { migration: undefined, statement });
  }
}

function accessFindings({ findings }: VerifySchemaResult): readonly Finding[] {
  return findings.filter(({ code, fix }) => ACCESS_CODES.has(code) && fix !== undefined);
}
