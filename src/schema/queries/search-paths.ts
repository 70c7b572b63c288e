/**
 * SQL: the settings of the search path, of this database and of trusted roles, in which
 * pg_catalog comes after another schema: a function or an operator of that schema is found before the
 * server's own. Needs `trusted` (oid).
 */
export const UNSAFE_SEARCH_PATHS = `
  SELECT CASE WHEN s.setrole = 0 THEN format('DATABASE %I', current_database())
              WHEN s.setdatabase = 0 THEN format('ROLE %I', r.rolname)
              ELSE format('ROLE %I IN DATABASE %I', r.rolname, current_database()) END AS target,
         substring(c.setting FROM '=(.*)$') AS setting
    FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) c (setting)
    LEFT JOIN pg_roles r ON r.oid = s.setrole
   WHERE s.setdatabase IN (0, (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
     AND (s.setrole = 0 OR s.setrole IN (SELECT t.oid FROM trusted t))
     AND c.setting ~ '^search_path=.*,[[:space:]]*"?pg_catalog"?[[:space:]]*(,|$)'
     AND c.setting !~ '^search_path=[[:space:]]*"?pg_catalog"?[[:space:]]*,'`;
