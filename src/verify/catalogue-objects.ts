import type { CatalogueTable, Contents } from '../schema/catalogue.ts';

/** A kind of object that is compared. */
export type ObjectKind =
  | 'table'
  | 'column'
  | 'constraint'
  | 'index'
  | 'trigger'
  | 'sequence'
  | 'function';

/** One object with the facts that are compared. */
export interface CatalogueObject {
  readonly kind: ObjectKind;
  /** The table itself, or the table that the object belongs to; undefined for a function. */
  readonly table: string | undefined;
  /** A sequence has the name of its column. */
  readonly name: string;
  readonly facts: Readonly<Record<string, unknown>>;
  /** A column's number in its table. */
  readonly position?: unknown;
}

/** Returns the key by which an object is matched with its counterpart. */
export const keyOf = ({ kind, table, name }: CatalogueObject): string =>
  JSON.stringify([kind, table, name]);

/** Returns the key of the object's table. */
export const tableKey = ({ table }: CatalogueObject): string =>
  JSON.stringify(['table', table, table]);

/** Returns all objects with their facts except comments, by their keys. */
export function catalogueObjects(
  { tables, functions, migrationsTable: recordTable }: Contents,
  migrationsTable: string,
): Map<string, CatalogueObject> {
  const all = Object.entries(tables).flatMap(([name, table]) => objectsOfTable(name, table));
  if (recordTable) all.push(...objectsOfTable(migrationsTable, recordTable));
  for (const [name, { comment, ...facts }] of Object.entries(functions)) {
    all.push({ kind: 'function', table: undefined, name, facts });
  }
  return byKey(all);
}

/** Returns objects by their keys. */
export function byKey(all: readonly CatalogueObject[]): Map<string, CatalogueObject> {
  return new Map(all.map((one) => [keyOf(one), one]));
}

function objectsOfTable(table: string, contents: CatalogueTable): CatalogueObject[] {
  const { comment, columns, constraints, indexes, triggers, sequences, ...facts } = contents;
  const parts = (kind: ObjectKind, objects: Readonly<Record<string, object>>): CatalogueObject[] =>
    Object.entries(objects).map(([name, one]) => {
      const { comment: _, position, ...facts } = one as Readonly<Record<string, unknown>>;
      return { kind, table, name, facts, position };
    });
  // A constraint's index is created and dropped with it.
  const indexOf = (name: string) =>
    Object.values(indexes).find(({ constraint }) => constraint === name);
  return [
    { kind: 'table', table, name: table, facts },
    ...parts('column', columns),
    ...parts('sequence', sequences),
    ...parts('constraint', constraints).map((one) => ({
      ...one,
      facts: { ...one.facts, valid: indexOf(one.name)?.valid ?? true },
    })),
    ...parts('index', indexes).filter(({ facts: { constraint } }) => constraint === null),
    ...parts('trigger', triggers),
  ];
}
