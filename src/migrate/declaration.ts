import type { Declaration } from '../../migrations/shared/declaration.ts';
import type { Connection } from '../db/connection.ts';
import { literal } from '../db/quoting.ts';
import { VERSION } from '../version.ts';

/** True where a transaction began before this statement. */
export const IN_TRANSACTION = ', (now() <> statement_timestamp())::text AS in_transaction';

/**
 * Reads the declaration, which every role can, and whether row level security hides the table's rows
 * from this one.
 */
export async function readDeclaration(connection: Connection, table: string) {
  const [row] = await connection.query<{
    hidden: string;
    comment: string | null;
    in_transaction?: string;
  }>(
    `SELECT (pg_catalog.row_security_active(oid) AND pg_catalog.has_any_column_privilege(oid, 'SELECT'))::text AS hidden,
            pg_catalog.obj_description(oid, 'pg_class') AS comment${connection.mayBeInTransaction ? IN_TRANSACTION : ''}
       FROM (SELECT ${literal(table)}::regclass::oid AS oid) o`,
  );
  return {
    hidden: row?.hidden === 'true',
    declaration: parseDeclaration(row?.comment ?? ''),
    inTransaction: row?.in_transaction,
  };
}

function parseDeclaration(comment: string): Declaration | undefined {
  try {
    const { release, head, compatibleFrom } = JSON.parse(/\{.*\}$/.exec(comment)?.[0] ?? '{}');
    const isComplete = [release, head, compatibleFrom].every((one) => typeof one === 'string');
    return isComplete ? { release, head, compatibleFrom } : undefined;
  } catch {
    return undefined;
  }
}

/** Returns whether the schema declares that it is backward compatible with this version. */
export function isBackwardCompatible(declaration: Declaration | undefined): boolean {
  return declaration !== undefined && compareVersions(VERSION, declaration.compatibleFrom) >= 0;
}

/** Negative where `a` is the lower version. Pre-release tags do not count. */
function compareVersions(a: string, b: string): number {
  const [left = [], right = []] = [a, b].map((one) => one.split(/[-+]/)[0]?.split('.').map(Number));
  const at = [0, 1, 2].find((part) => (left[part] ?? 0) !== (right[part] ?? 0)) ?? 0;
  return (left[at] ?? 0) - (right[at] ?? 0);
}
