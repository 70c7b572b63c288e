import type { Queryable } from '../support/catalogue.ts';
import { type Checked, type Expected, mayHold, TABLE_KINDS } from './expected.ts';
import type { FoundObject } from './objects.ts';

interface Entry {
  readonly position: number;
  readonly owner: string;
  readonly role: string | null;
  readonly privilege: string;
  readonly grantable: boolean;
}

/** By the lists themselves, built-in defaults filled in: they show what no membership covers. */
export async function readAccessLists(
  db: Queryable,
  { owner }: Expected,
  objects: readonly FoundObject[],
): Promise<Checked> {
  // An array type has no list of its own, nor has an index.
  const listed = objects.filter(
    ({ kind, detail }) =>
      !['index', 'other'].includes(kind) && !(kind === 'type' && detail === 'A'),
  );
  const entries = await db.query<Entry>(
    `WITH objects AS (SELECT * FROM jsonb_to_recordset($1) o (position int, kind text, oid oid, part int2)),
          lists AS (
            SELECT position, relowner AS owner, coalesce(relacl, acldefault(CASE kind WHEN 'sequence' THEN 's' ELSE 'r' END::"char", relowner)) AS acl
              FROM objects o JOIN pg_class c ON c.oid = o.oid WHERE kind IN ('relation', 'sequence')
            UNION ALL
            SELECT position, relowner, attacl
              FROM objects o JOIN pg_class c ON c.oid = o.oid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = o.part WHERE kind = 'column'
            UNION ALL
            SELECT position, proowner, coalesce(proacl, acldefault('f', proowner)) FROM objects o JOIN pg_proc p ON p.oid = o.oid WHERE kind = 'function'
            UNION ALL
            SELECT position, typowner, coalesce(typacl, acldefault('T', typowner)) FROM objects o JOIN pg_type t ON t.oid = o.oid WHERE kind = 'type'
            UNION ALL
            SELECT position, nspowner, coalesce(nspacl, acldefault('n', nspowner)) FROM objects o JOIN pg_namespace n ON n.oid = o.oid WHERE kind = 'schema')
     SELECT position, pg_get_userbyid(owner)::text AS owner,
            CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END AS role,
            coalesce(privilege_type, '') AS privilege, coalesce(is_grantable, false) AS grantable
       FROM lists LEFT JOIN LATERAL aclexplode(acl) a ON a.grantee <> owner`,
    [
      JSON.stringify(
        listed.map(({ kind, oid, part }, position) => ({ position, kind, oid, part })),
      ),
    ],
  );
  const holes = entries.flatMap((entry) => {
    const object = listed[entry.position];
    if (object === undefined) throw new Error('an entry of no object');
    const { kind, name } = object;
    const lines = entry.owner === owner ? [] : [`${entry.owner} owns ${kind} ${name}`];
    const { role, privilege, grantable } = entry;
    const allowed =
      role === null || (kind !== 'column' && mayHold({ role, privilege, grantable }, object));
    return allowed
      ? lines
      : [...lines, `the list of ${kind} ${name} gives ${privilege} to ${role}`];
  });
  // Every entry of one list repeats its owner.
  return { checked: entries.length, holes: [...new Set(holes)] };
}

/** Row level security on, not forced; no policy; not published. */
export async function readRowSecurity(
  db: Queryable,
  objects: readonly FoundObject[],
): Promise<Checked> {
  const rows = await db.query<{ line: string | null }>(
    `WITH tables AS (SELECT * FROM pg_class WHERE oid = ANY ($1::oid[]))
     SELECT CASE WHEN NOT relrowsecurity THEN 'row level security is off on ' || oid::regclass END AS line FROM tables
     UNION ALL
     SELECT CASE WHEN relforcerowsecurity THEN 'row level security is forced on ' || oid::regclass END FROM tables
     UNION ALL
     SELECT format('policy %s is on %s', polname, polrelid::regclass) FROM pg_policy WHERE polrelid IN (SELECT oid FROM tables)
     UNION ALL
     SELECT format('%s publishes %s', p.pubname, c.oid::regclass)
       FROM tables c JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_publication_tables p ON p.schemaname = n.nspname AND p.tablename = c.relname`,
    [
      objects
        .filter(({ kind, detail }) => kind === 'relation' && TABLE_KINDS.includes(detail))
        .map(({ oid }) => oid),
    ],
  );
  return { checked: rows.length, holes: rows.flatMap(({ line }) => line ?? []) };
}
