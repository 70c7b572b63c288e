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
