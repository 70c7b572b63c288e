import { identifier } from '../db/quoting.ts';
import type { CatalogueColumn, CatalogueConstraint, CatalogueIndex } from './catalogue.ts';

/** Columns that the application has added to a table, by name. */
export type ApplicationColumns = Readonly<Record<string, CatalogueColumn>>;

/** Whether a constraint that the application has added may refuse a row of ours, which leave its columns null. */
export function mayRefuse(
  { definition, columns }: CatalogueConstraint,
  hosts: ApplicationColumns,
): boolean {
  const staysNull = (column: string) =>
    hosts[column]?.notNull === false && hosts[column].default === null;
  if (/^(UNIQUE|PRIMARY KEY|EXCLUDE)/.test(definition)) {
    return definition.includes('NULLS NOT DISTINCT') || !columns.some(staysNull);
  }
  const asksForValues = / IS |coalesce|num_n/i.test(definition);
  return asksForValues || columns.length === 0 || !columns.every((column) => column in hosts);
}

/** The same for a unique index. */
export function indexMayRefuse(
  { unique, columns }: CatalogueIndex,
  hosts: ApplicationColumns,
): boolean {
  return (
    unique && !columns.some((column) => Object.keys(hosts).some((host) => mentions(column, host)))
  );
}

/** A column stands in an index by its name, quoted or not, or within an expression. */
function mentions(column: string, host: string): boolean {
  const name = host.replace(/[^\w]/g, '\\$&');
  return column === identifier(host) || new RegExp(`(^|[^\\w$])${name}([^\\w$]|$)`).test(column);
}
