import { identifier } from '../../db/quoting.ts';
import type {
  Access,
  CatalogueFunction,
  CatalogueTrigger,
  Ownership,
} from '../../schema/catalogue.ts';
import type { CatalogueObject } from '../catalogue-objects.ts';
import type { Difference } from '../compare.ts';
import { functionStatement } from '../fixes.ts';
import { APPLICATIONS_OWN, type Context } from './context.ts';
import { STAGE, type StagedFinding } from './finding.ts';
import { ownerPrivilegeFindings, privilegeFindings } from './privileges.ts';

/** Returns findings about a trigger. */
export function triggerFindings(difference: Difference, context: Context): StagedFinding[] {
  const one = difference.change === 'added' ? difference.found : difference.expected;
  const { table = '', name } = one;
  const text = (object: CatalogueObject) => context.text(definitionOf(object), table);
  const create = context.fixes.createTrigger(table, definitionOf(one));
  if (difference.change === 'missing') {
    return [context.finding(one, STAGE.rest, 'TRIGGER_MISSING', [text(one), 'missing'], create)];
  }
  if (difference.change === 'added') {
    return [
      context.finding(
        one,
        STAGE.conflicts,
        'TRIGGER_ADDED',
        [APPLICATIONS_OWN, text(one)],
        undefined,
      ),
    ];
  }
  if (difference.change === 'changed' && difference.fact === 'enabled') {
    const texts = ['enabled', 'disabled, or enabled on replicas only'] as const;
    const fix = context.fixes.alter(table, `ENABLE TRIGGER ${identifier(name)}`);
    return [context.finding(one, STAGE.rest, 'TRIGGER_DISABLED', texts, fix)];
  }
  const texts = [text(one), text(difference.found)] as const;
  return [context.finding(one, STAGE.rest, 'TRIGGER_DIFFERS', texts, create)];
}

const definitionOf = ({ facts }: CatalogueObject) =>
  (facts as unknown as CatalogueTrigger).definition;

/** A function for people to read. */
const functionText = ({ head, body }: CatalogueFunction) => `${head}AS $function$${body}$function$`;

/** CREATE OR REPLACE can change neither argument names and results, nor a procedure into a function. */
function isIrreplaceable(wanted: CatalogueFunction, found: CatalogueFunction): boolean {
  const declared = ({ head }: CatalogueFunction) => head.split('\n').slice(0, 2).join('\n');
  return declared(wanted) !== declared(found);
}

/** Returns findings about a function. */
export function functionFindings(
  difference: Difference,
  wanted: CatalogueFunction,
  context: Context,
): StagedFinding[] {
  if (difference.change === 'missing') {
    const { expected: one } = difference;
    const fix = context.fixes.createFunction(one.name, wanted);
    const texts = ['a function', 'missing'] as const;
    return [context.finding(one, STAGE.functions, 'FUNCTION_MISSING', texts, fix)];
  }
  if (difference.change !== 'changed') return [];
  const { expected: one, found, fact } = difference;
  if (fact === 'head' || fact === 'body') {
    const actual = found.facts as unknown as CatalogueFunction;
    const texts = [functionText(wanted), functionText(actual)] as const;
    const fix = isIrreplaceable(wanted, actual)
      ? context.fixes.replaceFunction(one.name, wanted)
      : functionStatement(wanted);
    return [context.finding(one, STAGE.functions, 'FUNCTION_DIFFERS', texts, fix)];
  }
  const sql = `FUNCTION ${identifier(context.location.schema)}.${one.name}`;
  return accessFindings(difference, context.ownership('function', one.name), sql, context);
}

/** Returns findings about a column's sequence. A missing one is found as the column's default. */
export function sequenceFindings(difference: Difference, context: Context): StagedFinding[] {
  if (difference.change !== 'changed') return [];
  const { table = '', name } = difference.expected;
  const sql = `SEQUENCE ${context.actual.sequences[table]?.[name]}`;
  return accessFindings(difference, context.ownership('table', table), sql, context);
}

function accessFindings(
  { expected: one, found, fact }: Extract<Difference, { change: 'changed' }>,
  ownership: Ownership | undefined,
  sql: string,
  context: Context,
): StagedFinding[] {
  const privileged = { object: context.object(one), sql };
  const [wanted, actual] = [one, found].map(({ facts }) => facts as unknown as Access) as [
    Access,
    Access,
  ];
  if (fact === 'grants') {
    return privilegeFindings(privileged, wanted.grants, actual.grants, context);
  }
  const owner = ownership?.owner ?? context.actual.owner;
  return ownerPrivilegeFindings(privileged, owner, actual.ownerLacks);
}
