import { createHash } from 'node:crypto';
import type { Queryable } from './call-function.ts';

/** A client that supports named prepared statements: a pool or client of pg. */
export interface PreparingQueryable extends Queryable {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
  query(statement: {
    name: string;
    text: string;
    values: unknown[];
  }): Promise<{ readonly rows: readonly unknown[] }>;
}

/** The server truncates names to 63 bytes. */
const DIGEST_LENGTH = 32;

/**
 * Sends each statement as a named prepared statement, which every connection parses once. The name is
 * a digest of the text, which differs by schema and by the arguments given.
 */
export function preparedStatements(db: PreparingQueryable): Queryable {
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
