import { identifier } from '../db/quoting.ts';
import { InvalidArgumentError, InvalidOptionError } from '../errors.ts';
import { callError } from './call-error.ts';
import { FUNCTIONS, type FunctionName, REQUIRED } from './functions.ts';

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

/** Qualified, because an unqualified name could resolve to a temporary type of the session. */
function catalogType(type: string): string {
  return `pg_catalog.${CATALOG_NAMES[type] ?? type}`;
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
  const args = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [key] of args) {
    if (Object.hasOwn(types, key)) continue;
    throw new InvalidOptionError(
      key,
      `${name} has no argument ${JSON.stringify(key)}.`,
      `Its arguments are ${Object.keys(types).join(', ')}.`,
    );
  }
  const missing = REQUIRED[name].find((key) => !args.some(([given]) => given === key));
  if (missing !== undefined) {
    throw new InvalidArgumentError(`${name}: ${missing} is missing.`, {
      hint: 'Nothing was changed. Pass it and call again.',
    });
  }
  const path = schema === undefined ? name : `${identifier(schema)}.${name}`;
  const list = args.map(
    ([key], index) => `${identifier(key)} => $${index + 1}::${catalogType(types[key] ?? '')}`,
  );
  try {
    const { rows } = await db.query(
      `SELECT * FROM ${path}(${list.join(', ')})`,
      args.map(([, value]) => value),
    );
    return rows as readonly Row[];
  } catch (error) {
    throw callError(error, name);
  }
}
