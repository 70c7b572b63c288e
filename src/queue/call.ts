import { identifier } from '../db/quoting.ts';
import { InvalidArgumentError, InvalidOptionError } from '../errors.ts';
import { callError } from './call-error.ts';
import { FUNCTIONS, type FunctionName, REQUIRED } from './functions.ts';

/** Anything that sends a statement with its values: a pool or a client of pg, PGlite, and others. */
export interface Queryable {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** Where the functions are. */
export interface Site {
  readonly db: Queryable;
  /** Undefined: where the search path finds them. */
  readonly schema: string | undefined;
}

/** Words of the language for types that the catalogue calls otherwise. */
const CATALOGUE_NAMES: Readonly<Record<string, string>> = { integer: 'int4', boolean: 'bool' };

/** Qualified: a temporary type of the session's would be found first. */
function inCatalogue(type: string): string {
  return `pg_catalog.${CATALOGUE_NAMES[type] ?? type}`;
}

/**
 * Calls one of the functions, its arguments by name; what is undefined is left to its default.
 *
 * @throws {TrackingSchemaError} for what the function or the server refuses; whatever else the
 * client throws passes unchanged
 */
export async function call<Row>(
  { db, schema }: Site,
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
      `It takes ${Object.keys(types).join(', ')}.`,
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
    ([key], index) => `${identifier(key)} => $${index + 1}::${inCatalogue(types[key] ?? '')}`,
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
