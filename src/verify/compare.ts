import { isDeepStrictEqual } from 'node:util';
import type { Contents } from '../schema/catalogue.ts';
import { byKey, type CatalogueObject, keyOf, objectsOf, tableKey } from '../schema/objects.ts';
import { columnRenames, withoutRenames } from './column-renames.ts';

/** One way in which the actual contents are not the expected ones. */
export type Difference =
  | { readonly change: 'missing'; readonly expected: CatalogueObject }
  | { readonly change: 'added'; readonly found: CatalogueObject }
  | {
      readonly change: 'renamed';
      readonly expected: CatalogueObject;
      readonly found: CatalogueObject;
    }
  | {
      readonly change: 'changed';
      readonly fact: string;
      readonly expected: CatalogueObject;
      readonly found: CatalogueObject;
    };

/**
 * Everything in which two schemas differ, but for comments. Pure, and without any knowledge of what
 * the objects mean. Tables are compared only where they are expected.
 *
 * @param migrations table - the name by which the migrations table's objects go
 */
export function compare(
  expected: Contents,
  actual: Contents,
  migrationsTable: string,
): Difference[] {
  const wanted = objectsOf(expected, migrationsTable);
  const there = objectsOf(actual, migrationsTable);
  const renames = columnRenames(wanted, there);
  const found = byKey([...there.values()].map((one) => withoutRenames(one, renames)));
  const differences: Difference[] = renames.map((rename) => ({ change: 'renamed', ...rename }));
  const taken = new Set<string>();
  for (const [key, one] of wanted) {
    const other = found.get(key);
    const alike = other ? undefined : namesake(one, wanted, found, taken);
    if (alike) {
      taken.add(keyOf(alike));
      differences.push({ change: 'renamed', expected: one, found: alike });
    } else if (other) {
      for (const fact of Object.keys(one.facts)) {
        if (!isDeepStrictEqual(one.facts[fact], other.facts[fact])) {
          differences.push({ change: 'changed', fact, expected: one, found: other });
        }
      }
    } else if (standsAlone(one) || found.has(tableKey(one))) {
      differences.push({ change: 'missing', expected: one });
    }
  }
  for (const [key, one] of found) {
    const within = one.table !== undefined && wanted.has(tableKey(one));
    if (within && !wanted.has(key) && !taken.has(key)) {
      differences.push({ change: 'added', found: one });
    }
  }
  return differences;
}

/** What is missed by itself, though its table is missing: it needs more than the table. */
function standsAlone({ kind, facts }: CatalogueObject): boolean {
  const refers = kind === 'constraint' && String(facts.definition).startsWith('FOREIGN KEY');
  return kind === 'table' || kind === 'function' || kind === 'trigger' || refers;
}

/** A constraint or an index of another name that is the same in everything else. */
function namesake(
  one: CatalogueObject,
  wanted: ReadonlyMap<string, CatalogueObject>,
  found: ReadonlyMap<string, CatalogueObject>,
  taken: ReadonlySet<string>,
): CatalogueObject | undefined {
  if (one.kind !== 'constraint' && one.kind !== 'index') return undefined;
  return [...found].find(
    ([key, other]) =>
      other.kind === one.kind &&
      other.table === one.table &&
      !wanted.has(key) &&
      !taken.has(key) &&
      isDeepStrictEqual(other.facts, one.facts),
  )?.[1];
}
