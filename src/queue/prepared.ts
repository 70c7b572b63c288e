import { createHash } from 'node:crypto';
import type { Queryable } from './call.ts';

/** A client that also keeps statements by their names: a pool or a client of pg. */
export interface PreparingQueryable extends Queryable {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
  query(statement: {
    name: string;
    text: string;
    values: unknown[];
  }): Promise<{ readonly rows: readonly unknown[] }>;
}

/** The server tells names apart by their first 63 characters. */
const DIGEST_LENGTH = 32;

/**
 * Has each connection of the client keep the statements that it sends. Each text has a name of its
 * own: calls that give other arguments, or are in another schema, are other statements.
 */
export function preparing(db: PreparingQueryable): Queryable {
  const names = new Map<string, string>();
  const nameOf = (text: string) => {
    const known = names.get(text);
    if (known !== undefined) return known;
    const digest = createHash('sha256').update(text).digest('hex').slice(0, DIGEST_LENGTH);
    const name = `conversion-tracking-schema ${digest}`;
    names.set(text, name);
    return name;
  };
  return { query: (text, values) => db.query({ name: nameOf(text), text, values }) };
}
