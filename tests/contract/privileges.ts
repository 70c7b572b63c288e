import type { Queryable } from '../support/catalogue.ts';

const ON_TABLES = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'TRUNCATE',
  'REFERENCES',
  'TRIGGER',
] as const;

/** PostgreSQL 17 brought MAINTAIN; before, asking for it is an error. */
const MAINTAIN_SINCE = 170_000;

/**
 * What a role, or `public`, holds on the objects of schema public, by whatever way it came to it:
 * sorted lines such as `table visitors SELECT`.
 */
export async function heldPrivileges(db: Queryable, role: string): Promise<string[]> {
  const [server] = await db.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  const knowsMaintain = (server?.version ?? 0) >= MAINTAIN_SINCE;
  const onTables = knowsMaintain ? [...ON_TABLES, 'MAINTAIN'] : ON_TABLES;
  return lines(
    db,
    `SELECT DISTINCT format('table %s %s', c.relname, p) AS line
       FROM pg_class c, unnest($2::text[]) p
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${inPublic('c.relnamespace')}
        AND has_table_privilege($1::name, c.oid, p)
     UNION
     SELECT format('column of %s %s', c.relname, p)
       FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) p
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${inPublic('c.relnamespace')}
        AND has_any_column_privilege($1::name, c.oid, p)
     UNION
     SELECT format('sequence %s %s', c.relname, p)
       FROM pg_class c, unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) p
      WHERE c.relkind = 'S' AND ${inPublic('c.relnamespace')}
        AND has_sequence_privilege($1::name, c.oid, p)
     UNION
     SELECT format('function %s EXECUTE', f.oid::regprocedure)
       FROM pg_proc f
      WHERE ${inPublic('f.pronamespace')} AND has_function_privilege($1::name, f.oid, 'EXECUTE')
     UNION
     SELECT format('type %s USAGE', t.typname)
       FROM pg_type t
      WHERE ${inPublic('t.typnamespace')} AND has_type_privilege($1::name, t.oid, 'USAGE')`,
    [role, onTables],
  );
}

/**
 * Whom the access lists themselves name, built-in defaults filled in, on every object of schema
 * public: sorted lines such as `table visitors service_role`. Array types have no list of their own.
 */
export async function grantees(db: Queryable): Promise<string[]> {
  return lines(
    db,
    `SELECT DISTINCT format('%s %s %s', kind, name,
              CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END) AS line
       FROM (
         SELECT 'table' AS kind, relname::text AS name, coalesce(relacl, acldefault('r', relowner)) AS acl
           FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND ${inPublic('relnamespace')}
         UNION ALL
         SELECT 'column of', c.relname, t.attacl
           FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid
          WHERE t.attacl IS NOT NULL AND ${inPublic('c.relnamespace')}
         UNION ALL
         SELECT 'sequence', relname, coalesce(relacl, acldefault('s', relowner))
           FROM pg_class WHERE relkind = 'S' AND ${inPublic('relnamespace')}
         UNION ALL
         SELECT 'function', oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner))
           FROM pg_proc WHERE ${inPublic('pronamespace')}
         UNION ALL
         SELECT 'type', typname, coalesce(typacl, acldefault('T', typowner))
           FROM pg_type WHERE typcategory <> 'A' AND ${inPublic('typnamespace')}
       ) o, aclexplode(o.acl) a`,
  );
}

function inPublic(column: string): string {
  return `${column} = 'public'::regnamespace`;
}

async function lines(db: Queryable, sql: string, values?: unknown[]): Promise<string[]> {
  const rows = await db.query<{ line: string }>(sql, values);
  return rows.map(({ line }) => line).sort();
}
