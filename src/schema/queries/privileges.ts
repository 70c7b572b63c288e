/** SQL: the name of the role with an OID, quoted where it needs to be; 0 is PUBLIC. */
export const roleName = (oid: string): string =>
  `CASE ${oid} WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(${oid})) END`;

/**
 * SQL: whether a role can act as another. Since PostgreSQL 16 a member of a role may have neither its
 * privileges nor the right to set it.
 */
export const canActAs = (role: string, other: string): string =>
  `pg_has_role(${role}, ${other}, CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'USAGE, SET, MEMBER WITH ADMIN OPTION' END)`;

/** The letter by which acldefault() knows a kind of object. */
type AclKind = 'r' | 'c' | 's' | 'f' | 'T' | 'n';

/** SQL: the rows of an access control list, where null means the default one. */
export const aclEntries = (acl: string, kind: AclKind, owner: string): string =>
  `aclexplode(coalesce(${acl}, acldefault('${kind}', ${owner})))`;

/** SQL: the privileges of all but the owner, a JSON object of arrays. */
export function grants(acl: string, kind: AclKind, owner: string): string {
  return `(
    SELECT coalesce(json_object_agg(g.grantee, g.privileges ORDER BY g.grantee), '{}') FROM (
      SELECT p.grantee, array_agg(p.privilege ORDER BY p.privilege COLLATE "C") AS privileges
        FROM (SELECT DISTINCT ${roleName('e.grantee')} AS grantee,
                     e.privilege_type || CASE WHEN e.is_grantable THEN '*' ELSE '' END AS privilege
                FROM ${aclEntries(acl, kind, owner)} e WHERE e.grantee <> ${owner}) p
       GROUP BY p.grantee) g)`;
}

/** SQL: the default privileges that the owner lacks, an array. */
export function ownerLacks(acl: string, kind: AclKind, owner: string): string {
  return `ARRAY(
    SELECT d.privilege_type COLLATE "C" FROM aclexplode(acldefault('${kind}', ${owner})) d WHERE d.grantee = ${owner}
    EXCEPT
    SELECT e.privilege_type COLLATE "C" FROM ${aclEntries(acl, kind, owner)} e WHERE e.grantee = ${owner}
    ORDER BY 1)`;
}
