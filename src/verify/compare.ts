import { isDeepStrictEqual } from 'node:util';
import type { Contents } from '../schema/catalogue.ts';
import {
  byKey,
  type CatalogueObject,
  catalogueObjects,
  keyOf,
  tableKey,
} from './catalogue-objects.ts';
import { columnRenames, withoutRenames } from './column-renames.ts';

/** One difference between expected and actual contents. */
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
 * Returns all differences except comments. Pure, and without knowledge of what the objects are for.
 * Tables are compared only where they are expected.
 *
 * @param migrationsTable - its name
 */
export function compare(
  expected: Contents,
  actual: Contents,
  migrationsTable: string,
): Difference[] {
  const wanted = catalogueObjects(expected, migrationsTable);
  const present = catalogueObjects(actual, migrationsTable);
  const renames = columnRenames(wanted, present);
  const found = byKey([...present.values()].map((one) => withoutRenames(one, renames)));
  const differences: Difference[] = renames.map((rename) => ({ change: 'renamed', ...rename }));
  const renamed = new Set<string>();
  for (const [key, one] of wanted) {
    const other = found.get(key);
    const twin = other ? undefined : sameUnderOtherName(one, wanted, found, renamed);
    if (twin) {
      renamed.add(keyOf(twin));
      differences.push({ change: 'renamed', expected: one, found: twin });
    } else if (other) {
      for (const fact of Object.keys(one.facts)) {
        if (!isDeepStrictEqual(one.facts[fact], other.facts[fact])) {
          differences.push({ change: 'changed', fact, expected: one, found: other });
        }
      }
    } else if (isReportedAlone(one) || found.has(tableKey(one))) {
      differences.push({ change: 'missing', expected: one });
    }
  }
  for (const [key, one] of found) {
    const within = one.table !== undefined && wanted.has(tableKey(one));
    if (within && !wanted.has(key) && !renamed.has(key)) {
      differences.push({ change: 'added', found: one });
    }
  }
  return differences;
}

/** The fix of a missing table does not create what depends on other objects. */
function isReportedAlone({ kind, facts }: CatalogueObject): boolean {
  const isForeignKey = kind === 'constraint' && String(facts.definition).startsWith('FOREIGN KEY');
  return kind === 'table' || kind === 'function' || kind === 'trigger' || isForeignKey;
}

/** Finds a constraint or an index that differs in its name only. */
function sameUnderOtherName(
  one: CatalogueObject,
  wanted: ReadonlyMap<string, CatalogueObject>,
  found: ReadonlyMap<string, CatalogueObject>,
  renamed: ReadonlySet<string>,
): CatalogueObject | undefined {
  if (one.kind !== 'constraint' && one.kind !== 'index') return undefined;
  return [...found].find(
    ([key, other]) =>
      other.kind === one.kind &&
      other.table === one.table &&
      !wanted.has(key) &&
      !renamed.has(key) &&
      isDeepStrictEqual(other.facts, one.facts),
  )?.[1];
}
