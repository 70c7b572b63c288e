import { databaseError } from '../db/database-errors.ts';
import { beginWithLock } from '../migrate/lock.ts';
import { type MigrationsTable, readMigrationsTable } from '../migrate/migrations-table.ts';
import { migrationsTableName, type Run } from '../migrate/run.ts';
import { WaitForMigrator } from '../migrate/wait.ts';
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
export async function close(run: Run, migrationsTable: MigrationsTable): Promise<FixAccessResult> {
  const { connection, settings, clock } = run;
  const before = await verify(run, migrationsTable);
  const wrong = before.findings.filter(isAccess);
  if (wrong.length === 0) return { closed: [], verified: before };
  const wait = new WaitForMigrator(run);
  while (!(await beginWithLock(connection, settings, clock))) await wait.untilFree();
  let statement: string | undefined;
  try {
    const name = migrationsTableName(settings);
    const first = await inspect(run, await readMigrationsTable(connection, name), '');
    const closed = first.findings.filter(isAccess);
    for (const { fix } of closed) {
      clock.check();
      statement = fix;
      await connection.query(fix ?? '');
    }
    const verified = await inspect(run, await readMigrationsTable(connection, name), '');
    await connection.query('COMMIT');
    return { closed, verified };
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => {});
    throw clock.end ?? databaseError(error, { migration: undefined, statement });
  }
}

function isAccess({ code, fix }: Finding): boolean {
  return ACCESS.has(code) && fix !== undefined;
}
