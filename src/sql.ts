// As pg does it, but without pg: the queue's calls go through any client, and load none.

/** A name as SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string as SQL, whatever standard_conforming_strings says. */
export function literal(value: string): string {
  const quoted = `'${value.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return value.includes('\\') ? ` E${quoted}` : quoted;
}

/**
 * An anonymous block of PL/pgSQL. A body that names from outside go into is quoted as a string: a
 * dollar tag could stand in a name.
 */
export function doBlock(body: string): string {
  return `DO ${literal(body)}`;
}

/** A table in a schema. */
export interface QualifiedName {
  readonly schema: string;
  readonly table: string;
}

/** `"schema"."table"` */
export function quote({ schema, table }: QualifiedName): string {
  return `${identifier(schema)}.${identifier(table)}`;
}

/** Schemas as a search_path, with temporary tables last: none may hide a table of ours. */
export function searchPath(schemas: readonly string[]): string {
  return [...schemas.map((schema) => identifier(schema)), 'pg_temp'].join(', ');
}
