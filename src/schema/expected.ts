import { isDeepStrictEqual } from 'node:util';
import type { Contents, ManifestStep } from './catalogue.ts';
import { MANIFEST } from './manifest.ts';
import { recordOf, withoutPrototypes } from './records.ts';

const EMPTY: Contents = { tables: {}, functions: {}, migrationsTable: null };

/** What the schema consists of once the first `count` migrations are applied. */
export function expectedAfter(count: number): Contents {
  return MANIFEST.slice(0, count).reduce(afterStep, EMPTY);
}

/** Everything that any migration makes, whether or not a later one removes it. */
export function everExpected(): Contents {
  return MANIFEST.reduce((contents, { adds }) => merge(contents, adds) as Contents, EMPTY);
}

/** Contents as a migration leaves them. */
export function afterStep(before: Contents, { removes = [], adds }: ManifestStep): Contents {
  return merge(removes.reduce<unknown>(without, before), adds) as Contents;
}

/** What a migration that makes one of the other did. */
export function stepBetween(before: Contents, after: Contents): Omit<ManifestStep, 'migration'> {
  const removes = removals(before, after);
  const adds = (additions(before, after) ?? {}) as ManifestStep['adds'];
  return removes.length > 0 ? { removes, adds } : { adds };
}

/** A function's name without its argument types. */
export function functionName(signature: string): string {
  return signature.replace(/\(.*$/, '');
}

/**
 * Names that some migrations give; of columns by their table. A name is given by the first migration
 * that has it: a later one changes what is there.
 */
export function madeBy(names: readonly string[]): {
  readonly functions: ReadonlySet<string>;
  readonly indexes: ReadonlySet<string>;
  readonly columns: Readonly<Record<string, readonly string[]>>;
} {
  const given = new Set<string>();
  const functions = new Set<string>();
  const indexes = new Set<string>();
  const columns: Record<string, string[]> = {};
  for (const { migration, adds } of MANIFEST) {
    const gives = (kind: string, name: string) => {
      const key = `${kind} ${name}`;
      const isFirst = !given.has(key);
      given.add(key);
      return isFirst && names.includes(migration);
    };
    for (const signature of Object.keys(adds.functions ?? {})) {
      if (gives('function', signature)) functions.add(functionName(signature));
    }
    for (const [table, added = {}] of Object.entries(adds.tables ?? {})) {
      for (const index of Object.keys(added.indexes ?? {})) {
        if (gives('index', index)) indexes.add(index);
      }
      for (const column of Object.keys(added.columns ?? {})) {
        if (gives(`column of ${table}`, column))
          columns[table] = [...(columns[table] ?? []), column];
      }
    }
  }
  return { functions, indexes, columns };
}

/** Objects are merged; everything else is replaced. */
function merge(base: unknown, adds: unknown): unknown {
  if (!isRecord(adds)) return withoutPrototypes(adds);
  const result = new Map(Object.entries(isRecord(base) ? base : {}));
  for (const [key, value] of Object.entries(adds)) result.set(key, merge(result.get(key), value));
  return recordOf(result);
}

function without(base: unknown, [key, ...rest]: readonly string[]): unknown {
  if (!isRecord(base) || key === undefined) return base;
  const kept = Object.entries(base).filter(([name]) => name !== key || rest.length > 0);
  return recordOf(kept.map(([name, value]) => [name, name === key ? without(value, rest) : value]));
}

/** Where in one are the parts that the other lacks. */
function removals(from: unknown, to: unknown): string[][] {
  if (!isRecord(from) || !isRecord(to)) return [];
  return Object.entries(from).flatMap(([key, value]) =>
    Object.hasOwn(to, key) ? removals(value, to[key]).map((path) => [key, ...path]) : [[key]],
  );
}

/** What {@link merge} needs to get from one to the other; undefined where they are the same. */
function additions(from: unknown, to: unknown): unknown {
  if (isDeepStrictEqual(from, to)) return undefined;
  if (!isRecord(from) || !isRecord(to)) return to;
  const entries = Object.entries(to).map(([key, value]) => [key, additions(from[key], value)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
