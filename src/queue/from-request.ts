/**
 * A value of a request: a text, or what a query parser makes of a parameter that is repeated
 * (`?gclid=a&gclid=b`) or nested (`?gclid[x]=a`).
 */
export type RequestValue = string | object | null | undefined;

/** Takes the first of repeated values, and drops what is no text, so that no request breaks a page. */
export function fromRequest<T extends { readonly seen_at?: unknown }>(visit: T): T {
  if (typeof visit !== 'object' || visit === null) return visit;
  const entries = Object.entries(visit).map(([key, value]) => [
    key,
    key === 'seen_at' ? value : textOf(Array.isArray(value) ? value[0] : value),
  ]);
  return Object.fromEntries(entries);
}

function textOf(value: unknown): unknown {
  return typeof value === 'object' ? null : value;
}
