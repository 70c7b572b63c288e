import { identifier } from '../sql.ts';

/** Where a schema is, and the leads table that it refers to. */
export interface Place {
  readonly schema: string;
  /** As SQL. */
  readonly leads: string | null;
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
