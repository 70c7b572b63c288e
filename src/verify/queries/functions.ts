import { grants, ownerLacks } from './access.ts';

/** SQL: the function `p` (pg_proc) as JSON. */
export const FUNCTION = `json_build_object(
  'definition', coalesce((
    SELECT h.kind || format(' {schema}.%I(', p.proname)
           || substr(pg_get_functiondef(p.oid), length(h.kind) + length(format(' %I.%I(', n.nspname, p.proname)) + 1)
      FROM pg_namespace n,
           (SELECT CASE p.prokind WHEN 'p' THEN 'CREATE OR REPLACE PROCEDURE' ELSE 'CREATE OR REPLACE FUNCTION' END AS kind) h
     WHERE n.oid = p.pronamespace), ''),
  'comment', obj_description(p.oid, 'pg_proc'),
  'grants', ${grants('p.proacl', 'f', 'p.proowner')},
  'ownerLacks', ${ownerLacks('p.proacl', 'f', 'p.proowner')})`;

/** SQL: its name and argument types, by which it is told from others. */
export const SIGNATURE = `format('%I(%s)', p.proname, oidvectortypes(p.proargtypes))`;
