import type { Catalogue } from '../../schema/catalogue.ts';
import { OUTSIDERS } from '../../schema/roles.ts';
import type { Ranked } from './finding.ts';

/** One role is meant to own everything: the one that owns most of it, but never a stranger. */
export function expectedOwner({ owners, databaseOwner }: Catalogue): string {
  const counts = new Map<string, number>();
  for (const { owner } of owners) {
    if (!OUTSIDERS.includes(owner)) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return most?.[0] ?? databaseOwner;
}

/** What belongs to somebody else. */
export function ownerFindings(actual: Catalogue): Ranked[] {
  const expected = expectedOwner(actual);
  return actual.owners
    .filter(({ owner }) => owner !== expected)
    .map(({ kind, object, owner }) => ({
      turn: 0,
      code: 'OWNER_DIFFERS',
      object: object.replace(/^[A-Z]+/, kind),
      expected,
      found: owner,
      fix: `ALTER ${object} OWNER TO ${expected};`,
    }));
}
