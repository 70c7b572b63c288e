import { baseType, IS_PLACEHOLDER } from '../../../migrations/shared/leads.ts';
import { MIGRATIONS_TABLE_CANDIDATES } from '../../../migrations/shared/migrations-table.ts';
import { IS_TRUSTED_OWNER } from '../../../migrations/shared/owner.ts';
import type { Connection } from '../../db/connection.ts';
import { literal } from '../../db/quoting.ts';
import { everExpected, functionName } from '../../schema/expected.ts';
import { OWN_TABLES } from '../../schema/migrations.ts';
import type { Settings } from '../../settings.ts';
import { installedElsewhere } from './installed-elsewhere.ts';

/** What one query tells of the database before the first change. */
export interface Facts {
  readonly serverVersion: number;
  /** Quoted where it needs to be. */
  readonly role: string;
  readonly database: string;
  readonly mayCreateSchema: boolean;
  readonly schemas: readonly {
    readonly name: string;
    readonly exists: boolean;
    readonly mayUse: boolean;
    readonly mayCreate: boolean;
  }[];
  /** The migrations table and tables of the package's names in the first schema. */
  readonly relations: readonly {
    readonly name: string;
    /** Quoted where it needs to be. */
    readonly schema: string;
    /** The name, quoted where it needs to be, and qualified. */
    readonly qualified: string;
    /** As `role`. */
    readonly owner: string;
    readonly owned: boolean;
    /** Whether the role, where it is a superuser, may take the owner for that of all tables. */
    readonly trusted: boolean;
    /** Whether the role may give objects to the owner. */
    readonly mayGive: boolean;
    /** Whether the owner may have new objects in the schema; a superuser gives them to any role. */
    readonly ownerMayCreate: boolean;
    readonly columns: readonly string[];
    /** Tables to which its foreign keys refer, as `qualified`, with their partitions. */
    readonly refersTo: readonly string[];
  }[];
  /** Tables in the first schema that have the shape of a migrations table. */
  readonly migrationsTables: readonly string[];
  /** Indexes, types and functions in the first schema that have a name of this package's. */
  readonly sameNames: readonly NamedObject[];
  /** The leads table that the search path finds. */
  readonly leads: Leads | null;
  /** Tables that are named almost like leads, as `qualified`. */
  readonly similarToLeads: readonly string[];
  /** Other schemas that hold the package's tables. */
  readonly installedElsewhere: readonly string[];
  /** The placeholder in the first schema, as `qualified`. */
  readonly placeholder: string | null;
}

/** An object with a name of this package's. Functions of any arguments: calls would be ambiguous. */
export interface NamedObject {
  readonly name: string;
  /** As ALTER names it. */
  readonly object: string;
}

/** A `leads` table: the application's, or the placeholder. */
export interface Leads {
  /** Quoted where it needs to be, and qualified. */
  readonly name: string;
  readonly schema: string;
  /** Quoted where it needs to be. */
  readonly owner: string;
  readonly owned: boolean;
  /** Where it is partitioned, its partitions, as `name`. */
  readonly partitions: readonly string[];
  readonly ordinary: boolean;
  /** Tables that inherit from it and are no partitions, as `name`. */
  readonly children: readonly string[];
  /** The base type, where it is of a domain. */
  readonly idType: string | null;
  readonly idUnique: boolean;
  /** False where it is partitioned by anything but id. */
  readonly idCanBeUnique: boolean;
  readonly mayReference: boolean;
}

/** Reads the facts with one query, in the open transaction. */
export async function readFacts(connection: Connection, settings: Settings): Promise<Facts> {
  const [row] = await connection.query<{ facts: string }>(factsQuery(settings));
  return JSON.parse(row?.facts ?? '{}');
}

const list = (names: readonly string[]) => names.map((name) => literal(name)).join(', ');

/** All facts as one JSON text: the caller's client may have type parsers of its own. */
function factsQuery(settings: Settings): string {
  const { schemas, migrationsTable } = settings;
  const tables = OWN_TABLES.map((table) => literal(table)).join(', ');
  const contents = everExpected();
  const functions = list(Object.keys(contents.functions).map(functionName));
  const indexes = list(
    OWN_TABLES.flatMap((table) => Object.keys(contents.tables[table]?.indexes ?? {})),
  );
  const names = schemas.map((schema) => literal(schema)).join(', ');
  return `
    SELECT json_build_object(
      'serverVersion', current_setting('server_version_num')::int,
      'role', quote_ident(current_user),
      'database', quote_ident(current_database()),
      'mayCreateSchema', has_database_privilege(current_database(), 'CREATE'),
      'schemas', (
        SELECT json_agg(json_build_object(
          'name', s.name,
          'exists', n.oid IS NOT NULL,
          'mayUse', coalesce(has_schema_privilege(n.oid, 'USAGE'), false),
          'mayCreate', coalesce(has_schema_privilege(n.oid, 'CREATE'), false)
        ) ORDER BY s.position)
          FROM unnest(ARRAY[${names}]::text[]) WITH ORDINALITY s(name, position)
          LEFT JOIN pg_namespace n ON n.nspname = s.name),
      'relations', (
        SELECT coalesce(json_agg(json_build_object(
          'name', c.relname,
          'schema', quote_ident(n.nspname),
          'qualified', format('%I.%I', n.nspname, c.relname),
          'owner', quote_ident(pg_get_userbyid(c.relowner)),
          'owned', pg_has_role(c.relowner, 'USAGE'),
          'trusted', ${IS_TRUSTED_OWNER},
          'mayGive', pg_has_role(c.relowner,
            CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END) AND ${IS_TRUSTED_OWNER},
          'ownerMayCreate', has_schema_privilege(c.relowner, n.oid, 'CREATE')
            OR (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user),
          'columns', ARRAY(SELECT a.attname FROM pg_attribute a
                            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
          'refersTo', (
            SELECT coalesce(json_agg(DISTINCT format('%I.%I', tn.nspname, t.relname)), '[]')
              FROM pg_constraint k
              JOIN pg_class t ON t.oid = k.confrelid OR t.oid IN (SELECT p.relid FROM pg_partition_tree(k.confrelid) p)
              JOIN pg_namespace tn ON tn.oid = t.relnamespace
             WHERE k.conrelid = c.oid AND k.contype = 'f'))), '[]')
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = ${literal(schemas[0])}
           AND c.relname IN (${literal(migrationsTable)},
             ${tables})),
      'migrationsTables', (
        SELECT coalesce(json_agg(c.relname), '[]')
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = ${literal(schemas[0])} AND c.oid IN (${MIGRATIONS_TABLE_CANDIDATES})
           -- A superuser would run the triggers on a stranger's table.
           AND ${IS_TRUSTED_OWNER}),
      'sameNames', (
        SELECT coalesce(json_agg(json_build_object('name', o.name, 'object', o.object)), '[]')
          FROM (
            SELECT c.relname AS name, format('INDEX %s', c.oid::regclass) AS object, c.relnamespace AS namespace
              FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
             WHERE c.relname = ANY (ARRAY[${indexes}]::name[])
            UNION ALL
            SELECT t.typname, format('TYPE %s', t.oid::regtype), t.typnamespace
              FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
             WHERE t.typname IN (${tables}, 'leads', ${literal(migrationsTable)}) AND coalesce(c.relkind, 'c') = 'c'
            UNION ALL
            SELECT p.proname, format('%s %s', CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END, p.oid::regprocedure), p.pronamespace
              FROM pg_proc p WHERE p.proname = ANY (ARRAY[${functions}]::name[])
          ) o
         WHERE o.namespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = ${literal(schemas[0])})),
      'leads', (
        SELECT json_build_object(
          'name', format('%I.%I', n.nspname, c.relname),
          'schema', n.nspname,
          'owner', quote_ident(pg_get_userbyid(c.relowner)),
          'owned', pg_has_role(c.relowner, 'USAGE'),
          'children', (
            SELECT coalesce(json_agg(format('%I.%I', tn.nspname, t.relname) ORDER BY tn.nspname, t.relname), '[]')
              FROM pg_inherits h JOIN pg_class t ON t.oid = h.inhrelid
              JOIN pg_namespace tn ON tn.oid = t.relnamespace
             WHERE h.inhparent = c.oid AND NOT t.relispartition),
          'partitions', (
            SELECT coalesce(json_agg(format('%I.%I', tn.nspname, t.relname) ORDER BY tn.nspname, t.relname), '[]')
              FROM pg_partition_tree(c.oid) p JOIN pg_class t ON t.oid = p.relid
              JOIN pg_namespace tn ON tn.oid = t.relnamespace
             WHERE p.relid <> c.oid),
          'ordinary', c.relkind IN ('r', 'p') AND c.relpersistence = 'p',
          'idType', ${baseType('a')},
          'idCanBeUnique', NOT EXISTS (
            SELECT FROM pg_partitioned_table k
             WHERE k.partrelid IN (SELECT p.relid FROM pg_partition_tree(c.oid) p)
               AND (k.partexprs IS NOT NULL OR k.partattrs::text <> a.attnum::text)),
          'idUnique', EXISTS (
            SELECT FROM pg_index i
             WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum AND i.indnkeyatts = 1
               AND i.indisunique AND i.indimmediate AND i.indisvalid
               AND i.indpred IS NULL AND i.indexprs IS NULL),
          'mayReference', coalesce(has_column_privilege(c.oid, a.attnum, 'REFERENCES'), true))
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          JOIN unnest(ARRAY[${names}]::text[]) WITH ORDINALITY s(name, position) ON s.name = n.nspname
          LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id' AND NOT a.attisdropped
         WHERE c.relname = 'leads'
         ORDER BY s.position LIMIT 1),
      'similarToLeads', (
        SELECT coalesce(json_agg(format('%I.%I', n.nspname, c.relname) ORDER BY n.nspname, c.relname), '[]')
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relname IN ('lead', 'Lead', 'Leads', 'LEADS') AND c.relkind IN ('r', 'p')
           AND n.nspname IN (${names})),
      'installedElsewhere', (
        SELECT coalesce(json_agg(s.name), '[]') FROM (${installedElsewhere(settings)}) s),
      'placeholder', (
        SELECT format('%I.%I', n.nspname, c.relname)
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = ${literal(schemas[0])} AND c.relname = 'leads' AND ${IS_PLACEHOLDER})
    )::text AS facts`;
}
