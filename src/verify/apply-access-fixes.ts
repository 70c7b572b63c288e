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
import { inspect, verify } from './verify.ts';

/** What fixAccess() has done. */
export interface FixAccessResult {
  /** The findings whose fixes were run and committed, in order. */
  readonly closed: readonly Finding[];
  /** What verifySchema() says afterwards. */
  readonly verified: VerifySchemaResult;
}

/** What is wrong about who may do what with objects of the package's own. */
const ACCESS: ReadonlySet<FindingCode> = new Set([
  'EXCESS_PRIVILEGE',
  'PRIVILEGE_MISSING',
  'POLICY_ADDED',
  'RLS_DISABLED',
  'RLS_FORCED',
  'SCHEMA_USAGE_MISSING',
  'TYPE_PUBLIC',
]);

/** Runs the fixes, and verifies again before it commits. */
export async function close(
  session: Session,
  migrationsTable: MigrationsTable,
): Promise<FixAccessResult> {
  const { connection, settings, deadline } = session;
  const before = await verify(session, migrationsTable);
  const wrong = before.findings.filter(isAccess);
  if (wrong.length === 0) return { closed: [], verified: before };
  const wait = new LockWaiter(session);
  while (!(await beginWithLock(session))) await wait.untilFree();
  let statement: string | undefined;
  try {
    const name = migrationsTableName(settings);
    const first = await inspect(session, await readMigrationsTable(connection, name), '');
    const closed = first.findings.filter(isAccess);
    for (const { fix } of closed) {
      deadline.check();
      statement = fix;
      await connection.query(fix ?? '');
    }
    const verified = await inspect(session, await readMigrationsTable(connection, name), '');
    await connection.query('COMMIT');
    return { closed, verified };
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => {});
    throw deadline.error ?? databaseError(error, { migration: undefined, statement });
  }
}

function isAccess({ code, fix }: Finding): boolean {
  return ACCESS.has(code) && fix !== undefined;
}
