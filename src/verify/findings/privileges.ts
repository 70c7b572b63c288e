import type { Grants } from '../../schema/catalogue.ts';
import type { Context } from './context.ts';
import { STAGE, type StagedFinding } from './finding.ts';

/** An object that has privileges. */
export interface Privileged {
  /** As findings name it: `table public.visitors`. */
  readonly object: string;
  /** As GRANT names it: `TABLE "public"."visitors"`. */
  readonly sql: string;
  /** Set where the privileges are those of a single column. */
  readonly column?: string | undefined;
}

/** Returns findings about the privileges of all but the owner. Roles that do not exist need none. */
export function privilegeFindings(
  privileged: Privileged,
  expected: Grants,
  found: Grants,
  { actual: { owner, roles } }: Context,
): StagedFinding[] {
  return [
    ...Object.entries(found)
      // The expected owner keeps its privileges where another role owns the object.
      .filter(([role]) => role !== owner)
      .flatMap(([role, privileges]) => excess(privileged, role, expected[role] ?? [], privileges)),
    ...Object.entries(expected)
      .filter(([role]) => roles.includes(role))
      .flatMap(([role, privileges]) => lacking(privileged, role, privileges, found[role] ?? [])),
  ];
}

/** Returns a finding where the owner has revoked privileges from itself: its foreign keys need them. */
export function ownerPrivilegeFindings(
  { object, sql }: Privileged,
  owner: string,
  lacks: readonly string[],
): StagedFinding[] {
  if (lacks.length === 0) return [];
  const missing = lacks.join(', ');
  const found = `${owner} lacks ${missing}`;
  const fix = `GRANT ${missing} ON ${sql} TO ${owner};`;
  const expected = `${owner}, the owner, has all privileges`;
  return [{ stage: STAGE.access, code: 'PRIVILEGE_MISSING', object, expected, found, fix }];
}

function excess(
  { object, sql, column }: Privileged,
  role: string,
  wanted: readonly string[],
  found: readonly string[],
): StagedFinding[] {
  const isExtra = (privilege: string) => !wanted.includes(privilege);
  const grantable = found.filter((one) => one.endsWith('*')).map((one) => one.slice(0, -1));
  const extra = [...found.filter((one) => !one.endsWith('*')), ...grantable].filter(isExtra);
  const keep = grantable.filter((one) => !isExtra(one));
  if (extra.length + keep.length === 0) return [];
  const from = (privileges: readonly string[]) =>
    `${privileges.map((one) => (column ? `${one} (${column})` : one)).join(', ')} ON ${sql} FROM ${role} CASCADE;`;
  const revokes = [
    ...(extra.length > 0 ? [`REVOKE ${from(wanted.length > 0 ? extra : ['ALL'])}`] : []),
    ...(keep.length > 0 ? [`REVOKE GRANT OPTION FOR ${from(keep)}`] : []),
  ];
  return [
    {
      stage: STAGE.access,
      code: 'EXCESS_PRIVILEGE',
      object,
      expected: `${role} has ${wanted.join(', ') || 'no privilege'}`,
      found: `${role} has ${found.join(', ').replaceAll('*', ' WITH GRANT OPTION')}`,
      fix: revokes.join('\n'),
    },
  ];
}

function lacking(
  { object, sql }: Privileged,
  role: string,
  wanted: readonly string[],
  found: readonly string[],
): StagedFinding[] {
  const has = found.map((one) => one.replace('*', ''));
  const missing = wanted.filter((one) => !has.includes(one));
  if (missing.length === 0) return [];
  return [
    {
      stage: STAGE.access,
      code: 'PRIVILEGE_MISSING',
      object,
      expected: `${role} has ${wanted.join(', ')}`,
      found: `${role} has ${has.join(', ') || 'no privilege'}`,
      fix: `GRANT ${missing.join(', ')} ON ${sql} TO ${role};`,
    },
  ];
}
