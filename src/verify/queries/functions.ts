import { grants, ownerLacks } from './access.ts';

/** SQL: the function `p` (pg_proc) of the schema `n` (pg_namespace) as JSON. */
export const FUNCTION = `json_build_object(
  'definition', regexp_replace(pg_get_functiondef(p.oid),
    '^(CREATE OR REPLACE (FUNCTION|PROCEDURE)) [^(]*[(]', format('\\1 {schema}.%I(', p.proname)),
  'comment', obj_description(p.oid, 'pg_proc'),
  'grants', ${grants('p.proacl', 'f', 'p.proowner')},
  'ownerLacks', ${ownerLacks('p.proacl', 'f', 'p.proowner')})`;

/** SQL: its name and argument types, by which it is told from others. */
export const SIGNATURE = `format('%I(%s)', p.proname, oidvectortypes(p.proargtypes))`;
