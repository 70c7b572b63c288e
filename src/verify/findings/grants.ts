import type { Grants } from '../../schema/catalogue.ts';
import { type Context, TURN } from './context.ts';
import type { Ranked } from './finding.ts';

/** An object that has privileges. */
export interface Privileged {
  /** As findings name it: `table public.visitors`. */
  readonly object: string;
  /** As GRANT names it: `TABLE "public"."visitors"`. */
  readonly sql: string;
  /** Set where the privileges are those of a single column. */
  readonly column?: string | undefined;
}

/** Compares privileges. Roles that do not exist are not expected to hold any. */
export function grantFindings(
  privileged: Privileged,
  expected: Grants,
  found: Grants,
  { owner, actual: { roles } }: Pick<Context, 'owner' | 'actual'>,
): Ranked[] {
  return [
    ...Object.entries(found)
      // Where somebody else owns the object, the owner to be keeps what it has.
      .filter(([role]) => role !== owner)
      .flatMap(([role, privileges]) => tooMuch(privileged, role, expected[role] ?? [], privileges)),
    ...Object.entries(expected)
      .filter(([role]) => roles.includes(role))
      .flatMap(([role, privileges]) => tooLittle(privileged, role, privileges, found[role] ?? [])),
  ];
}

/** What the owner has taken from itself, though its foreign keys need it. */
export function ownerLackFindings(
  { object, sql }: Privileged,
  owner: string,
  lacks: readonly string[],
): Ranked[] {
  if (lacks.length === 0) return [];
  const missing = lacks.join(', ');
  const found = `${owner} lacks ${missing}`;
  const fix = `GRANT ${missing} ON ${sql} TO ${owner};`;
  const expected = `${owner}, the owner, has all privileges`;
  return [{ turn: TURN.access, code: 'PRIVILEGE_MISSING', object, expected, found, fix }];
}

function tooMuch(
  { object, sql, column }: Privileged,
  role: string,
  wanted: readonly string[],
  found: readonly string[],
): Ranked[] {
  const isExtra = (privilege: string) => !wanted.includes(privilege);
  const passedOn = found.filter((one) => one.endsWith('*')).map((one) => one.slice(0, -1));
  const extra = [...found.filter((one) => !one.endsWith('*')), ...passedOn].filter(isExtra);
  const keep = passedOn.filter((one) => !isExtra(one));
  if (extra.length + keep.length === 0) return [];
  const from = (privileges: readonly string[]) =>
    `${privileges.map((one) => (column ? `${one} (${column})` : one)).join(', ')} ON ${sql} FROM ${role} CASCADE;`;
  const revokes = [
    ...(extra.length > 0 ? [`REVOKE ${from(wanted.length > 0 ? extra : ['ALL'])}`] : []),
    ...(keep.length > 0 ? [`REVOKE GRANT OPTION FOR ${from(keep)}`] : []),
  ];
  return [
    {
      turn: TURN.access,
      code: 'EXCESS_PRIVILEGE',
      object,
      expected: `${role} has ${wanted.join(', ') || 'no privilege'}`,
      found: `${role} has ${found.join(', ').replaceAll('*', ' WITH GRANT OPTION')}`,
      fix: revokes.join('\n'),
    },
  ];
}

function tooLittle(
  { object, sql }: Privileged,
  role: string,
  wanted: readonly string[],
  found: readonly string[],
): Ranked[] {
  const has = found.map((one) => one.replace('*', ''));
  const missing = wanted.filter((one) => !has.includes(one));
  if (missing.length === 0) return [];
  return [
    {
      turn: TURN.access,
      code: 'PRIVILEGE_MISSING',
      object,
      expected: `${role} has ${wanted.join(', ')}`,
      found: `${role} has ${has.join(', ') || 'no privilege'}`,
      fix: `GRANT ${missing.join(', ')} ON ${sql} TO ${role};`,
    },
  ];
}
