import { type SQL, sql } from 'drizzle-orm';
import type { Queryable } from '../queue/call-function.ts';

/** A database or transaction of Drizzle for PostgreSQL, with any driver. */
export interface DrizzleDatabase {
  execute(query: SQL): PromiseLike<unknown>;
}

/**
 * Adapts a database or transaction of Drizzle for `trackingQueue()`.
 *
 * @example
 * await db.transaction(async (tx) => {
 *   await tx.update(deals).set({ closed: true }).where(eq(deals.id, id));
 *   await trackingQueue(drizzleQueryable(tx)).recordConversion(conversion);
 * });
 */
export function drizzleQueryable(db: DrizzleDatabase): Queryable {
  return {
    async query(text, values) {
      // Quoted names may contain a parameter. sql.param() keeps an array one parameter.
      const chunks = (text.match(/"[^"]*"|\$\d+|[^"$]+/g) ?? []).map((part) =>
        part.startsWith('$') ? sql.param(values[Number(part.slice(1)) - 1]) : sql.raw(part),
      );
      const result = await db.execute(sql.join(chunks));
      // postgres.js returns the rows, other drivers an object with rows.
      const { rows } = (Array.isArray(result) ? { rows: result } : result) as { rows: object[] };
      return { rows: rows.map(withDates) };
    },
  };
}

/**
 * Drizzle returns times as text; these are the names of the columns that hold times. Text of another
 * DateStyle than ISO becomes an invalid Date, as the day could be taken for the month.
 */
function withDates(row: object): object {
  const entries = Object.entries(row).map(([name, value]) =>
    /(_at|_until|_due)$/.test(name) && typeof value === 'string'
      ? [name, new Date(/^\d+-/.test(value) ? value : Number.NaN)]
      : [name, value],
  );
  return Object.fromEntries(entries);
}
