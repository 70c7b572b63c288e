/** SQL: a role's name as SQL, for an OID; 0 is everybody. */
export const roleName = (oid: string): string =>
  `CASE ${oid} WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(${oid})) END`;

/** The letter by which acldefault() knows a kind of object. */
type Kind = 'r' | 'c' | 's' | 'f' | 'T';

const effective = (acl: string, kind: Kind, owner: string): string =>
  `aclexplode(coalesce(${acl}, acldefault('${kind}', ${owner})))`;

/** SQL: the privileges of all but the owner, a JSON object of arrays. */
export function grants(acl: string, kind: Kind, owner: string): string {
  return `(
    SELECT coalesce(json_object_agg(g.grantee, g.privileges ORDER BY g.grantee), '{}') FROM (
      SELECT p.grantee, array_agg(p.privilege ORDER BY p.privilege) AS privileges
        FROM (SELECT DISTINCT ${roleName('e.grantee')} AS grantee,
                     e.privilege_type || CASE WHEN e.is_grantable THEN '*' ELSE '' END AS privilege
                FROM ${effective(acl, kind, owner)} e WHERE e.grantee <> ${owner}) p
       GROUP BY p.grantee) g)`;
}

/** SQL: what the owner has by default and lacks, an array. */
export function ownerLacks(acl: string, kind: Kind, owner: string): string {
  return `ARRAY(
    SELECT d.privilege_type FROM aclexplode(acldefault('${kind}', ${owner})) d WHERE d.grantee = ${owner}
    EXCEPT
    SELECT e.privilege_type FROM ${effective(acl, kind, owner)} e WHERE e.grantee = ${owner}
    ORDER BY 1)`;
}
