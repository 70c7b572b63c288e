import { identifier } from '../sql.ts';

/** Where a schema is, and the leads table that it refers to. */
export interface Place {
  readonly schema: string;
  /** As SQL. */
  readonly leads: string | null;
}

/** A definition of the catalogue as SQL for one place. */
export function fill(definition: string, { schema, leads }: Place): string {
  return definition
    .replaceAll('{schema}', identifier(schema))
    .replaceAll('{leads}', leads ?? `${identifier(schema)}.leads`);
}
