import { canActAs, roleName } from './privileges.ts';

const OBJECT = {
  default: `format('the default of %s.%I', t.oid::regclass, a.attname)`,
  generated: `format('the generated column %s.%I', t.oid::regclass, a.attname)`,
};

/**
 * SQL: the common table `called` (oid, caller, undo): the functions of users that triggers, defaults,
 * generated columns, checks and indexes of the tables call, with the privileges and within the search
 * path of the role that writes. Needs `tracked` (oid).
 */
export const CALLED = `
  called AS (
    SELECT g.tgfoid AS oid, format('the trigger %I on %s', g.tgname, t.oid::regclass) AS caller,
           format('DROP TRIGGER %I ON %s', g.tgname, t.oid::regclass) AS undo
      FROM tracked t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal AND g.tgenabled <> 'D'
    UNION
    SELECT d.refobjid, CASE a.attgenerated WHEN '' THEN ${OBJECT.default} ELSE ${OBJECT.generated} END,
           format('ALTER TABLE %s ALTER COLUMN %I DROP %s', t.oid::regclass, a.attname, CASE a.attgenerated WHEN '' THEN 'DEFAULT' ELSE 'EXPRESSION' END)
      FROM tracked t JOIN pg_attrdef f ON f.adrelid = t.oid
      JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = f.adnum
      JOIN pg_depend d ON (d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
            OR d.classid = 'pg_class'::regclass AND d.objid = t.oid AND d.objsubid = f.adnum) -- on PostgreSQL 14
       AND d.refclassid = 'pg_proc'::regclass
    UNION
    SELECT d.refobjid, format('the constraint %I on %s', k.conname, t.oid::regclass),
           format('ALTER TABLE %s DROP CONSTRAINT %I', t.oid::regclass, k.conname)
      FROM tracked t JOIN pg_constraint k ON k.conrelid = t.oid
      JOIN pg_depend d ON d.classid = 'pg_constraint'::regclass AND d.objid = k.oid AND d.refclassid = 'pg_proc'::regclass
    UNION
    SELECT d.refobjid, format('the index %s', i.indexrelid::regclass), format('DROP INDEX %s', i.indexrelid::regclass)
      FROM tracked t JOIN pg_index i ON i.indrelid = t.oid
      JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refclassid = 'pg_proc'::regclass
  )`;

/**
 * SQL: the called functions of roles without trust, who may change them at any time. A role as which
 * the owner of the tables can act, or that can act as that one, is trusted. Needs `called`, `routine`,
 * `trusted` and `owner` (oid).
 */
export const FOREIGN_CALLED = `
    SELECT 'function', format('function %s', p.oid::regprocedure),
           format('%s runs it with the privileges of the role that writes', c.caller), ARRAY[${roleName('p.proowner')}], '{}'::text[], NULL, c.undo
      FROM called c JOIN pg_proc p ON p.oid = c.oid JOIN pg_roles r ON r.oid = p.proowner AND NOT r.rolsuper
     WHERE p.oid NOT IN (SELECT o.oid FROM routine o) AND p.proowner NOT IN (SELECT t.oid FROM trusted t)
       AND NOT EXISTS (
         SELECT FROM owner o JOIN pg_roles w ON w.oid = o.oid
          WHERE NOT w.rolsuper AND ${canActAs('w.oid', 'r.oid')} OR ${canActAs('r.oid', 'w.oid')})`;

/** A table after a keyword, without a schema, in a body in lower case. */
const UNQUALIFIED = `'[[:<:]](from|join|into|update)[[:space:]]+(only[[:space:]]+)?"?([a-z_][a-z0-9_$]*)"?(?![a-z0-9_$"]|[[:space:]]*[.])'`;

/**
 * SQL: the called functions without a search_path of their own that name a table of their schema
 * without it, as JSON. A comment does not count.
 */
export const UNQUALIFIED_CALLED = `(
  SELECT coalesce(json_agg(json_build_object('function', u.function, 'schema', u.schema, 'table', u.tables, 'caller', u.callers)
                           ORDER BY u.function COLLATE "C"), '[]')
    FROM (
      SELECT p.oid::regprocedure::text AS function, min(quote_ident(n.nspname)) AS schema,
             string_agg(DISTINCT r.oid::regclass::text, ', ') AS tables, string_agg(DISTINCT c.caller, ', ') AS callers
        FROM called c JOIN pg_proc p ON p.oid = c.oid JOIN pg_namespace n ON n.oid = p.pronamespace
        JOIN pg_language l ON l.oid = p.prolang AND l.lanname IN ('plpgsql', 'sql')
       CROSS JOIN LATERAL regexp_matches(
         lower(regexp_replace(p.prosrc, '--[^' || chr(10) || ']*', '', 'g') COLLATE "C"), ${UNQUALIFIED}, 'g') m (words)
        JOIN pg_class r ON r.relnamespace = p.pronamespace AND r.relname = m.words[3] AND r.relkind IN ('r', 'p', 'v', 'm', 'f')
       WHERE NOT EXISTS (SELECT FROM unnest(p.proconfig) s (setting) WHERE starts_with(s.setting, 'search_path='))
       GROUP BY p.oid) u)`;
