import pg from 'pg';

/** A name as SQL, by pg's own rules. */
export const identifier: (name: string) => string = pg.escapeIdentifier;

/** A string as SQL, by pg's own rules. */
export const literal: (value: string) => string = pg.escapeLiteral;

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
