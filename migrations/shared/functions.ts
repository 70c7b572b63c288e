import type { MigrationBuilder } from 'node-pg-migrate';
import { CLOSE_FUNCTION } from './access.ts';
import { block } from './block.ts';

/** A function for the application's clients, in PL/pgSQL. */
export interface ClientFunction {
  readonly name: string;
  /** Argument types alone, by which it is told from others of its name. */
  readonly types: string;
  /**
   * From the argument list to its settings. Arguments that are OUT alone come last: PostgREST takes
   * the names of the first ones for those of its input.
   */
  readonly declaration: string;
  /**
   * `{schema}` stands for the schema that it is created in, quoted, and is for names alone: in a
   * string some schema's name would end it. Nothing else is found but the server's own; pg_temp,
   * which is looked into first unless it is named, comes last.
   *
   * Arguments and variables go before columns of their name (`#variable_conflict use_variable`):
   * columns of the application's own are not to be taken for them. So every column has its table's name.
   */
  readonly body: string;
  readonly comment: string;
}

/**
 * Creates a function that runs with its caller's rights, for its owner and service_role alone.
 *
 * Default privileges may have named any role, so whoever holds a privilege on it loses it first.
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
  EXECUTE format('COMMENT ON FUNCTION %s IS %L', target, $comment$${comment}$comment$);${CLOSE_FUNCTION}
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'service_role') THEN
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO service_role', target);
  END IF;`;
  pgm.sql(`DO $function$${block(declare, statements)}$function$`);
}

/**
 * Gives a function of the same signature another body or other settings. Its privileges and its
 * comment stay. Where it is not there this fails: made anew, it would be open to PUBLIC.
 */
export function replaceClientFunction(pgm: MigrationBuilder, fn: ClientFunction): void {
  const { name, types, declaration, body } = fn;
  const declare = '  home text;\n  target regprocedure;';
  const statements = `
  home := here::regnamespace;
  target := home || $types$.${name}(${types})$types$;
  EXECUTE 'CREATE OR REPLACE FUNCTION ' || home || $declaration$.${name}${declaration.trimEnd()}
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $declaration$ || quote_literal(replace($body$${body}$body$, '{schema}', home));`;
  pgm.sql(`DO $function$${block(declare, statements)}$function$`);
}

export function dropClientFunction(pgm: MigrationBuilder, { name, types }: ClientFunction): void {
  pgm.sql(`DROP FUNCTION ${name}(${types})`);
}

/** PL/pgSQL that ends the call where the variable `refusal` says what is wrong with an argument. */
export function refuse(hint: string): string {
  return `  IF refusal IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = refusal,
      HINT = '${hint}';
  END IF;
`;
}

/** Characters that a text which an index holds may have: a row of a B-tree has room for 2,704 bytes. */
export const LONGEST_TEXT = 512;

/** SQL for the OID of a table of ours, in the body of a function. */
export function relation(table: string): string {
  return `(SELECT t.typrelid FROM pg_type t WHERE t.oid = pg_typeof(NULL::{schema}.${table}))`;
}
