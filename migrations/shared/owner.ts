/**
 * SQL: whether the role that migrates may take the owner of a table `c` in a schema `n` for the owner
 * of all. A superuser takes no other role than the one that owns the schema or the database: somebody
 * may have created the tables first, and would own the functions that others call.
 */
export const IS_TRUSTED_OWNER = `(NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
  OR c.relowner IN (n.nspowner, (SELECT d.datdba FROM pg_database d WHERE d.datname = current_database()))
  OR pg_get_userbyid(c.relowner) = current_user)`;

/**
 * PL/pgSQL that gives the object in the variable `target` the owner of `visitors` in its schema, which
 * need not be the role that migrates. Without that table, which comes first, or with an owner that is
 * not trusted, the object keeps its owner.
 *
 * Not for tables that exist: it would give a stranger's table another owner's privileges.
 *
 * @param schema - SQL: the OID of the schema
 */
export function giveToOwner(kind: 'TABLE' | 'FUNCTION', schema = 'here'): string {
  return `
  IF EXISTS (
    SELECT FROM pg_class c
     WHERE c.relname = 'visitors' AND c.relnamespace = ${schema} AND pg_get_userbyid(c.relowner) <> current_user)
  THEN
    EXECUTE format('ALTER ${kind} %s OWNER TO %I', target, coalesce((
      SELECT pg_get_userbyid(c.relowner)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relname = 'visitors' AND c.relnamespace = ${schema} AND ${IS_TRUSTED_OWNER}), current_user));
  END IF;`;
}
