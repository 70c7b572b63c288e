import { CALLED, FOREIGN_CALLED } from './called-functions.ts';
import { DEPENDENTS } from './dependents.ts';
import { aclEntries, roleName } from './privileges.ts';

/** The server's own roles that can access any table, or the files of the server. */
const PREDEFINED_ROLES = `'pg_read_all_data', 'pg_write_all_data', 'pg_maintain', 'pg_execute_server_program',
  'pg_read_server_files', 'pg_write_server_files'`;

/** SQL: roles without trust that hold such a privilege on the relation `c` or on a column of it. */
const relationGrantees = (privileges: string) => `(
  SELECT e.grantee, e.grantor FROM (
    SELECT a.grantee, a.grantor, a.privilege_type FROM ${aclEntries('c.relacl', 'r', 'c.relowner')} a
    UNION ALL
    SELECT x.grantee, x.grantor, x.privilege_type FROM pg_attribute a, aclexplode(a.attacl) x WHERE a.attrelid = c.oid
  ) e
   WHERE e.privilege_type IN (${privileges})
     AND e.grantee <> c.relowner AND e.grantee NOT IN (SELECT t.oid FROM trusted t))`;

/** SQL: roles without trust that may execute the function `p`. */
const FUNCTION_GRANTEES = `(
  SELECT e.grantee, e.grantor FROM ${aclEntries('p.proacl', 'f', 'p.proowner')} e
   WHERE e.grantee <> p.proowner AND e.grantee NOT IN (SELECT t.oid FROM trusted t))`;

const GRANTEES = `array_agg(DISTINCT ${roleName('g.grantee')} ORDER BY ${roleName('g.grantee')})`;

/** SQL: roles that have granted privileges on: an owner's REVOKE does not revoke those. */
const grantors = (owner: string) =>
  `coalesce(array_agg(DISTINCT ${roleName('g.grantor')}) FILTER (WHERE g.grantor <> ${owner}), '{}')`;

const NO_ROLES = "'{}'::text[]";

const VIEWS = `
    SELECT 'view' AS kind,
           format('%s %s', CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END, c.oid::regclass) AS object,
           CASE WHEN c.relkind IN ('v', 'm') THEN 'selects from the tables' ELSE 'has a rule that uses the tables' END AS reason,
           ${GRANTEES} AS roles, ${grantors('c.relowner')} AS grantors, format('TABLE %s', c.oid::regclass) AS target, NULL AS fix
      FROM (SELECT DISTINCT r.oid FROM dependent r WHERE r.exposed AND r.oid NOT IN (SELECT t.oid FROM tracked t)) r
      JOIN pg_class c ON c.oid = r.oid
      CROSS JOIN LATERAL ${relationGrantees("'SELECT', 'INSERT', 'UPDATE', 'DELETE'")} g
     -- A security_invoker view has its caller's privileges; its rules have its owner's.
     WHERE NOT (c.relkind = 'v'
       AND coalesce((SELECT o.option_value::boolean FROM pg_options_to_table(c.reloptions) o WHERE o.option_name = 'security_invoker'), false)
       AND NOT EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = c.oid AND w.rulename <> '_RETURN'))
     GROUP BY c.oid, c.relkind, c.relowner
    UNION ALL
    SELECT 'view', format('materialized view %s', c.oid::regclass), 'holds rows of the tables, and has another owner',
           ARRAY[${roleName('c.relowner')}], ${NO_ROLES}, NULL,
           -- Its query may call functions of its owner's: another owner would run them at each REFRESH.
           format('DROP MATERIALIZED VIEW %s', c.oid::regclass)
      FROM (SELECT DISTINCT r.oid FROM dependent r WHERE r.exposed) r JOIN pg_class c ON c.oid = r.oid
     WHERE c.relkind = 'm' AND c.relowner NOT IN (SELECT t.oid FROM trusted t)
       AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = c.relowner AND r.rolsuper)`;

const MENTIONS = 'is SECURITY DEFINER and mentions the tables';

const FUNCTIONS = `
    SELECT 'function', format('%s %s', CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, p.oid::regprocedure),
           '${MENTIONS}', ${GRANTEES}, ${grantors('p.proowner')}, format('ROUTINE %s', p.oid::regprocedure), NULL
      FROM definer p CROSS JOIN LATERAL ${FUNCTION_GRANTEES} g
     GROUP BY p.oid, p.prokind, p.proowner
    UNION ALL
    SELECT 'function', format('function %s', d.oid::regprocedure),
           format('${MENTIONS}; the aggregate %s calls it', p.oid::regprocedure),
           ${GRANTEES}, ${NO_ROLES}, NULL, format('ALTER ROUTINE %s SECURITY INVOKER', d.oid::regprocedure)
      FROM definer d JOIN pg_aggregate a ON d.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn)
      JOIN pg_proc p ON p.oid = a.aggfnoid
      CROSS JOIN LATERAL ${FUNCTION_GRANTEES} g
     GROUP BY d.oid, p.oid
    UNION ALL
    SELECT 'function', format('function %s', d.oid::regprocedure),
           format('${MENTIONS}; writing to %s fires it', c.oid::regclass),
           ${GRANTEES}, ${NO_ROLES}, NULL, format('ALTER ROUTINE %s SECURITY INVOKER', d.oid::regprocedure)
      FROM definer d JOIN pg_trigger t ON t.tgfoid = d.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'
      JOIN pg_class c ON c.oid = t.tgrelid
      CROSS JOIN LATERAL ${relationGrantees("'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'")} g
     GROUP BY d.oid, c.oid
    UNION ALL
    SELECT 'function', format('function %s', d.oid::regprocedure), '${MENTIONS}; an event trigger fires it',
           ARRAY['PUBLIC'], ${NO_ROLES}, NULL, format('ALTER ROUTINE %s SECURITY INVOKER', d.oid::regprocedure)
      FROM definer d WHERE EXISTS (SELECT FROM pg_event_trigger e WHERE e.evtfoid = d.oid AND e.evtenabled <> 'D')`;

const PUBLICATIONS = `
    SELECT 'publication', format('publication %I', p.pubname),
           format('publishes %s', string_agg(t.oid::regclass::text, ', ' ORDER BY c.relname)),
           ARRAY['subscribers'], ${NO_ROLES}, NULL,
           CASE WHEN p.puballtables THEN format('DO %L', format('BEGIN DROP PUBLICATION %1$I; CREATE PUBLICATION %1$I; END', p.pubname))
                ELSE concat_ws('; ',
                  CASE WHEN bool_or(NOT m.direct) THEN format('ALTER PUBLICATION %I DROP TABLES IN SCHEMA %s', p.pubname, min(c.relnamespace)::regnamespace) END,
                  format('ALTER PUBLICATION %I DROP TABLE ', p.pubname) || string_agg(t.oid::regclass::text, ', ' ORDER BY c.relname) FILTER (WHERE m.direct))
           END
      FROM pg_publication p
      JOIN pg_publication_tables l ON l.pubname = p.pubname
      JOIN pg_namespace n ON n.nspname = l.schemaname
      JOIN pg_class c ON c.relname = l.tablename AND c.relnamespace = n.oid
      JOIN tracked t ON t.oid = c.oid
      CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = t.oid) AS direct) m
     WHERE starts_with(p.pubname, 'supabase_realtime')
     GROUP BY p.oid, p.pubname, p.puballtables`;

const ATTRIBUTES = `
    SELECT 'role', format('role %I', r.rolname), a.reason, ARRAY[quote_ident(r.rolname)], ${NO_ROLES}, NULL, format('ALTER ROLE %I %s', r.rolname, a.off)
      FROM pg_roles r JOIN client_role o ON o.name = r.rolname
      CROSS JOIN LATERAL (VALUES
        (r.rolsuper, 'is a superuser', 'NOSUPERUSER'),
        (r.rolbypassrls, 'bypasses row level security', 'NOBYPASSRLS'),
        (r.rolreplication, 'may replicate', 'NOREPLICATION'),
        (r.rolcreaterole, 'may grant itself roles', 'NOCREATEROLE')) a(has, reason, off)
     WHERE a.has
    UNION ALL
    SELECT 'role', format('role %I', r.rolname), format('owns %s', w.object), ARRAY[quote_ident(r.rolname)], ${NO_ROLES}, NULL,
           format('ALTER %s OWNER TO %s', w.object, (SELECT ${roleName('t.oid')} FROM owner t))
      FROM pg_roles r JOIN client_role o ON o.name = r.rolname
      JOIN (SELECT n.nspowner AS owner, format('SCHEMA %I', n.nspname) AS object FROM pg_namespace n JOIN schema_of_tables s ON s.oid = n.oid
            UNION ALL SELECT d.datdba, format('DATABASE %I', d.datname) FROM pg_database d WHERE d.datname = current_database()) w
        ON w.owner = r.oid`;

/** Since PostgreSQL 16, REVOKE must name the role that granted the membership. */
const MEMBERSHIPS = `
    SELECT 'role', format('role %I', r.rolname), format('is a member of %I', g.rolname), ARRAY[quote_ident(r.rolname)], ${NO_ROLES}, NULL,
           string_agg(format('REVOKE %I FROM %I', g.rolname, r.rolname)
             || CASE WHEN current_setting('server_version_num')::int >= 160000 THEN format(' GRANTED BY %s', ${roleName('m.grantor')}) ELSE '' END, '; ')
      FROM pg_roles r JOIN client_role o ON o.name = r.rolname
      JOIN pg_auth_members m ON m.member = r.oid
      JOIN pg_roles g ON g.oid = m.roleid
     WHERE NOT r.rolsuper AND EXISTS (
       SELECT FROM pg_roles x
        WHERE (x.oid IN (SELECT t.oid FROM trusted t) OR x.rolsuper OR x.rolname IN (${PREDEFINED_ROLES}))
          AND pg_has_role(g.oid, x.oid, 'MEMBER'))
     GROUP BY r.rolname, g.rolname`;

/**
 * SQL: the common table `exposure`: objects through which untrusted roles reach the tables.
 * Needs `schema_of_tables` (oid, nspname), `wanted` (name), `tracked`, `routine`, `owner` (oid),
 * `service_role` and `client_role` (name).
 */
export const EXPOSURES = `
  trusted AS (
    SELECT o.oid FROM (
      SELECT w.oid FROM owner w
      UNION SELECT n.nspowner FROM pg_namespace n JOIN schema_of_tables s ON s.oid = n.oid
      UNION SELECT d.datdba FROM pg_database d WHERE d.datname = current_database()
    ) o WHERE o.oid NOT IN (SELECT r.oid FROM pg_roles r JOIN client_role x ON x.name = r.rolname)
    UNION SELECT r.oid FROM pg_roles r JOIN service_role i ON i.name = r.rolname
  ),
  ${DEPENDENTS},
  definer AS MATERIALIZED (
    SELECT p.oid, p.proowner, p.proacl, p.prokind FROM pg_proc p
     WHERE p.prosecdef AND p.oid IN (SELECT r.oid FROM dependent r WHERE r.class = 'pg_proc'::regclass)
       AND EXISTS (SELECT FROM tracked t WHERE has_table_privilege(p.proowner, t.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE'))
  ),
  ${CALLED},
  exposure AS (${[VIEWS, FUNCTIONS, FOREIGN_CALLED, PUBLICATIONS, ATTRIBUTES, MEMBERSHIPS].join('\n    UNION ALL')}
  )`;
