/**
 * The inside of an anonymous PL/pgSQL block that sees only the server's own functions and operators:
 * where others may create in a schema of the search path, their function with better matching types
 * would otherwise run with the migrator's rights.
 *
 * @param declare - variables; their types and defaults still see the search path
 * @param body - statements; names must be qualified. `here` is the first schema's OID
 */
export function block(declare: string, body: string): string {
  return `
DECLARE
  path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
  here CONSTANT pg_catalog.oid := (
    SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema());
${declare}
BEGIN
  SET LOCAL search_path = pg_catalog, pg_temp;
  SET LOCAL quote_all_identifiers = off; -- function bodies keep the schema's name as it prints
${body}
  PERFORM set_config('search_path', path, true);
END
`;
}
