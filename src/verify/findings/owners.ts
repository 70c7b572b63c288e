import type { CatalogueFunction, Ownership } from '../../schema/catalogue.ts';
import type { Context } from './context.ts';
import { STAGE, type StagedFinding } from './finding.ts';

/**
 * Returns a finding for each table and function with another owner. A foreign function is created
 * anew; a foreign table may hold rows, so its fix is a sentence: another owner would run what its
 * rules, indexes and defaults call.
 */
export function ownerFindings(
  functions: Readonly<Record<string, CatalogueFunction>>,
  context: Context,
): StagedFinding[] {
  const { owner, ownerships } = context.actual;
  return ownerships
    .filter((one) => one.owner !== owner)
    .map((one) => ({
      stage: STAGE.first,
      code: 'OWNER_DIFFERS',
      object: one.object.replace(/^[A-Z]+/, one.kind),
      expected: owner,
      found: one.owner,
      fix: fixOf(one, functions[one.name], context),
    }));
}

function fixOf(
  { kind, name, object, owner: found, foreign }: Ownership,
  wanted: CatalogueFunction | undefined,
  context: Context,
): string {
  const { owner } = context.actual;
  if (!foreign && context.isOwnerCertain) return `ALTER ${object} OWNER TO ${owner};`;
  if (kind === 'function' && wanted && context.isOwnerCertain) {
    return context.fixes.replaceFunction(name, wanted, context.triggersOf(name));
  }
  return foreign
    ? `Find out who created it: ${found} cannot act as ${owner}. Drop it, or check its rules, triggers, indexes and defaults before you change its owner.`
    : 'Decide which role is to own the migrations table, the tables and the functions, and make it their owner.';
}
