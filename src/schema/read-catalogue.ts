import { IS_TRUSTED_OWNER } from '../../migrations/shared/owner.ts';
import type { Connection } from '../db/connection.ts';
import { literal } from '../db/quoting.ts';
import { type Catalogue, type CatalogueTable, PRIMARY_KEY } from './catalogue.ts';
import { UNQUALIFIED_CALLED } from './queries/called-functions.ts';
import { EXPOSURES } from './queries/exposures.ts';
import { FUNCTION, SIGNATURE } from './queries/functions.ts';
import { aclEntries, canActAs, roleName } from './queries/privileges.ts';
import { UNSAFE_SEARCH_PATHS } from './queries/search-paths.ts';
import { OWN_SEQUENCE, PLACEHOLDER_OR_NOT_LEADS, TABLE } from './queries/tables.ts';
import { recordOf, withoutPrototypes } from './records.ts';
import { CLIENT_ROLES, type Scope, SERVICE_ROLES } from './scope.ts';

/**
 * Settings that change how the server prints names, types and expressions, whatever the database,
 * the role or the session has set. With pg_catalog alone on the path, all other names are qualified.
 */
const PRINTING = `SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL quote_all_identifiers = off;
SET LOCAL DateStyle = ISO;
SET LOCAL IntervalStyle = postgres;
SET LOCAL TimeZone = 'UTC';
SET LOCAL extra_float_digits = 1;
SET LOCAL bytea_output = hex;`;

/**
 * Reads everything that verification looks at with one query, in the transaction that is open. It
 * returns the same on PostgreSQL 14 to 18.
 *
 * @param before - statements to send along, before the query
 */
export async function readCatalogue(
  connection: Connection,
  scope: Scope,
  before = '',
): Promise<Catalogue> {
  const [row] = await connection.query<{ catalogue: string }>(
    `${before}${PRINTING}${catalogueQuery(scope)}`,
  );
  const { relations, ...catalogue } = withoutPrototypes(JSON.parse(row?.catalogue ?? '{}')) as Omit<
    Catalogue,
    'tables' | 'migrationsTable'
  > & { readonly relations: Readonly<Record<string, CatalogueTable>> };
  const { [scope.migrationsTable]: migrationsTable, ...tables } = relations;
  return {
    ...catalogue,
    tables,
    migrationsTable: migrationsTable ? withNeutralKey(migrationsTable) : null,
  };
}

/** A migrations table may have any name, and so may its primary key. */
function withNeutralKey(table: CatalogueTable): CatalogueTable {
  const isKey = (name: string | null) =>
    name !== null && table.constraints[name]?.definition.startsWith('PRIMARY KEY') === true;
  return {
    ...table,
    comment: null,
    constraints: recordOf(
      Object.entries(table.constraints).map(([name, one]) => [
        isKey(name) ? PRIMARY_KEY : name,
        one,
      ]),
    ),
    indexes: recordOf(
      Object.entries(table.indexes).map(([name, one]) =>
        isKey(one.constraint) ? [PRIMARY_KEY, { ...one, constraint: PRIMARY_KEY }] : [name, one],
      ),
    ),
  };
}

const list = (values: readonly string[]): string =>
  `ARRAY[${values.map((value) => literal(value)).join(', ')}]::text[]`;

const names = (values: readonly string[]): string =>
  `(SELECT unnest(${list(values)}::name[]) AS name)`;

const isClientRole = (oid: string) =>
  `${oid} IN (SELECT r.oid FROM pg_roles r JOIN client_role x ON x.name = r.rolname)`;

/** SQL: the catalogue as one JSON text: the caller's client may parse other types in its own way. */
export function catalogueQuery(scope: Scope): string {
  const { schemas, tables, indexes, functions, migrationsTable } = scope;
  const functionNames = functions.map((signature) => signature.replace(/\(.*$/, ''));
  return `
    WITH RECURSIVE service_role AS ${names(SERVICE_ROLES)},
    client_role AS ${names(CLIENT_ROLES)},
    schema_of_tables AS (SELECT n.oid, n.nspname FROM pg_namespace n WHERE n.nspname = ${literal(schemas[0])}),
    wanted AS ${names([...tables, migrationsTable])},
    tracked AS (
      SELECT c.oid, c.relname, c.relowner FROM pg_class c
       WHERE c.relnamespace = (SELECT s.oid FROM schema_of_tables s)
         AND c.relname IN (SELECT w.name FROM wanted w) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
         AND ${PLACEHOLDER_OR_NOT_LEADS}
    ),
    -- The first that exists. Never a majority: every role with CREATE can create more objects.
    owner AS (
      SELECT o.oid FROM (
        SELECT 1 AS choice, c.relowner AS oid
          FROM tracked t JOIN pg_class c ON c.oid = t.oid JOIN pg_namespace n ON n.oid = c.relnamespace
         -- Alone it proves nothing to a superuser, whom the fixes let give objects to any role.
         WHERE t.relname = ${literal(migrationsTable)} AND (${IS_TRUSTED_OWNER} OR EXISTS (
           SELECT FROM tracked o WHERE o.relowner = t.relowner AND o.relname NOT IN (${literal(migrationsTable)}, 'leads')))
        UNION ALL
        SELECT 2, min(t.relowner) FROM tracked t
         WHERE t.relname NOT IN (${literal(migrationsTable)}, 'leads') AND NOT ${isClientRole('t.relowner')}
        HAVING count(DISTINCT t.relowner) = 1
        UNION ALL
        SELECT 3, d.datdba FROM pg_database d WHERE d.datname = current_database()
      ) o
       WHERE NOT ${isClientRole('o.oid')} ORDER BY o.choice LIMIT 1
    ),
    namesake AS (
      SELECT p.oid, p.pronamespace, p.prokind IN ('f', 'p') AND ${SIGNATURE} = ANY (${list(functions)}) AS is_exact
        FROM pg_proc p
       WHERE p.pronamespace IN (SELECT n.oid FROM pg_namespace n WHERE n.nspname = ANY (${list(schemas)}::name[]))
         AND p.proname = ANY (${list(functionNames)}::name[])
    ),
    routine AS (
      SELECT n.oid FROM namesake n
       WHERE n.is_exact AND n.pronamespace = (SELECT s.oid FROM schema_of_tables s)
    ),
    ownership AS (
      SELECT 'table' AS kind, t.relname::text AS name, format('TABLE %s', t.oid::regclass) AS object, t.relowner AS owner FROM tracked t
      UNION ALL
      SELECT 'function', ${SIGNATURE}, format('FUNCTION %s', p.oid::regprocedure), p.proowner
        FROM routine r JOIN pg_proc p ON p.oid = r.oid
    ),
    leads_table AS (
      SELECT coalesce((
        SELECT c.oid
          FROM unnest(${list(schemas)}::name[]) WITH ORDINALITY s(name, position)
          JOIN pg_namespace n ON n.nspname = s.name
          JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = 'leads' AND c.relkind IN ('r', 'p')
         ORDER BY s.position LIMIT 1), (
        SELECT c.oid
          FROM tracked t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f' AND k.conname = 'conversions_lead_id_fkey'
          JOIN pg_class c ON c.oid = k.confrelid AND c.relname = 'leads'
         LIMIT 1)) AS oid
    ),
    ${EXPOSURES}
    SELECT json_build_object(
      'schema', (SELECT quote_ident(s.nspname) FROM schema_of_tables s),
      'relations', (SELECT coalesce(json_object_agg(c.relname, ${TABLE} ORDER BY c.relname), '{}')
                      FROM tracked t JOIN pg_class c ON c.oid = t.oid),
      'functions', (SELECT coalesce(json_object_agg(${SIGNATURE}, ${FUNCTION} ORDER BY p.proname), '{}')
                      FROM routine r JOIN pg_proc p ON p.oid = r.oid),
      'owner', coalesce((SELECT ${roleName('o.oid')} FROM owner o), 'CURRENT_USER'),
      'ownerships', (SELECT coalesce(json_agg(json_build_object(
          'kind', o.kind, 'name', o.name, 'object', o.object, 'owner', ${roleName('o.owner')},
          'foreign', NOT EXISTS (SELECT FROM owner w WHERE ${canActAs('o.owner', 'w.oid')}))), '[]')
        FROM ownership o),
      'overloads', (SELECT coalesce(json_agg(json_build_object(
          'object', format('%s %s', CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, p.oid::regprocedure),
          'routine', p.oid::regprocedure::text, 'owner', ${roleName('p.proowner')})), '[]')
        FROM namesake n JOIN pg_proc p ON p.oid = n.oid WHERE NOT n.is_exact),
      'sequences', (
        SELECT coalesce(json_object_agg(q.relname, q.columns), '{}') FROM (
          SELECT c.relname, json_object_agg(a.attname, s.oid::regclass) AS columns
            FROM tracked c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            CROSS JOIN LATERAL (${OWN_SEQUENCE}) s
           GROUP BY c.relname) q),
      'tablesByIndex', (
        SELECT coalesce(json_object_agg(x.relname, c.relname), '{}')
          FROM pg_class x JOIN pg_index i ON i.indexrelid = x.oid JOIN pg_class c ON c.oid = i.indrelid
         WHERE x.relnamespace = (SELECT s.oid FROM schema_of_tables s) AND x.relname = ANY (${list(indexes)}::name[])
           AND c.oid NOT IN (SELECT t.oid FROM tracked t) AND c.relname <> 'leads'
           AND EXISTS (SELECT FROM owner w WHERE ${canActAs('c.relowner', 'w.oid')})),
      'leads', (SELECT format('%I.%I', n.nspname, c.relname)
                  FROM leads_table p JOIN pg_class c ON c.oid = p.oid JOIN pg_namespace n ON n.oid = c.relnamespace),
      'roles', ARRAY(SELECT quote_ident(r.rolname) FROM pg_roles r
                      WHERE r.rolname IN (SELECT i.name FROM service_role i UNION SELECT o.name FROM client_role o) ORDER BY 1),
      'rolesWithoutUsage', ARRAY(SELECT quote_ident(r.rolname) FROM pg_roles r
                       WHERE (r.rolname IN (SELECT i.name FROM service_role i) OR r.oid IN (SELECT o.oid FROM owner o))
                         AND NOT has_schema_privilege(r.oid, (SELECT s.oid FROM schema_of_tables s), 'USAGE') ORDER BY 1),
      'rolesWithCreate', ARRAY(SELECT DISTINCT ${roleName('e.grantee')} FROM pg_namespace n
          JOIN schema_of_tables s ON s.oid = n.oid
          CROSS JOIN LATERAL ${aclEntries('n.nspacl', 'n', 'n.nspowner')} e
         WHERE e.privilege_type = 'CREATE' AND e.grantee <> n.nspowner AND (e.grantee = 0 OR ${isClientRole('e.grantee')}) ORDER BY 1),
      'rolesWithoutBypassRls', ARRAY(SELECT quote_ident(r.rolname) FROM pg_roles r
         WHERE NOT r.rolbypassrls AND NOT r.rolsuper AND EXISTS (
           SELECT FROM pg_roles x JOIN service_role i ON i.name = x.rolname
            WHERE x.oid = r.oid OR (r.rolcanlogin AND pg_has_role(r.oid, x.oid, 'USAGE')
              -- ALTER ROLE … SET role = 'service_role': it acts as that role from the start.
              AND NOT EXISTS (
                SELECT FROM pg_db_role_setting s
                 WHERE s.setrole = r.oid AND 'role=' || x.rolname = ANY (s.setconfig)
                   AND s.setdatabase IN (0, (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())))))
           -- Row level security does not apply to roles that inherit from the owner.
           AND NOT EXISTS (SELECT FROM owner o WHERE pg_has_role(r.oid, o.oid, 'USAGE')) ORDER BY 1),
      'rolesSeeingRows', ARRAY(SELECT quote_ident(r.rolname) FROM pg_roles r
                        WHERE r.rolbypassrls OR r.rolsuper OR EXISTS (
                          SELECT FROM pg_roles x JOIN client_role o ON o.name = x.rolname WHERE pg_has_role(x.oid, r.oid, 'MEMBER')) ORDER BY 1),
      'exposures', (SELECT coalesce(json_agg(json_build_object(
          'kind', e.kind, 'object', e.object, 'reason', e.reason, 'roles', e.roles, 'grantors', e.grantors,
          'target', e.target, 'fix', e.fix) ORDER BY e.object COLLATE "C", e.reason COLLATE "C"), '[]')
        FROM exposure e),
      'unqualified', ${UNQUALIFIED_CALLED},
      'searchPaths', (SELECT coalesce(json_agg(json_build_object('target', p.target, 'setting', p.setting) ORDER BY p.target), '[]')
        FROM (${UNSAFE_SEARCH_PATHS}) p)
    )::text AS catalogue`;
}
