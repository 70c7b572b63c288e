import { sqlStateOf } from '../errors.ts';

/** Names that a search path did not find. */
const NOT_FOUND = new Set([
  '42P01', // undefined_table
  '42883', // undefined_function
  '42704', // undefined_object
]);

/** The innermost function of the server's context, as ALTER FUNCTION takes it; no anonymous block. */
const CONTEXT = /^PL\/pgSQL function ((.+)\.([^.]+)\(.*\)) line \d+ at /;

/** A function of the application's whose search path does not find what it names. */
export interface FailedFunction {
  readonly signature: string;
  readonly name: string;
  readonly fix: string;
}

/**
 * Returns the function of the application's, such as that of an event trigger, in which a name was not
 * found: within a migration, or a function of the package, it sees the search path of that.
 */
export function failedFunction(cause: unknown): FailedFunction | undefined {
  if (!NOT_FOUND.has(sqlStateOf(cause) ?? '')) return undefined;
  const { where = '' } = cause as { readonly where?: string };
  const [, signature, schema, name] = CONTEXT.exec(where) ?? [];
  if (signature === undefined || name === undefined) return undefined;
  return {
    signature,
    name,
    fix: `ALTER FUNCTION ${signature} SET search_path = ${schema}, pg_temp;`,
  };
}
