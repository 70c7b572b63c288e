import type { Catalogue } from '../catalogue.ts';
import { nameOf } from '../names.ts';
import { INSIDERS } from '../roles.ts';
import { TURN } from './context.ts';
import type { Ranked } from './finding.ts';
import { ownerFindings } from './owners.ts';

const CODES = {
  view: 'VIEW_REACHES',
  function: 'FUNCTION_REACHES',
  publication: 'PUBLISHED',
  role: 'ROLE_REACHES',
} as const;

/** Who else can get at the tables, and whether those who should can. */
export function surroundingFindings(actual: Catalogue, schema: string): Ranked[] {
  const barred = INSIDERS.filter(
    (role) => actual.roles.includes(role) && !actual.mayUseSchema.includes(role),
  );
  return [
    ...ownerFindings(actual),
    ...barred.map(
      (role): Ranked => ({
        turn: TURN.access,
        code: 'SCHEMA_USAGE_MISSING',
        object: `schema ${nameOf(schema)}`,
        expected: `${role} has USAGE`,
        found: `${role} lacks USAGE`,
        remedy: `GRANT USAGE ON SCHEMA ${nameOf(schema)} TO ${role};`,
      }),
    ),
    ...actual.exposures.map(
      ({ kind, object, how, open, close }): Ranked => ({
        turn: TURN.access,
        code: CODES[kind],
        object,
        expected: 'nobody but the owner and service_role reaches the tables',
        found: `${how}; open to ${open.join(', ')}`,
        remedy: `${close};`,
      }),
    ),
  ];
}
