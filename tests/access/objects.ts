import type { Queryable } from '../support/catalogue.ts';

/** What has an access list, or is part of something that has one. */
export type ObjectKind =
  | 'column'
  | 'function'
  | 'index'
  | 'relation'
  | 'schema'
  | 'sequence'
  | 'type'
  | 'other';

/** One object that was not there before the migrations. */
export interface FoundObject {
  readonly kind: ObjectKind;
  /** The column's table for a column, the index's for an index. */
  readonly table: string | null;
  readonly oid: number;
  /** A column's number, else 0. */
  readonly part: number;
  /** With its schema, quoted where that is needed. */
  readonly name: string;
  /** relkind, typtype (`A` for an array), `trigger` or prokind. */
  readonly detail: string;
}

const named = (schema: string, name: string) => `format('%I.%I', ${schema}::regnamespace, ${name})`;
const RELATION = `format('%I.%I', n.nspname, c.relname)`;

/** Objects of the kinds that nothing here knows how to check are reported, not passed over. */
const OTHER_CATALOGUES = [
  'pg_language',
  'pg_foreign_data_wrapper',
  'pg_foreign_server',
  'pg_largeobject_metadata',
  'pg_default_acl',
  'pg_event_trigger',
  'pg_publication',
];

/** Lower OIDs are those of the server's own objects. */
const FIRST_OWN = 16_384;

const OBJECTS = `
  SELECT CASE WHEN c.relkind = 'S' THEN 'sequence' WHEN c.relkind IN ('i', 'I') THEN 'index' ELSE 'relation' END AS kind,
         i.indrelid::regclass::text AS table, c.oid, 0 AS part, ${RELATION} AS name, c.relkind::text AS detail, 'pg_class' AS catalogue
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
   WHERE c.oid >= ${FIRST_OWN}
  UNION ALL
  SELECT 'column', ${RELATION}, c.oid, a.attnum, format('%s.%I', ${RELATION}, a.attname), c.relkind::text, 'pg_class'
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid >= ${FIRST_OWN} AND NOT a.attisdropped AND c.relkind NOT IN ('S', 'i', 'I')
  UNION ALL
  SELECT 'function', NULL, oid, 0, format('%s(%s)', ${named('pronamespace', 'proname')}, pg_get_function_identity_arguments(oid)),
         CASE WHEN prorettype = 'trigger'::regtype THEN 'trigger' ELSE prokind::text END, 'pg_proc'
    FROM pg_proc
   WHERE oid >= ${FIRST_OWN}
  UNION ALL
  SELECT 'type', NULL, oid, 0, ${named('typnamespace', 'typname')},
         CASE WHEN typsubscript = 'array_subscript_handler'::regproc THEN 'A' ELSE typtype::text END, 'pg_type'
    FROM pg_type
   WHERE oid >= ${FIRST_OWN}
  UNION ALL
  SELECT 'schema', NULL, oid, 0, quote_ident(nspname), '', 'pg_namespace'
    FROM pg_namespace
   WHERE oid >= ${FIRST_OWN} AND nspname !~ '^pg_'
  ${OTHER_CATALOGUES.map(
    (catalogue) =>
      `UNION ALL SELECT 'other', NULL, oid, 0, format('%s %s', '${catalogue}', oid), '', '${catalogue}' FROM ${catalogue} WHERE oid >= ${FIRST_OWN}`,
  ).join('\n')}`;

/** What is there, by catalogue and OID: to be compared with what is there later. */
export async function inventory(db: Queryable): Promise<readonly string[]> {
  const rows = await db.query<{ id: string }>(
    `SELECT DISTINCT catalogue || ' ' || oid AS id FROM (${OBJECTS}) o`,
  );
  return rows.map(({ id }) => id);
}

/** Everything that has been created since, in the order of its names. */
export async function createdSince(
  db: Queryable,
  before: readonly string[],
): Promise<readonly FoundObject[]> {
  return db.query<FoundObject>(
    `SELECT kind, "table", oid, part, name, detail FROM (${OBJECTS}) o
      WHERE catalogue || ' ' || oid <> ALL ($1::text[]) ORDER BY kind, name`,
    [before],
  );
}
