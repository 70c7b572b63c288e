/** Anything that runs a query. */
export interface Queryable {
  query<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]>;
}

/** The major version of a database's server. */
export async function serverMajor(db: Queryable): Promise<number> {
  const [row] = await db.query<{ major: number }>(
    "SELECT current_setting('server_version_num')::int / 10000 AS major",
  );
  if (row === undefined) throw new Error('The server did not tell its version.');
  return row.major;
}

const NOT_SYSTEM = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

const SORTED = (acl: string) =>
  `(SELECT string_agg(e::text, ' ' ORDER BY e::text) FROM unnest(${acl}) e)`;

/** Each line describes one object in full, by name and without an OID. */
const LINES = [
  `SELECT n.nspname AS schema, '' AS object, format('schema owner=%s acl=%s', pg_get_userbyid(n.nspowner), ${SORTED('n.nspacl')}) AS line
     FROM pg_namespace n WHERE ${NOT_SYSTEM}`,
  `SELECT n.nspname, c.relname, format('%s owner=%s kind=%s persistence=%s rls=%s forced=%s acl=%s options=%s replica=%s comment=%s',
          'relation', pg_get_userbyid(c.relowner), c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,
          ${SORTED('c.relacl')}, c.reloptions, c.relreplident, obj_description(c.oid, 'pg_class'))
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${NOT_SYSTEM}`,
  `SELECT n.nspname, c.relname, format('column %s %s %s notnull=%s default=%s generated=%s%s acl=%s storage=%s comment=%s',
          to_char(row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), 'FM00'), a.attname,
          format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attgenerated, a.attidentity,
          ${SORTED('a.attacl')}, a.attstorage, col_description(c.oid, a.attnum))
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm') AND ${NOT_SYSTEM}`,
  `SELECT n.nspname, k.relname, format('constraint %s %s comment=%s', c.conname, pg_get_constraintdef(c.oid), obj_description(c.oid, 'pg_constraint'))
     FROM pg_constraint c JOIN pg_class k ON k.oid = c.conrelid JOIN pg_namespace n ON n.oid = c.connamespace WHERE ${NOT_SYSTEM}`,
  `SELECT n.nspname, c.relname, format('index %s valid=%s clustered=%s', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisclustered)
     FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${NOT_SYSTEM}`,
  `SELECT n.nspname, c.relname, format('trigger %s enabled=%s comment=%s', pg_get_triggerdef(t.oid), t.tgenabled, obj_description(t.oid, 'pg_trigger'))
     FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND ${NOT_SYSTEM}`,
  `SELECT n.nspname, c.relname, format('policy %s %s %s %s %s', p.polname, p.polcmd, p.polpermissive, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
     FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${NOT_SYSTEM}`,
  `SELECT n.nspname, p.oid::regprocedure::text, format('function owner=%s acl=%s comment=%s %s', pg_get_userbyid(p.proowner), ${SORTED('p.proacl')},
          obj_description(p.oid, 'pg_proc'), pg_get_functiondef(p.oid))
     FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prokind <> 'a' AND ${NOT_SYSTEM}`,
  `SELECT n.nspname, t.typname, format('type owner=%s kind=%s acl=%s comment=%s', pg_get_userbyid(t.typowner), t.typtype, ${SORTED('t.typacl')}, obj_description(t.oid, 'pg_type'))
     FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${NOT_SYSTEM}`,
  `SELECT n.nspname, c.relname, format('sequence %s start=%s by=%s owned by %s', format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement,
          (SELECT format('%s.%s', d.refobjid::regclass, d.refobjsubid) FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'a'))
     FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${NOT_SYSTEM}`,
  `SELECT p.schemaname, p.tablename, format('published in %s', p.pubname) FROM pg_publication_tables p`,
];

/**
 * Everything that the catalogue says of a database's own schemas, or of one table: a sorted list of
 * lines, equal for databases that were made alike.
 */
export async function snapshot(db: Queryable, table?: string): Promise<string[]> {
  const rows = await db.query<{ text: string }>(
    `SELECT schema || '.' || object || ' ' || line AS text FROM (${LINES.join('\nUNION ALL\n')}) l
      WHERE $1::text IS NULL OR schema || '.' || object = $1
      ORDER BY 1`,
    [table ?? null],
  );
  return rows.map(({ text }) => text);
}

/** The tables of a schema, in alphabetical order. */
export async function tablesOf(db: Queryable, schema = 'public'): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c
      WHERE c.relkind IN ('r', 'p') AND c.relnamespace = $1::regnamespace ORDER BY 1`,
    [schema],
  );
  return rows.map(({ name }) => name);
}
