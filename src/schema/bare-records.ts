/**
 * Records whose keys are names from a database: without a prototype, a role called `constructor` is
 * a key like any other.
 */
export function withoutPrototypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPrototypes);
  if (typeof value !== 'object' || value === null) return value;
  return bareRecord(Object.entries(value).map(([key, one]) => [key, withoutPrototypes(one)]));
}

/** As Object.fromEntries(), without a prototype. */
export function bareRecord<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const record: Record<string, T> = Object.create(null);
  for (const [key, value] of entries) {
    Object.defineProperty(record, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return record;
}
