import type { PreflightFailure } from '../../errors.ts';
import type { Settings } from '../../settings.ts';
import type { Facts } from './facts.ts';

/**
 * New objects get the owner of `visitors`; without that table, the role's. One role has to own all
 * of them: only the owner of a table may change it, and of a function may replace it.
 */
export function ownerConflicts(
  { role, relations }: Facts,
  { direction }: Settings,
): PreflightFailure[] {
  const isDown = direction === 'down';
  const foreign = relations.filter(({ owned, trusted }) => !owned || (isDown && !trusted));
  if (foreign.length > 0 || isDown) {
    const owners = [...new Set(foreign.map(({ owner }) => owner))];
    return owners.map((owner) => {
      const names = foreign.filter((one) => one.owner === owner).map(({ qualified }) => qualified);
      const changes = names.map((name) => `ALTER TABLE ${name} OWNER TO ${role};`).join(' ');
      return {
        code: 'NOT_OWNER',
        message: `${names.join(', ')} ${names.length > 1 ? 'belong' : 'belongs'} to ${owner}, not to ${role}.`,
        fix: `Migrate as ${owner}, or run: ${changes} ${unlessKnown(owner)}`,
      };
    });
  }
  const visitors = relations.find(({ name }) => name === 'visitors');
  const owner = visitors?.owner ?? role;
  const failures = relations
    .filter((relation) => relation.owner !== owner)
    .map(
      (relation): PreflightFailure => ({
        code: 'NOT_OWNER',
        message: `${relation.qualified} belongs to ${relation.owner}, and ${visitors?.qualified ?? 'what a run creates'} to ${owner}.`,
        fix: visitors
          ? 'Give all tables of the package one owner, with ALTER TABLE … OWNER TO.'
          : `Migrate as ${relation.owner}: ${actingAs(relation)}. ${unlessKnown(relation.owner)}`,
      }),
    );
  if (visitors === undefined || owner === role) return failures;
  const { schema, mayGive, ownerMayCreate } = visitors;
  if (!mayGive) {
    failures.push({
      code: 'NOT_OWNER',
      message: `${visitors.qualified} belongs to ${owner}, and ${role} must not give new objects to that role.`,
      fix: `Migrate as ${owner}. A superuser can give that role the schema instead (ALTER SCHEMA ${schema} OWNER TO ${owner}), another role needs: GRANT ${owner} TO ${role} WITH SET TRUE; ${unlessKnown(owner)}`,
    });
  }
  if (!ownerMayCreate) {
    failures.push({
      code: 'NO_CREATE_ON_SCHEMA',
      message: `Role ${owner}, to which the tables belong, lacks CREATE on schema ${schema}.`,
      fix: `Run: GRANT CREATE ON SCHEMA ${schema} TO ${owner};`,
    });
  }
  return failures;
}

/** Every role with CREATE on the schema can have put a table in the place of one of the package's. */
function unlessKnown(owner: string): string {
  return `If you do not know the role ${owner}, rename its tables instead: their triggers and rules would run with your privileges.`;
}

/** A superuser who only sets the role stays one for the triggers on that role's table, which may reset it. */
function actingAs({ owner, trusted }: Facts['relations'][number]): string {
  return trusted
    ? `connect as that role, or with PGOPTIONS=${roleOption(owner)}`
    : 'connect as that role';
}

/** Returns PGOPTIONS that act as a role, quoted for a shell. An option takes the name without its quotes. */
function roleOption(quoted: string): string {
  const name = quoted.startsWith('"') ? quoted.slice(1, -1).replaceAll('""', '"') : quoted;
  const escaped = name.replace(/[\s\\]/g, '\\$&').replaceAll("'", "'\\''");
  return `'-c role=${escaped}'`;
}
