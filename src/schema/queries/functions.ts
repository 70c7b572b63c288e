import { grants, ownerLacks } from './privileges.ts';

/**
 * SQL: the function `p` (pg_proc) as JSON. The server quotes the body with a tag that the body does
 * not contain: the tag is removed, as it depends on the schema's name.
 */
export const FUNCTION = `(
  SELECT json_build_object(
    'head', CASE WHEN right(f.definition, length(f.tail)) = f.tail THEN left(f.definition, -length(f.tail)) ELSE f.definition END,
    'body', p.prosrc,
    'comment', obj_description(p.oid, 'pg_proc'),
    'grants', ${grants('p.proacl', 'f', 'p.proowner')},
    'ownerLacks', ${ownerLacks('p.proacl', 'f', 'p.proowner')})
    FROM (
      SELECT d.definition,
             'AS ' || coalesce(d.tag, '') || p.prosrc || coalesce(d.tag, '') || chr(10) AS tail
        FROM (
          SELECT pg_get_functiondef(p.oid) AS definition,
                 substring(pg_get_functiondef(p.oid) FROM '([$](?:function|procedure)x*[$])[[:space:]]*$') AS tag) d) f)`;

/** SQL: the signature of the function `p`: its name and argument types. */
export const SIGNATURE = `format('%I(%s)', p.proname, oidvectortypes(p.proargtypes))`;
