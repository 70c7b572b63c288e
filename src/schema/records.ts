/**
 * Copies a JSON value into records without a prototype: its keys are names from a database, and a
 * role may be called `constructor`.
 */
export function withoutPrototypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPrototypes);
  if (typeof value !== 'object' || value === null) return value;
  return recordOf(Object.entries(value).map(([key, one]) => [key, withoutPrototypes(one)]));
}

/** Does what Object.fromEntries() does, without a prototype. */
export function recordOf<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const record: Record<string, T> = Object.create(null);
  for (const [key, value] of entries) record[key] = value;
  return record;
}
