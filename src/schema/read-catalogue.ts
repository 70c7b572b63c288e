import type { Connection } from '../db/connection.ts';
import { literal } from '../db/quoting.ts';
import { bareRecord, withoutPrototypes } from './bare-records.ts';
import { type Catalogue, type CatalogueTable, PRIMARY_KEY, type Scope } from './catalogue.ts';
import { EXPOSURES } from './queries/exposures.ts';
import { FUNCTION, SIGNATURE } from './queries/functions.ts';
import { OWN_SEQUENCE, PLACEHOLDER_OR_NOT_LEADS, TABLE } from './queries/tables.ts';

/**
 * Reads everything that verification looks at, with one query. It needs pg_catalog alone on the
 * search path, and says the same on PostgreSQL 14 to 18.
 *
 * @param before - statements to send along, before the query
 */
export async function readCatalogue(
  connection: Connection,
  scope: Scope,
  before = '',
): Promise<Catalogue> {
  const [row] = await connection.query<{ catalogue: string }>(before + catalogueQuery(scope));
  const { relations, ...catalogue } = withoutPrototypes(JSON.parse(row?.catalogue ?? '{}')) as Omit<
    Catalogue,
    'tables' | 'migrationsTable'
  > & { readonly relations: Readonly<Record<string, CatalogueTable>> };
  const { [scope.migrationsTable]: migrationsTable, ...tables } = relations;
  return {
    ...catalogue,
    tables,
    migrationsTable: migrationsTable ? anyName(migrationsTable) : null,
  };
}

/** A migrations table may have any name, and so may its primary key. */
function anyName(table: CatalogueTable): CatalogueTable {
  const isKey = (name: string | null) =>
    name !== null && table.constraints[name]?.definition.startsWith('PRIMARY KEY') === true;
  return {
    ...table,
    comment: null,
    constraints: bareRecord(
      Object.entries(table.constraints).map(([name, one]) => [
        isKey(name) ? PRIMARY_KEY : name,
        one,
      ]),
    ),
    indexes: bareRecord(
      Object.entries(table.indexes).map(([name, one]) =>
        isKey(one.constraint) ? [PRIMARY_KEY, { ...one, constraint: PRIMARY_KEY }] : [name, one],
      ),
    ),
  };
}

const list = (names: readonly string[]): string => names.map((name) => literal(name)).join(', ');

const names = (values: readonly string[]): string =>
  `(SELECT unnest(ARRAY[${list(values)}]::name[]) AS name)`;

function catalogueQuery(scope: Scope): string {
  const { schemas, tables, indexes, functions, migrationsTable, insiders, outsiders } = scope;
  const owned = `json_build_object(
    'kind', o.kind, 'name', o.name, 'object', o.object, 'owner', quote_ident(pg_get_userbyid(o.owner)))`;
  return `
    WITH RECURSIVE insider AS ${names(insiders)},
    outsider AS ${names(outsiders)},
    space AS (SELECT n.oid, n.nspname FROM pg_namespace n WHERE n.nspname = ${literal(schemas[0])}),
    wanted AS ${names([...tables, migrationsTable])},
    tracked AS (
      SELECT c.oid FROM pg_class c
       WHERE c.relnamespace = (SELECT s.oid FROM space s)
         AND c.relname IN (SELECT w.name FROM wanted w) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
         AND ${PLACEHOLDER_OR_NOT_LEADS}
    ),
    routine AS (
      SELECT p.oid FROM pg_proc p
       WHERE p.pronamespace = (SELECT s.oid FROM space s) AND p.proname = ANY (ARRAY[${list(functions)}]::name[])
         AND p.prokind IN ('f', 'p')
    ),
    leads_place AS (
      SELECT coalesce((
        SELECT c.oid
          FROM unnest(ARRAY[${list(schemas)}]::name[]) WITH ORDINALITY s(name, position)
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
      'space', (SELECT quote_ident(s.nspname) FROM space s),
      'relations', (SELECT coalesce(json_object_agg(c.relname, ${TABLE} ORDER BY c.relname), '{}')
                      FROM tracked t JOIN pg_class c ON c.oid = t.oid),
      'functions', (SELECT coalesce(json_object_agg(${SIGNATURE}, ${FUNCTION} ORDER BY p.proname), '{}')
                      FROM routine r JOIN pg_proc p ON p.oid = r.oid),
      'owners', (SELECT coalesce(json_agg(${owned} ORDER BY o.object), '[]') FROM (
        SELECT 'table' AS kind, c.relname::text AS name, format('TABLE %s', c.oid::regclass) AS object, c.relowner AS owner FROM tracked t JOIN pg_class c ON c.oid = t.oid
        UNION ALL
        SELECT 'function', ${SIGNATURE}, format('FUNCTION %s', p.oid::regprocedure), p.proowner FROM routine r JOIN pg_proc p ON p.oid = r.oid) o),
      'databaseOwner', (SELECT quote_ident(pg_get_userbyid(d.datdba)) FROM pg_database d WHERE d.datname = current_database()),
      'sequences', (
        SELECT coalesce(json_object_agg(q.relname, q.columns), '{}') FROM (
          SELECT c.relname, json_object_agg(a.attname, s.oid::regclass) AS columns
            FROM tracked t JOIN pg_class c ON c.oid = t.oid
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            CROSS JOIN LATERAL (${OWN_SEQUENCE}) s
           GROUP BY c.relname) q),
      'holders', (
        SELECT coalesce(json_object_agg(x.relname, c.relname), '{}')
          FROM pg_class x JOIN pg_index i ON i.indexrelid = x.oid JOIN pg_class c ON c.oid = i.indrelid
         WHERE x.relnamespace = (SELECT s.oid FROM space s) AND x.relname = ANY (ARRAY[${list(indexes)}]::name[])
           AND c.oid NOT IN (SELECT t.oid FROM tracked t) AND c.relname <> 'leads'),
      'leads', (SELECT format('%I.%I', n.nspname, c.relname)
                  FROM leads_place p JOIN pg_class c ON c.oid = p.oid JOIN pg_namespace n ON n.oid = c.relnamespace),
      'roles', ARRAY(SELECT quote_ident(r.rolname) FROM pg_roles r
                      WHERE r.rolname IN (SELECT i.name FROM insider i UNION SELECT o.name FROM outsider o) ORDER BY 1),
      'barred', ARRAY(SELECT quote_ident(r.rolname) FROM pg_roles r
                       WHERE (r.rolname IN (SELECT i.name FROM insider i) OR r.oid IN (SELECT o.oid FROM owner o))
                         AND NOT has_schema_privilege(r.oid, (SELECT s.oid FROM space s), 'USAGE') ORDER BY 1),
      'blind', ARRAY(SELECT quote_ident(r.rolname) FROM pg_roles r JOIN insider i ON i.name = r.rolname
                      WHERE NOT r.rolbypassrls AND NOT r.rolsuper ORDER BY 1),
      'sighted', ARRAY(SELECT quote_ident(r.rolname) FROM pg_roles r
                        WHERE r.rolbypassrls OR r.rolsuper OR EXISTS (
                          SELECT FROM pg_roles x JOIN outsider o ON o.name = x.rolname WHERE pg_has_role(x.oid, r.oid, 'MEMBER')) ORDER BY 1),
      'exposures', (SELECT coalesce(json_agg(json_build_object(
          'kind', e.kind, 'object', e.object, 'how', e.how, 'open', e.open, 'grantors', e.grantors,
          'target', e.target, 'close', e.close) ORDER BY e.object, e.how), '[]')
        FROM exposure e)
    )::text AS catalogue`;
}
