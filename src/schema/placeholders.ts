import { identifier } from '../db/quoting.ts';
import type { CatalogueFunction } from './catalogue.ts';

/** Where a schema is, and the leads table that it refers to. */
export interface Place {
  readonly schema: string;
  /** As SQL. */
  readonly leads: string | null;
}

/**
 * An expected function as the server gives it, and takes it.
 *
 * @param space - the schema, quoted as the server does
 */
export function functionIn(space: string, expected: CatalogueFunction): CatalogueFunction {
  const placed = (text: string) => text.replaceAll('{schema}', () => space);
  return { ...expected, head: placed(expected.head), body: placed(expected.body) };
}

/**
 * A definition of the catalogue as SQL for one place.
 *
 * @param table - what a trigger's own table is to be called
 */
export function fill(definition: string, { schema, leads }: Place, table = '{table}'): string {
  // In one pass: a name may itself look like a placeholder.
  return definition.replace(/\{(schema|leads|table)\}/g, (placeholder) => {
    if (placeholder === '{schema}') return identifier(schema);
    if (placeholder === '{table}') return table;
    return leads ?? `${identifier(schema)}.leads`;
  });
}
