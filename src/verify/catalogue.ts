import type { Connection } from '../connection.ts';
import { literal } from '../sql.ts';

/** A column, as the catalogue describes it. */
export interface CatalogueColumn {
  readonly type: string;
  readonly notNull: boolean;
  readonly default: string | null;
  readonly comment: string | null;
}

/** A primary key, unique, check or foreign key constraint. */
export interface CatalogueConstraint {
  readonly definition: string;
  readonly comment: string | null;
}

/** An index, whether or not a constraint stands on it. */
export interface CatalogueIndex {
  readonly columns: readonly string[];
  readonly unique: boolean;
  /** From the access method on: columns with their options, predicate. */
  readonly definition: string;
  readonly predicate: string | null;
  readonly valid: boolean;
  readonly constraint: string | null;
}

/** A table: everything by name. */
export interface CatalogueTable {
  readonly comment: string | null;
  /** What it is, and what other than rows and constraints belongs to it. */
  readonly traits: readonly string[];
  readonly columns: Readonly<Record<string, CatalogueColumn>>;
  readonly constraints: Readonly<Record<string, CatalogueConstraint>>;
  readonly indexes: Readonly<Record<string, CatalogueIndex>>;
  readonly policies: readonly string[];
}

/** Tables by name. */
export type Catalogue = Readonly<Record<string, CatalogueTable>>;

/**
 * Reads tables from the catalogue, in one statement. Definitions are free of the schema's name
 * where the search path finds what they refer to, and alike on PostgreSQL 14 to 18.
 */
export async function readCatalogue(
  connection: Connection,
  schema: string,
  tables: readonly string[],
): Promise<Catalogue> {
  const names = tables.map((table) => literal(table)).join(', ');
  const [row] = await connection.query<{ catalogue: string }>(`
    SELECT coalesce(pg_catalog.json_object_agg(c.relname, pg_catalog.json_build_object(
      'comment', pg_catalog.obj_description(c.oid, 'pg_class'),
      'traits', ARRAY(
        SELECT t.trait FROM (VALUES
          (c.relkind <> 'r', 'not an ordinary table'),
          (c.relpersistence <> 'p', 'not permanent'),
          (c.relispartition, 'a partition'),
          (EXISTS (SELECT FROM pg_inherits h WHERE h.inhparent = c.oid), 'a parent of other tables'),
          (EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = c.oid), 'a child of another table'),
          (EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = c.oid), 'a table with rewrite rules'),
          (EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgenabled <> 'O'), 'a table with disabled triggers')
        ) t(has, trait) WHERE t.has),
      'columns', (
        SELECT pg_catalog.json_object_agg(a.attname, pg_catalog.json_build_object(
          'type', pg_catalog.concat(pg_catalog.format_type(a.atttypid, a.atttypmod), (
            SELECT pg_catalog.format(' COLLATE %I', o.collname) FROM pg_collation o, pg_type y
             WHERE o.oid = a.attcollation AND y.oid = a.atttypid AND o.oid <> y.typcollation)),
          'notNull', a.attnotnull,
          'default', pg_catalog.pg_get_expr(d.adbin, d.adrelid),
          'comment', pg_catalog.col_description(c.oid, a.attnum)) ORDER BY a.attnum)
          FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
      'constraints', (
        SELECT coalesce(pg_catalog.json_object_agg(k.conname, pg_catalog.json_build_object(
          'definition', pg_catalog.pg_get_constraintdef(k.oid),
          'comment', pg_catalog.obj_description(k.oid, 'pg_constraint')) ORDER BY k.conname), '{}')
          FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'c', 'f', 'x')),
      'indexes', (
        SELECT coalesce(pg_catalog.json_object_agg(x.relname, pg_catalog.json_build_object(
          'columns', ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, n, true) FROM pg_catalog.generate_series(1, i.indnatts) n),
          'unique', i.indisunique,
          'definition', pg_catalog.substring(pg_catalog.pg_get_indexdef(i.indexrelid), ' USING (.*)$'),
          'predicate', pg_catalog.pg_get_expr(i.indpred, i.indrelid),
          'valid', i.indisvalid,
          'constraint', k.conname) ORDER BY x.relname), '{}')
          FROM pg_index i
          JOIN pg_class x ON x.oid = i.indexrelid
          LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x')
         WHERE i.indrelid = c.oid),
      'policies', ARRAY(SELECT p.polname FROM pg_policy p WHERE p.polrelid = c.oid ORDER BY 1)
    ) ORDER BY c.relname), '{}')::text AS catalogue
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ${literal(schema)} AND c.relname IN (${names})`);
  return JSON.parse(row?.catalogue ?? '{}');
}
