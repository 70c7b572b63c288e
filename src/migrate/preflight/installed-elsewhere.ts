import { literal } from '../../db/quoting.ts';
import type { PreflightFailure } from '../../errors.ts';
import { CONTRACT_TABLES } from '../../schema/migrations.ts';
import type { Settings } from '../../settings.ts';

/**
 * SQL: the other schemas that hold all tables of the package, as `name`. Qualified, for use on any
 * search path.
 */
export function installedElsewhere({ schemas: [first] }: Settings): string {
  const names = CONTRACT_TABLES.map((table) => literal(table)).join(', ');
  return `SELECT n.nspname::pg_catalog.text AS name
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
     WHERE c.relname OPERATOR(pg_catalog.=) ANY (ARRAY[${names}]::pg_catalog.name[])
       AND c.relkind OPERATOR(pg_catalog.=) 'r' AND c.relpersistence OPERATOR(pg_catalog.=) 'p'
       AND n.nspname OPERATOR(pg_catalog.<>) ${literal(first)}
     GROUP BY n.nspname HAVING pg_catalog.count(*) OPERATOR(pg_catalog.=) ${CONTRACT_TABLES.length}
     ORDER BY 1`;
}

/** Refuses a second installation that nobody has asked for: `schema` is not passed, and another schema has one. */
export function secondInstallation(
  elsewhere: readonly string[],
  { schemas: [first], schemaPassed }: Settings,
): PreflightFailure[] {
  const [found] = elsewhere;
  if (schemaPassed || found === undefined) return [];
  return [
    {
      code: 'INSTALLED_ELSEWHERE',
      message: `The tracking schema is installed in schema ${elsewhere.join(', ')}, and not in ${first}, the default.`,
      fix: `Pass schema: '${found}' (--schema ${found}). To install it in ${first} as well, pass schema: '${first}' (--schema ${first}).`,
    },
  ];
}
