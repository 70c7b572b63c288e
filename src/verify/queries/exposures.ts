import { roleName } from './access.ts';

/** SQL: a name as it stands in a regular expression. */
const inRegex = (name: string): string =>
  `regexp_replace(${name}, '([^[:alnum:]_])', '\\\\\\1', 'g')`;

/**
 * SQL: the common tables that find objects of others through which somebody reaches the tables.
 * Needs `space` (nspname), `wanted` (name), `tracked` (oid), `insider` and `outsider` (name).
 *
 * A function's body is text to the server: it is searched for the names of the tables, of the views
 * over them, and of functions that mention those. Names put together at run time are not found.
 */
export const EXPOSURES = `
  owner AS (SELECT DISTINCT c.relowner AS oid FROM pg_class c JOIN tracked t ON t.oid = c.oid),
  trusted AS (
    SELECT o.oid FROM owner o
    UNION SELECT r.oid FROM pg_roles r JOIN insider i ON i.name = r.rolname
  ),
  over AS (
    SELECT w.ev_class AS oid FROM pg_depend d JOIN pg_rewrite w ON w.oid = d.objid
     WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
       AND d.refobjid IN (SELECT t.oid FROM tracked t) AND w.ev_class <> d.refobjid
    UNION
    SELECT w.ev_class FROM over o
      JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = o.oid AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite w ON w.oid = d.objid AND w.ev_class <> d.refobjid
  ),
  view_grant AS (
    SELECT c.oid, ${roleName('e.grantee')} AS grantee
      FROM over v JOIN pg_class c ON c.oid = v.oid
      CROSS JOIN LATERAL (
        SELECT e.grantee, e.privilege_type FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) e
        UNION SELECT e.grantee, e.privilege_type FROM pg_attribute a, aclexplode(a.attacl) e WHERE a.attrelid = c.oid
      ) e
     WHERE e.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
       AND e.grantee <> c.relowner AND e.grantee NOT IN (SELECT t.oid FROM trusted t)
       AND NOT (c.relkind = 'v' AND coalesce((
         SELECT o.option_value::boolean FROM pg_options_to_table(c.reloptions) o WHERE o.option_name = 'security_invoker'), false))
  ),
  body AS MATERIALIZED (
    SELECT p.oid, n.nspname, p.proname, coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) AS source
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
     WHERE l.lanname NOT IN ('c', 'internal') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
       AND EXISTS (SELECT FROM open_function)
  ),
  mention AS (
    SELECT n.nspname AS schema, c.relname AS name, NULL::oid AS function
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid IN (SELECT t.oid FROM tracked t UNION SELECT v.oid FROM over v)
    UNION
    SELECT s.nspname, w.name, NULL FROM space s, wanted w WHERE w.name <> 'leads'
    UNION
    SELECT b.nspname, b.proname, b.oid FROM mention m JOIN body b
      ON strpos(lower(b.source), lower(m.name)) > 0
     AND b.source ~* format('(^|[^[:alnum:]_$."])("?%s"?[.])?"?%s("|[^[:alnum:]_$]|$)', ${inRegex('m.schema')}, ${inRegex('m.name')})
  ),
  open_function AS (
    SELECT p.oid, ${roleName('e.grantee')} AS grantee
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) e
     WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
       AND e.grantee <> p.proowner AND e.grantee NOT IN (SELECT t.oid FROM trusted t)
       AND EXISTS (SELECT FROM tracked t WHERE has_table_privilege(p.proowner, t.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE'))
  ),
  exposure AS (
    SELECT 'view' AS kind,
           format('%s %s', CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END, c.oid::regclass) AS object,
           CASE WHEN c.relkind IN ('v', 'm') THEN 'selects from the tables' ELSE 'has a rule that uses the tables' END AS how,
           array_agg(DISTINCT g.grantee ORDER BY g.grantee) AS open,
           format('REVOKE ALL ON TABLE %s FROM %s CASCADE', c.oid::regclass, string_agg(DISTINCT g.grantee, ', ' ORDER BY g.grantee)) AS close
      FROM view_grant g JOIN pg_class c ON c.oid = g.oid
     GROUP BY c.oid, c.relkind
    UNION ALL
    SELECT 'function',
           format('%s %s', CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, p.oid::regprocedure),
           'is SECURITY DEFINER and mentions the tables',
           array_agg(DISTINCT f.grantee ORDER BY f.grantee),
           format('REVOKE ALL ON ROUTINE %s FROM %s CASCADE', p.oid::regprocedure, string_agg(DISTINCT f.grantee, ', ' ORDER BY f.grantee))
      FROM open_function f JOIN pg_proc p ON p.oid = f.oid
     WHERE p.oid IN (SELECT m.function FROM mention m)
     GROUP BY p.oid, p.prokind
    UNION ALL
    SELECT 'publication', format('publication %I', p.pubname),
           format('publishes %s', string_agg(t.oid::regclass::text, ', ' ORDER BY c.relname)),
           ARRAY['subscribers'],
           CASE WHEN p.puballtables THEN format('DROP PUBLICATION %I; CREATE PUBLICATION %I', p.pubname, p.pubname)
                WHEN bool_and(EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = t.oid))
                THEN format('ALTER PUBLICATION %I DROP TABLE %s', p.pubname, string_agg(t.oid::regclass::text, ', ' ORDER BY c.relname))
                ELSE concat_ws('; ',
                  format('ALTER PUBLICATION %I DROP TABLES IN SCHEMA %s', p.pubname, min(c.relnamespace)::regnamespace),
                  'ALTER PUBLICATION ' || quote_ident(p.pubname) || ' DROP TABLE ' ||
                    string_agg(t.oid::regclass::text, ', ' ORDER BY c.relname)
                      FILTER (WHERE EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = t.oid)))
           END
      FROM pg_publication p
      JOIN pg_publication_tables l ON l.pubname = p.pubname
      JOIN pg_namespace n ON n.nspname = l.schemaname
      JOIN pg_class c ON c.relname = l.tablename AND c.relnamespace = n.oid
      JOIN tracked t ON t.oid = c.oid
     WHERE p.pubname LIKE 'supabase\\_realtime%'
     GROUP BY p.oid, p.pubname, p.puballtables
    UNION ALL
    SELECT 'role', format('role %I', r.rolname), 'is a superuser', ARRAY[quote_ident(r.rolname)],
           format('ALTER ROLE %I NOSUPERUSER', r.rolname)
      FROM pg_roles r JOIN outsider o ON o.name = r.rolname WHERE r.rolsuper
    UNION ALL
    SELECT 'role', format('role %I', r.rolname), 'bypasses row level security', ARRAY[quote_ident(r.rolname)],
           format('ALTER ROLE %I NOBYPASSRLS', r.rolname)
      FROM pg_roles r JOIN outsider o ON o.name = r.rolname WHERE r.rolbypassrls AND NOT r.rolsuper
    UNION ALL
    SELECT 'role', format('role %I', r.rolname), format('is a member of %I', g.rolname), ARRAY[quote_ident(r.rolname)],
           format('REVOKE %I FROM %I', g.rolname, r.rolname)
      FROM pg_roles r JOIN outsider o ON o.name = r.rolname
      JOIN pg_auth_members m ON m.member = r.oid
      JOIN pg_roles g ON g.oid = m.roleid
     WHERE NOT r.rolsuper AND EXISTS (
       SELECT FROM pg_roles x
        WHERE (x.oid IN (SELECT t.oid FROM trusted t) OR x.rolsuper OR x.rolname IN ('pg_read_all_data', 'pg_write_all_data'))
          AND pg_has_role(g.oid, x.oid, 'MEMBER'))
     GROUP BY r.rolname, g.rolname
  )`;
