import { identifier } from '../db/quoting.ts';
import { callError } from './call-error.ts';
import { checkArguments } from './check-arguments.ts';
import { refuseUnreadTimes } from './date-style.ts';
import { FUNCTIONS, type FunctionName } from './functions.ts';
import type { ClaimedConversion } from './results.ts';

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

/** SQL that calls a function with named arguments; appends their values to those of the statement. */
function functionCall(
  { schema }: CallTarget,
  name: FunctionName,
  given: object,
  values: unknown[],
): string {
  const types: Readonly<Record<string, string>> = FUNCTIONS[name];
  const path = schema === undefined ? name : `${identifier(schema)}.${name}`;
  const list = checkArguments(name, given).map(
    ([key, value]) => `${identifier(key)} => ${parameter(values.push(value), types[key] ?? '')}`,
  );
  return `${path}(${list.join(', ')})`;
}

/**
 * Calls a function of the schema with named arguments. Arguments that are undefined take their
 * defaults.
 *
 * @throws {TrackingSchemaError} for what the function or the server refuses; other errors of the
 * client are rethrown unchanged
 */
export async function callFunction<Row>(
  target: CallTarget,
  name: FunctionName,
  given: object,
): Promise<readonly Row[]> {
  const values: unknown[] = [];
  const text = `SELECT * FROM ${functionCall(target, name, given, values)}`;
  const rows = await send<Row>(target, name, text, values);
  refuseUnreadTimes(name, rows);
  return rows;
}

/**
 * Calls complete_conversions and then claim_conversions in one statement. The order is certain,
 * because the second call depends on a column of the first.
 */
export async function completeAndClaim(
  target: CallTarget,
  entries: object,
  which: object,
): Promise<readonly ClaimedConversion[]> {
  const values: unknown[] = [];
  const complete = functionCall(target, 'complete_conversions', entries, values);
  const claim = functionCall(target, 'claim_conversions', which, values);
  const text = `SELECT claimed.* FROM (SELECT count(*) AS entries FROM ${complete}) completed, LATERAL (SELECT * FROM ${claim} WHERE completed.entries >= 0 OFFSET 0) claimed`;
  const rows = await send<ClaimedConversion>(target, 'completeAndClaim', text, values);
  refuseUnreadTimes('claim_conversions', rows);
  return rows;
}

async function send<Row>(
  { db }: CallTarget,
  caller: string,
  text: string,
  values: unknown[],
): Promise<readonly Row[]> {
  try {
    return (await db.query(text, values)).rows as readonly Row[];
  } catch (error) {
    throw callError(error, caller);
  }
}
