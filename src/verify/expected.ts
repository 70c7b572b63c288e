import { isDeepStrictEqual } from 'node:util';
import { bareRecord, withoutPrototypes } from './bare-records.ts';
import type { Contents } from './catalogue.ts';
import { MANIFEST } from './manifest.ts';

const EMPTY: Contents = { tables: {}, functions: {}, ledger: null };

/** What the schema consists of once the first `count` migrations are applied. */
export function expectedAfter(count: number): Contents {
  return MANIFEST.slice(0, count).reduce(
    (contents, { adds }) => merge(contents, adds) as Contents,
    EMPTY,
  );
}

/** A function's name without its argument types. */
export function functionName(signature: string): string {
  return signature.replace(/\(.*$/, '');
}

/** Names that some migrations give; of columns by their table. */
export function madeBy(names: readonly string[]): {
  readonly functions: ReadonlySet<string>;
  readonly indexes: ReadonlySet<string>;
  readonly columns: Readonly<Record<string, readonly string[]>>;
} {
  const steps = MANIFEST.filter(({ migration }) => names.includes(migration));
  const tables = steps.flatMap(({ adds }) => Object.entries(adds.tables ?? {}));
  const columns: Record<string, string[]> = {};
  for (const [table, { columns: added = {} } = {}] of tables) {
    columns[table] = [...(columns[table] ?? []), ...Object.keys(added)];
  }
  return {
    functions: new Set(
      steps.flatMap(({ adds }) => Object.keys(adds.functions ?? {}).map(functionName)),
    ),
    indexes: new Set(tables.flatMap(([, { indexes = {} } = {}]) => Object.keys(indexes))),
    columns,
  };
}

/** Objects are merged; everything else is replaced. */
export function merge(base: unknown, adds: unknown): unknown {
  if (!isRecord(adds)) return withoutPrototypes(adds);
  const result = new Map(Object.entries(isRecord(base) ? base : {}));
  for (const [key, value] of Object.entries(adds)) result.set(key, merge(result.get(key), value));
  return bareRecord(result);
}

/** What {@link merge} needs to get from one to the other; undefined where they are the same. */
export function additions(from: unknown, to: unknown): unknown {
  if (isDeepStrictEqual(from, to)) return undefined;
  if (!isRecord(from) || !isRecord(to)) return to;
  const gone = Object.keys(from).find((key) => !(key in to));
  if (gone !== undefined) {
    throw new Error(`A migration takes ${gone} away: the manifest has no way to say so.`);
  }
  const entries = Object.entries(to).map(([key, value]) => [key, additions(from[key], value)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
