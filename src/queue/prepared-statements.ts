import { createHash } from 'node:crypto';
import { sqlStateOf } from '../errors.ts';
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

/** The server refuses a prepared statement before it runs. */
const NOT_PREPARED = new Set([
  '26000', // invalid_sql_statement_name: a pooler sent it to another connection, or DISCARD ALL was run
  '42P05', // duplicate_prepared_statement: a pooler prepared it on a connection that has it
  '0A000', // feature_not_supported: a migration has changed what the function returns
]);

/** Whether it is a pool of pg, on which each call is a transaction of its own. */
export function isPool(db: Queryable): db is PreparingQueryable {
  return 'totalCount' in db && 'idleCount' in db && 'waitingCount' in db;
}

/**
 * Sends each statement as a named prepared statement, which every connection parses once. The name is
 * a digest of the text, which differs by schema and by the arguments given. A pool repeats a refused
 * statement without a name, and sends no names from then on; a client may be in a transaction, which
 * the refusal has aborted.
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
  let prepares = true;
  return {
    query: async (text, values) => {
      if (!prepares) return db.query(text, values);
      try {
        return await db.query({ name: nameOf(text), text, values });
      } catch (error) {
        if (!isPool(db) || !NOT_PREPARED.has(sqlStateOf(error) ?? '')) throw error;
        prepares = false;
        return db.query(text, values);
      }
    },
  };
}
