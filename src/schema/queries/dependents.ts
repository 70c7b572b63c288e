/** SQL: a name as a regular expression; E'' means the same whatever standard_conforming_strings is. */
const inRegex = (name: string): string =>
  `regexp_replace(replace(${name}, '"', '""'), E'([^[:alnum:]_])', E'\\\\\\\\\\\\1', 'g')`;

/** SQL: a schema or a database before a name, as a regular expression. */
const qualifier = (name: string): string =>
  `format('"?%s"?[[:space:]]*[.][[:space:]]*', ${inRegex(name)})`;

/** SQL: text in lower case as the server's parser folds names, whatever the database's locale. */
const folded = (text: string): string => `lower(${text} COLLATE "C")`;

/** SQL: the first word of a name or a text, which joins the two. */
const WORD = "E'[[:alnum:]_$]+'";
const firstWord = (name: string): string => `substring(${folded(name)} FROM ${WORD})`;

/** OIDs below are the server's own objects. */
const FIRST_USER_OID = 16384;

/**
 * SQL: the common table `dependent` (class, oid, exposed): everything that uses the tables, directly
 * or through other objects. `exposed` marks relations that show or change rows with their owner's
 * privileges.
 *
 * - A rule, and so a view, depends on relations and functions.
 * - A function with a parsed body depends on what it uses. Any other body is text: it is searched for
 *   names, qualified or not. A name without its schema is searched for once, however many schemas
 *   have it: with a schema for each tenant, the cost would otherwise grow with its square.
 * - A statement that writes to a relation runs the relation's triggers.
 * - An aggregate runs its support functions.
 */
export const DEPENDENTS = `
  body AS MATERIALIZED (
    SELECT p.oid, ${folded('coalesce(pg_get_function_sqlbody(p.oid), p.prosrc)')} AS source
      FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
     WHERE p.oid >= ${FIRST_USER_OID} AND l.lanname NOT IN ('c', 'internal')
  ),
  token AS MATERIALIZED (
    SELECT DISTINCT b.oid, w.word[1] AS word FROM body b, regexp_matches(b.source, ${WORD}, 'g') w(word)
  ),
  named AS MATERIALIZED (
    SELECT a.class, a.oid, ${folded('a.schema')} AS schema, ${folded('a.name')} AS name,
           ${firstWord('a.name')} AS word, coalesce(${firstWord('a.schema')}, ${firstWord('a.name')}) AS schema_word
      FROM (
        SELECT 'pg_class'::regclass::oid AS class, c.oid, n.nspname::text AS schema, c.relname::text AS name
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.oid >= ${FIRST_USER_OID}
        UNION ALL
        SELECT 'pg_proc'::regclass, p.oid, n.nspname, p.proname
          FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.oid >= ${FIRST_USER_OID}
        UNION ALL
        SELECT 'pg_namespace'::regclass, s.oid, s.nspname, w.name
          FROM schema_of_tables s, wanted w
         WHERE w.name <> 'leads' AND NOT EXISTS (
           SELECT FROM pg_class c WHERE c.relnamespace = s.oid AND c.relname = w.name)) a
  ),
  mention AS MATERIALIZED (
    SELECT m.name, m.schema, m.oid
      FROM (
        SELECT DISTINCT n.name, NULL::text AS schema, t.oid FROM named n JOIN token t ON t.word = n.word
        UNION ALL
        SELECT DISTINCT n.name, n.schema, t.oid
          FROM named n JOIN token s ON s.word = n.schema_word JOIN token t ON t.oid = s.oid AND t.word = n.word
      ) m JOIN body b ON b.oid = m.oid
     WHERE b.source ~ format('(^|[^[:alnum:]_$."])(%s)?%s"?%s("|[^[:alnum:]_$]|$)',
             ${qualifier(folded('current_database()'))}, CASE WHEN m.schema IS NULL THEN '' ELSE ${qualifier('m.schema')} END, ${inRegex('m.name')})
  ),
  edge AS MATERIALIZED (
    SELECT d.refclassid AS from_class, d.refobjid AS from_oid, 'pg_class'::regclass::oid AS class, w.ev_class AS oid,
           c.relkind AS kind
      FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class
      JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
     WHERE w.oid >= ${FIRST_USER_OID} AND d.refclassid IN ('pg_class'::regclass, 'pg_proc'::regclass) AND w.ev_class <> d.refobjid
    UNION ALL
    SELECT 'pg_proc'::regclass, g.tgfoid, 'pg_class'::regclass, g.tgrelid, 'x'
      FROM pg_trigger g WHERE NOT g.tgisinternal AND g.tgenabled <> 'D'
    UNION ALL
    SELECT d.refclassid, d.refobjid, d.classid, d.objid, 'x'
      FROM pg_depend d
     WHERE d.classid = 'pg_proc'::regclass AND d.refclassid IN ('pg_class'::regclass, 'pg_proc'::regclass) AND d.objid >= ${FIRST_USER_OID}
    UNION ALL
    SELECT 'pg_proc'::regclass, f.oid, 'pg_proc'::regclass, a.aggfnoid, 'x'
      FROM pg_aggregate a
      CROSS JOIN LATERAL unnest(ARRAY[a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn,
                                      a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn]) f(oid)
     WHERE a.aggfnoid >= ${FIRST_USER_OID} AND f.oid <> 0
    UNION ALL
    SELECT n.class, n.oid, 'pg_proc'::regclass, m.oid, 'x'
      FROM named n JOIN mention m ON m.name = n.name AND (m.schema IS NULL OR m.schema = n.schema) AND m.oid <> n.oid
  ),
  dependent AS (
    SELECT 'pg_class'::regclass::oid AS class, t.oid, true AS exposed FROM tracked t
    UNION
    SELECT 'pg_namespace'::regclass, s.oid, false FROM schema_of_tables s
    UNION
    SELECT e.class, e.oid,
           CASE e.kind WHEN 'm' THEN true WHEN 'x' THEN false ELSE r.exposed AND r.class = 'pg_class'::regclass END
      FROM dependent r JOIN edge e ON e.from_class = r.class AND e.from_oid = r.oid
  )`;
