import { identifier } from '../db/quoting.ts';
import type { CatalogueFunction } from './catalogue.ts';

/** The schema of the tables, and the leads table that they refer to. */
export interface Location {
  readonly schema: string;
  /** As SQL. */
  readonly leads: string | null;
}

/**
 * Returns an expected function as the server prints it.
 *
 * @param schema - quoted as the server quotes it
 */
export function functionInSchema(schema: string, expected: CatalogueFunction): CatalogueFunction {
  const located = (text: string) => text.replaceAll('{schema}', () => schema);
  return { ...expected, head: located(expected.head), body: located(expected.body) };
}

/**
 * Returns a definition of the manifest as SQL for one location.
 *
 * @param table - the name of a trigger's own table
 */
export function definitionSql(
  definition: string,
  { schema, leads }: Location,
  table = '{table}',
): string {
  // In one pass: a name may contain such a marker itself.
  return definition.replace(/\{(schema|leads|table)\}/g, (marker) => {
    if (marker === '{schema}') return identifier(schema);
    if (marker === '{table}') return table;
    return leads ?? `${identifier(schema)}.leads`;
  });
}
