import type { MigrationBuilder } from 'node-pg-migrate';
import { CLOSE_FUNCTION } from './access.ts';
import { block } from './block.ts';
import { giveToOwner } from './owner.ts';

/** A function for the application's clients, in PL/pgSQL. */
export interface ClientFunction {
  readonly name: string;
  /** Argument types alone, which distinguish it from other functions of its name. */
  readonly types: string;
  /**
   * From the argument list to its settings. OUT arguments come last: PostgREST takes the names of
   * the first ones for those of its input.
   */
  readonly declaration: string;
  /**
   * `{schema}` stands for the schema that it is created in, quoted. Use it only in names: within a
   * string, a quote in the schema's name would end the string. The search path holds the server's
   * own objects; pg_temp, which is searched first unless it is named, comes last.
   *
   * Arguments and variables take precedence over columns of their name (`#variable_conflict
   * use_variable`), so that columns added by the application cannot replace them. So every column
   * is qualified with its table.
   */
  readonly body: string;
  readonly comment: string;
}

/**
 * Creates a function with its invoker's rights that only its owner, which is that of the tables, and
 * service_role may execute.
 * All other privileges are revoked first: default privileges may have granted them to any role.
 *
 * Raw SQL: the schema's name, the grantees and whether service_role exists are known only at run time.
 */
export function createClientFunction(pgm: MigrationBuilder, fn: ClientFunction): void {
  const { name, types, declaration, body, comment } = fn;
  const declare = '  home text;\n  target regprocedure;\n  grantee text;';
  const statements = `
  home := here::regnamespace;
  EXECUTE 'CREATE FUNCTION ' || home || $declaration$.${name}${declaration.trimEnd()}
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $declaration$ || quote_literal(replace($body$${body}$body$, '{schema}', home));
  target := home || $types$.${name}(${types})$types$;
  EXECUTE format('COMMENT ON FUNCTION %s IS %L', target, $comment$${comment}$comment$);${giveToOwner('FUNCTION')}${CLOSE_FUNCTION}
  IF to_regrole('service_role') IS NOT NULL THEN
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO service_role', target);
  END IF;`;
  pgm.sql(`DO $function$${block(declare, statements)}$function$`);
}

export function dropClientFunction(pgm: MigrationBuilder, { name, types }: ClientFunction): void {
  pgm.sql(`DROP FUNCTION ${name}(${types})`);
}

/** PL/pgSQL that raises the variable `refusal`, which says what is wrong with an argument. */
export function refuse(hint: string): string {
  return `  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,
      HINT = '${hint}';
  END IF;
`;
}

/**
 * PL/pgSQL that raises an error where row level security applies to the caller: without a policy it
 * hides every row, and the function would silently find none.
 */
export function refuseHiddenRows(table: string): string {
  return `  IF row_security_active(pg_typeof(NULL::{schema}.${table})::text) THEN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
      MESSAGE = format('Row level security hides ${table} from the role %I.', current_user),
      HINT = 'Call as the owner of the tables, as service_role (SET ROLE service_role), or as a role with BYPASSRLS.';
  END IF;
`;
}

/** The most characters of an indexed text: a row of a B-tree has room for 2,704 bytes. */
export const LONGEST_TEXT = 512;

/** A message contains at most so many characters of a value. */
export const MOST_SHOWN = 80;

/** SQL for the OID of a table of this package, in the body of a function. */
export function relation(table: string): string {
  return `(SELECT t.typrelid FROM pg_type t WHERE t.oid = pg_typeof(NULL::{schema}.${table}))`;
}
