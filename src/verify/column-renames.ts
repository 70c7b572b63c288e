import { isDeepStrictEqual } from 'node:util';
import { identifier } from '../sql.ts';
import type { CatalogueObject } from './objects.ts';

/** A column that goes by another name. */
export interface ColumnRename {
  readonly expected: CatalogueObject;
  readonly found: CatalogueObject;
}

/**
 * Where one column of a table is missing and one alike has been added, it was renamed: what stands
 * on it need not be made anew.
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
  const missing = only(wanted, found);
  return missing.flatMap((expected) => {
    const here = (one: CatalogueObject) => one.table === expected.table;
    const [candidate, ...others] = added.filter(here);
    const alone = others.length === 0 && missing.filter(here).length === 1;
    return alone && candidate && isDeepStrictEqual(candidate.facts, expected.facts)
      ? [{ expected, found: candidate }]
      : [];
  });
}

/** An object as it would be if the columns had their expected names. */
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
