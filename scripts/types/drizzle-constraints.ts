import type { CatalogueTable } from '../../src/schema/catalogue.ts';

/** A foreign key of one column. */
interface ForeignKey {
  readonly name: string;
  readonly column: string;
  readonly parent: string;
  readonly parentColumn: string;
  readonly onDelete: string;
}

const FOREIGN_KEY =
  /^FOREIGN KEY \((\w+)\) REFERENCES (?:\{schema\}\.)?\{?(\w+)\}?\((\w+)\)(?: ON DELETE ([A-Z ]+))?$/;

/** Returns the foreign keys of a table. */
export function foreignKeysOf({ constraints }: CatalogueTable): ForeignKey[] {
  return Object.entries(constraints)
    .filter(([, { definition }]) => definition.startsWith('FOREIGN KEY'))
    .map(([name, { definition }]) => {
      const [, column = '', parent = '', parentColumn = '', onDelete = 'no action'] =
        FOREIGN_KEY.exec(definition) ?? unwritable(name, definition);
      return { name, column, parent, parentColumn, onDelete: onDelete.toLowerCase() };
    });
}

/** Returns the name and the facts of a table's primary key. */
export function primaryKeyOf({ constraints }: CatalogueTable) {
  const found = Object.entries(constraints).find(([, { definition }]) =>
    definition.startsWith('PRIMARY KEY'),
  );
  return found ?? [];
}

/** Renders the constraints of a table, except a primary key of one column, which that declares. */
export function renderConstraints(table: CatalogueTable): string[] {
  const keys = foreignKeysOf(table).map(
    ({ name, column, parent, parentColumn, onDelete }) =>
      `foreignKey({ name: '${name}', columns: [t.${column}], foreignColumns: [${camelCase(parent)}.${parentColumn}] }).onDelete('${onDelete}')`,
  );
  const [name, primary] = primaryKeyOf(table);
  // `columns` is sorted; drizzle-kit compares them in the order of the key.
  const columns = /^PRIMARY KEY \((.*)\)$/.exec(primary?.definition ?? '')?.[1]?.split(', ') ?? [];
  const composite =
    columns.length < 2
      ? []
      : [
          `primaryKey({ name: '${name}', columns: [${columns.map((column) => `t.${column}`).join(', ')}] })`,
        ];
  const others = Object.entries(table.constraints)
    .filter(([, { definition }]) => !/^(PRIMARY|FOREIGN) KEY/.test(definition))
    .map(([name, { definition, columns }]) => {
      if (definition === `UNIQUE (${columns.join(', ')})`) {
        return `unique('${name}').on(${columns.map((column) => `t.${column}`).join(', ')})`;
      }
      const [, expression] =
        /^CHECK \(\((.*)\)\)$/.exec(definition) ?? unwritable(name, definition);
      return `check('${name}', ${sql(expression ?? '')})`;
    });
  return [...composite, ...keys, ...others];
}

/** Renders the indexes of a table, except those of its constraints. */
export function renderIndexes({ columns, indexes }: CatalogueTable): string[] {
  return Object.entries(indexes)
    .filter(([, { constraint }]) => constraint === null)
    .map(([name, index]) => {
      const where = index.predicate === null ? '' : ` WHERE ${index.predicate}`;
      // Only ascending B-trees without options are rendered: the schema has no others.
      if (index.definition !== `btree (${index.columns.join(', ')})${where}`) {
        unwritable(name, index.definition);
      }
      // If one part of an index is an expression, drizzle-kit reads every part as one.
      const plain = index.columns.every((column) => column in columns);
      const parts = index.columns.map((part) => (plain ? `t.${part}` : sql(part)));
      const predicate = index.predicate === null ? '' : `.where(${sql(index.predicate)})`;
      const make = index.unique ? 'uniqueIndex' : 'index';
      return `${make}('${name}').on(${parts.join(', ')})${predicate}`;
    });
}

function unwritable(name: string, definition: string): never {
  throw new Error(`There is no way to write ${name} for Drizzle: ${definition}.`);
}

function sql(text: string): string {
  return `sql\`${text.replace(/[\\`]|\$\{/g, '\\$&')}\``;
}

/** Returns a table's name as the name of a variable. */
export function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
