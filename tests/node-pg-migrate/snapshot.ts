import type { Queryable } from '../support/catalogue.ts';

/** Relations, columns, constraints, functions, types, access and comments, a line each. */
const CATALOGUE = `
  WITH ours AS (
    SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
  )
  SELECT line FROM (
    SELECT 'schema ' || (nspname, nspowner::regrole, nspacl)::text AS line
      FROM pg_namespace WHERE oid IN (SELECT oid FROM ours)
    UNION ALL
    SELECT 'relation ' || (oid, relname, relkind, relowner::regrole, relacl, relrowsecurity,
                           relforcerowsecurity, obj_description(oid, 'pg_class'))::text
      FROM pg_class WHERE relnamespace IN (SELECT oid FROM ours)
    UNION ALL
    SELECT 'column ' || (attrelid::regclass, attnum, attname, atttypid::regtype, attnotnull, attacl,
                         col_description(attrelid, attnum))::text
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE relnamespace IN (SELECT oid FROM ours)
    UNION ALL
    SELECT 'constraint ' || (conrelid::regclass, conname, pg_get_constraintdef(oid))::text
      FROM pg_constraint WHERE connamespace IN (SELECT oid FROM ours)
    UNION ALL
    SELECT 'trigger ' || (tgrelid::regclass, tgname, pg_get_triggerdef(t.oid))::text
      FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
     WHERE relnamespace IN (SELECT oid FROM ours)
    UNION ALL
    SELECT 'policy ' || (polrelid::regclass, polname)::text FROM pg_policy
    UNION ALL
    SELECT 'function ' || (oid::regprocedure, proacl, prosrc)::text
      FROM pg_proc WHERE pronamespace IN (SELECT oid FROM ours)
    UNION ALL
    SELECT 'type ' || (oid, typname, typacl)::text
      FROM pg_type WHERE typnamespace IN (SELECT oid FROM ours)
    UNION ALL
    SELECT 'default access ' || (defaclrole::regrole, defaclobjtype, defaclacl)::text
      FROM pg_default_acl
    UNION ALL
    SELECT 'sequence ' || (schemaname, sequencename, last_value)::text FROM pg_sequences
  ) lines
  ORDER BY line`;

const TABLES = `
  SELECT c.oid::regclass::text AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   ORDER BY 1`;

/** All of a database that a run could change: its catalogue and its rows. */
export async function snapshot(database: Queryable): Promise<readonly string[]> {
  const lines = await database.query<{ line: string }>(CATALOGUE);
  const all = lines.map(({ line }) => line);
  for (const { name } of await database.query<{ name: string }>(TABLES)) {
    const rows = await database.query<{ row: string }>(
      `SELECT to_jsonb(t)::text AS row FROM ${name} t ORDER BY 1`,
    );
    all.push(...rows.map(({ row }) => `row of ${name} ${row}`));
  }
  return all;
}
