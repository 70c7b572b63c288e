/**
 * PL/pgSQL that gives the object in the variable `target` the owner of `visitors` in its schema, which
 * need not be the role that migrates. Without that table, which comes first, the object keeps its owner.
 *
 * Not for tables that exist: it would give a stranger's table another owner's privileges.
 */
export function giveToOwner(kind: 'TABLE' | 'FUNCTION'): string {
  const [catalog, namespace] =
    kind === 'TABLE' ? ['pg_class', 'relnamespace'] : ['pg_proc', 'pronamespace'];
  return `
  EXECUTE format('ALTER ${kind} %s OWNER TO %I', target, coalesce((
    SELECT pg_get_userbyid(c.relowner)
      FROM pg_class c JOIN ${catalog} t ON t.${namespace} = c.relnamespace
     WHERE c.relname = 'visitors' AND t.oid = target), current_user));`;
}
