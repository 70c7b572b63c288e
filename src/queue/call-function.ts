import { identifier } from '../db/quoting.ts';
import { callError } from './call-error.ts';
import { checkArguments } from './check-arguments.ts';
import { refuseUnreadTimes } from './date-style.ts';
import { FUNCTIONS, type FunctionName } from './functions.ts';

/** A client that sends a statement with values: a pool or client of pg, PGlite and others. */
export interface Queryable {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** The client, and the schema of the functions. */
export interface CallTarget {
  readonly db: Queryable;
  /** Undefined: the functions are found through the search path. */
  readonly schema: string | undefined;
}

/** SQL type names that differ in the catalog. */
const CATALOG_NAMES: Readonly<Record<string, string>> = { integer: 'int4', boolean: 'bool' };

/**
 * Casts a parameter. Type names are qualified, because an unqualified name could resolve to a temporary
 * type of the session. JSON is sent as text: postgres.js would serialize a jsonb parameter again.
 */
function parameter(position: number, type: string): string {
  const cast = `pg_catalog.${CATALOG_NAMES[type] ?? type}`;
  return `$${position}::${type === 'jsonb' ? `pg_catalog.text::${cast}` : cast}`;
}

/**
 * Calls a function of the schema with named arguments. Arguments that are undefined take their
 * defaults.
 *
 * @throws {TrackingSchemaError} for what the function or the server refuses; other errors of the
 * client are rethrown unchanged
 */
export async function callFunction<Row>(
  { db, schema }: CallTarget,
  name: FunctionName,
  given: object,
): Promise<readonly Row[]> {
  const types: Readonly<Record<string, string>> = FUNCTIONS[name];
  const args = checkArguments(name, given);
  const path = schema === undefined ? name : `${identifier(schema)}.${name}`;
  const list = args.map(
    ([key], index) => `${identifier(key)} => ${parameter(index + 1, types[key] ?? '')}`,
  );
  let rows: readonly unknown[];
  try {
    ({ rows } = await db.query(
      `SELECT * FROM ${path}(${list.join(', ')})`,
      args.map(([, value]) => value),
    ));
  } catch (error) {
    throw callError(error, name);
  }
  refuseUnreadTimes(name, rows);
  return rows as readonly Row[];
}
