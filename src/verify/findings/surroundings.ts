import { identifier } from '../../db/quoting.ts';
import type { Catalogue, Exposure } from '../../schema/catalogue.ts';
import { INSIDERS } from '../../schema/roles.ts';
import { nameOf } from '../names.ts';
import { TURN } from './context.ts';
import type { Ranked } from './finding.ts';
import { expectedOwner, ownerFindings } from './owners.ts';

const CODES = {
  view: 'VIEW_EXPOSES',
  function: 'FUNCTION_EXPOSES',
  publication: 'PUBLISHED',
  role: 'ROLE_HAS_ACCESS',
} as const;

/** Who else can get at the tables, and whether those who should can. */
export function surroundingFindings(actual: Catalogue, schema: string): Ranked[] {
  // Of the owners, the one to be.
  const owner = expectedOwner(actual);
  const needs = actual.barred.filter((role) => role === owner || INSIDERS.includes(role));
  return [
    ...ownerFindings(actual),
    ...needs.map(
      (role): Ranked => ({
        turn: TURN.access,
        code: 'SCHEMA_USAGE_MISSING',
        object: `schema ${nameOf(schema)}`,
        expected: `${role} has USAGE`,
        found: `${role} lacks USAGE`,
        fix: `GRANT USAGE ON SCHEMA ${identifier(schema)} TO ${role};`,
      }),
    ),
    ...actual.blind.map(
      (role): Ranked => ({
        turn: TURN.access,
        code: 'ROLE_LACKS_BYPASSRLS',
        object: `role ${role}`,
        expected: 'bypasses row level security',
        found: 'sees no row',
        fix: `ALTER ROLE ${role} BYPASSRLS;`,
      }),
    ),
    ...actual.exposures.map(
      (exposure): Ranked => ({
        turn: TURN.access,
        code: CODES[exposure.kind],
        object: exposure.object,
        expected: 'nobody but the owner and service_role reaches the tables',
        found: `${exposure.how}; open to ${exposure.open.join(', ')}`,
        fix: closing(exposure),
      }),
    ),
  ];
}

/** What one role has passed on goes with its right to do so. */
function closing({ target, open, grantors, close }: Exposure): string {
  if (target === null) return `${close};`;
  return [
    ...grantors.map((role) => `REVOKE GRANT OPTION FOR ALL ON ${target} FROM ${role} CASCADE;`),
    `REVOKE ALL ON ${target} FROM ${open.join(', ')} CASCADE;`,
  ].join('\n');
}
