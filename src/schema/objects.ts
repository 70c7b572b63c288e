import type { CatalogueTable, Contents } from './catalogue.ts';

/** What an object is. */
export type ObjectKind =
  | 'table'
  | 'column'
  | 'constraint'
  | 'index'
  | 'trigger'
  | 'sequence'
  | 'function';

/** One object, and everything that is to be compared of it. */
export interface CatalogueObject {
  readonly kind: ObjectKind;
  /** The table that it is or belongs to; undefined for a function. */
  readonly table: string | undefined;
  /** A sequence goes by its column. */
  readonly name: string;
  readonly facts: Readonly<Record<string, unknown>>;
  /** A column's number in its table. */
  readonly position?: unknown;
}

/** By what two sides are matched. */
export const keyOf = ({ kind, table, name }: CatalogueObject): string =>
  JSON.stringify([kind, table, name]);

/** The key of the table that an object is or belongs to. */
export const tableKey = ({ table }: CatalogueObject): string =>
  JSON.stringify(['table', table, table]);

/** Everything that can be compared, but for comments. */
export function objectsOf(
  { tables, functions, migrationsTable: migrationsTableTable }: Contents,
  migrationsTable: string,
): Map<string, CatalogueObject> {
  const all = Object.entries(tables).flatMap(([name, table]) => objectsOfTable(name, table));
  if (migrationsTableTable) all.push(...objectsOfTable(migrationsTable, migrationsTableTable));
  for (const [name, { comment, ...facts }] of Object.entries(functions)) {
    all.push({ kind: 'function', table: undefined, name, facts });
  }
  return byKey(all);
}

/** Objects by their keys. */
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
  // The index behind a constraint comes and goes with it.
  const behind = (name: string) =>
    Object.values(indexes).find(({ constraint }) => constraint === name);
  return [
    { kind: 'table', table, name: table, facts },
    ...parts('column', columns),
    ...parts('sequence', sequences),
    ...parts('constraint', constraints).map((one) => ({
      ...one,
      facts: { ...one.facts, valid: behind(one.name)?.valid ?? true },
    })),
    ...parts('index', indexes).filter(({ facts: { constraint } }) => constraint === null),
    ...parts('trigger', triggers),
  ];
}
