import { identifier } from '../db/quoting.ts';
import type { CatalogueColumn, CatalogueConstraint, CatalogueIndex } from './catalogue.ts';

/** Columns that the application has added to a table, by name. The package leaves them null. */
export type ApplicationColumns = Readonly<Record<string, CatalogueColumn>>;

/** Returns whether a constraint that the application has added may reject a row of the package. */
export function constraintMayRejectRows(
  { definition, columns }: CatalogueConstraint,
  added: ApplicationColumns,
): boolean {
  const staysNull = (column: string) =>
    added[column]?.notNull === false && added[column].default === null;
  if (/^(UNIQUE|PRIMARY KEY|EXCLUDE)/.test(definition)) {
    return definition.includes('NULLS NOT DISTINCT') || !columns.some(staysNull);
  }
  const rejectsNulls = / IS |coalesce|num_n/i.test(definition);
  return rejectsNulls || columns.length === 0 || !columns.every((column) => column in added);
}

/** Returns whether an index that the application has added may reject a row of the package. */
export function indexMayRejectRows(
  { unique, columns }: CatalogueIndex,
  added: ApplicationColumns,
): boolean {
  const names = Object.keys(added);
  return unique && !columns.some((column) => names.some((name) => mentions(column, name)));
}

/** An index column is a name, quoted or not, or an expression. */
function mentions(column: string, name: string): boolean {
  const word = name.replace(/[^\w]/g, '\\$&');
  return column === identifier(name) || new RegExp(`(^|[^\\w$])${word}([^\\w$]|$)`).test(column);
}
