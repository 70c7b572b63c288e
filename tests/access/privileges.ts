import type { Queryable } from '../support/catalogue.ts';
import { readAccessLists, readRowSecurity } from './access-lists.ts';
import { type Asked, type Checked, type Expected, mayHold } from './expected.ts';
import { createdSince, type FoundObject, type ObjectKind } from './objects.ts';

/** The privileges that a server knows, by the kind of object. */
export type KnownPrivileges = Readonly<Partial<Record<ObjectKind, readonly string[]>>>;

/** Roles that may do more by what they are: the server's superusers, and Supabase's own admin. */
const ADMINS = ['supabase_admin', 'supabase_postgres'];

/** Asks the server what an owner may do with its own, and which of that a column knows. */
export async function knownPrivileges(db: Queryable): Promise<KnownPrivileges> {
  const rows = await db.query<{ kind: ObjectKind; privileges: string[] }>(
    `SELECT kind, array_agg(privilege_type ORDER BY privilege_type) AS privileges
       FROM (VALUES ('relation', 'r'), ('sequence', 's'), ('function', 'f'), ('type', 'T'), ('schema', 'n')) k (kind, letter),
            aclexplode(acldefault(letter::"char", 10)) a
      WHERE a.grantee = 10 GROUP BY kind`,
  );
  const known = Object.fromEntries(rows.map(({ kind, privileges }) => [kind, privileges]));
  const column: string[] = [];
  for (const privilege of known.relation ?? []) {
    const sql = "SELECT has_any_column_privilege('public', 'pg_class'::regclass, $1)";
    const knows = await db.query(sql, [privilege]).then(
      () => true,
      (error: { code?: string }) => {
        if (error.code !== '22023') throw error;
        return false;
      },
    );
    if (knows) column.push(privilege);
  }
  return { ...known, column };
}

/** Every role on every object with every privilege: by the server's answers, and by the lists. */
export async function checkPrivileges(db: Queryable, expected: Expected): Promise<Checked> {
  const objects = await createdSince(db, expected.before);
  const checks = [
    await askServer(db, expected, objects),
    await readAccessLists(db, expected, objects),
    await readRowSecurity(db, objects),
  ];
  return {
    checked: checks.reduce((sum, { checked }) => sum + checked, 0),
    holes: [
      ...objects
        .filter(({ kind }) => kind === 'other')
        .map(({ name }) => `${name} is of a kind that no check knows`),
      ...checks.flatMap(({ holes }) => holes),
    ].sort(),
  };
}

interface Answer extends Asked {
  readonly position: number;
  readonly held: boolean;
}

/** By has_*_privilege(), which counts memberships, PUBLIC, ownership and attributes of the role. */
async function askServer(
  db: Queryable,
  { owner }: Expected,
  objects: readonly FoundObject[],
): Promise<Checked> {
  const answers = await db.query<Answer>(
    `WITH objects AS (SELECT * FROM jsonb_to_recordset($1) o (position int, kind text, oid oid, part int2)),
          known AS (SELECT k.kind, p AS privilege FROM jsonb_each($2) k (kind, list), jsonb_array_elements_text(list) p),
          roles AS (
            SELECT 'public' AS role
            UNION ALL SELECT rolname FROM pg_roles WHERE oid <> 10 AND rolname !~ '^pg_' AND rolname <> ALL ($3::text[]))
     SELECT role, position, privilege, grantable,
            CASE kind WHEN 'relation' THEN has_table_privilege(role::name, oid, asked)
                      WHEN 'column' THEN has_column_privilege(role::name, oid, part, asked)
                      WHEN 'sequence' THEN has_sequence_privilege(role::name, oid, asked)
                      WHEN 'function' THEN has_function_privilege(role::name, oid, asked)
                      WHEN 'type' THEN has_type_privilege(role::name, oid, asked)
                      WHEN 'schema' THEN has_schema_privilege(role::name, oid, asked) END AS held
       FROM objects JOIN known USING (kind)
       CROSS JOIN (VALUES (false, ''), (true, ' WITH GRANT OPTION')) g (grantable, suffix)
       CROSS JOIN LATERAL (SELECT privilege || suffix) a (asked)
       CROSS JOIN roles`,
    [
      JSON.stringify(
        objects.map(({ kind, oid, part }, position) => ({ position, kind, oid, part })),
      ),
      JSON.stringify(await knownPrivileges(db)),
      [owner, ...ADMINS],
    ],
  );
  const holes = answers.flatMap((answer) => {
    const object = objects[answer.position];
    if (object === undefined) throw new Error('an answer about no object');
    const what = `${answer.privilege} on ${object.kind} ${object.name}`;
    if (!answer.held) return needs(answer, object) ? [`${answer.role} lacks ${what}`] : [];
    if (mayHold(answer, object)) return [];
    return [`${answer.role} holds ${what}${answer.grantable ? ' with grant option' : ''}`];
  });
  return { checked: answers.length, holes };
}

function needs(asked: Asked, object: FoundObject): boolean {
  return object.kind === 'relation' && mayHold(asked, object);
}
