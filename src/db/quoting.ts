import pg from 'pg';

/** Returns a name as an SQL identifier, always quoted. */
export const identifier: (name: string) => string = pg.escapeIdentifier;

/** Returns a string as an SQL literal. */
export const literal: (value: string) => string = pg.escapeLiteral;

/**
 * Returns an anonymous block of PL/pgSQL. The body becomes a literal: a name in it may contain any
 * dollar tag.
 */
export function doBlock(body: string): string {
  return `DO ${literal(body)}`;
}

/** A table and its schema. */
export interface QualifiedName {
  readonly schema: string;
  readonly table: string;
}

/** Returns `"schema"."table"`. */
export function quote({ schema, table }: QualifiedName): string {
  return `${identifier(schema)}.${identifier(table)}`;
}

/** Returns a search_path that ends with pg_temp, so that no temporary table hides another. */
export function searchPath(schemas: readonly string[]): string {
  return [...schemas.map((schema) => identifier(schema)), 'pg_temp'].join(', ');
}
