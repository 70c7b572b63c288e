import { isDeepStrictEqual } from 'node:util';
import { identifier } from '../db/quoting.ts';
import type { CatalogueObject } from './catalogue-objects.ts';

/** A column that was renamed. */
export interface ColumnRename {
  readonly expected: CatalogueObject;
  readonly found: CatalogueObject;
}

/**
 * Returns the renamed columns: an expected one is missing, and one with the same number and the same
 * facts is there. A column that was added later has a higher number.
 */
export function columnRenames(
  wanted: ReadonlyMap<string, CatalogueObject>,
  found: ReadonlyMap<string, CatalogueObject>,
): ColumnRename[] {
  const only = (all: ReadonlyMap<string, CatalogueObject>, others: typeof all) =>
    [...all]
      .filter(([key, { kind }]) => kind === 'column' && !others.has(key))
      .map(([, one]) => one);
  const added = only(found, wanted);
  return only(wanted, found).flatMap((expected) => {
    const renamed = added.find(
      ({ table, position, facts }) =>
        table === expected.table &&
        position === expected.position &&
        isDeepStrictEqual(facts, expected.facts),
    );
    return renamed ? [{ expected, found: renamed }] : [];
  });
}

/** Returns an object as it would be if the columns had their expected names. */
export function withoutRenames(
  one: CatalogueObject,
  renames: readonly ColumnRename[],
): CatalogueObject {
  let { name, facts } = one;
  for (const { expected, found } of renames) {
    const inTable = one.table === found.table;
    const refers = String(facts.definition).includes(` REFERENCES {schema}.${found.table}(`);
    if (one.kind === 'column') {
      name = inTable && name === found.name ? expected.name : name;
    } else if (inTable || refers) {
      facts = Object.fromEntries(
        Object.entries(facts).map(([fact, value]) => [
          fact,
          replaceIn(value, found.name, expected.name),
        ]),
      );
    }
  }
  return { ...one, name, facts };
}

/** Replaces a name in definitions and in lists of columns. */
function replaceIn(value: unknown, from: string, to: string): unknown {
  if (Array.isArray(value)) {
    return value.map((one: unknown) => replaceIn(one, from, to)).sort();
  }
  if (typeof value !== 'string') return value;
  const word = from.replace(/[^\w]/g, '\\$&');
  const plain = new RegExp(`(?<![\\w"'$])${word}(?![\\w"'$])`, 'g');
  return value.replaceAll(identifier(from), to).replace(plain, to);
}
