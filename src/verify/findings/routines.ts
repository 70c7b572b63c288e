import { identifier } from '../../db/quoting.ts';
import type { Access, CatalogueFunction, CatalogueTrigger } from '../../schema/catalogue.ts';
import type { CatalogueObject } from '../../schema/objects.ts';
import type { Difference } from '../compare.ts';
import { functionStatement } from '../fixes.ts';
import { type Context, HOSTS_OWN, TURN } from './context.ts';
import type { Ranked } from './finding.ts';
import { grantFindings, ownerLackFindings } from './grants.ts';

/** What is different about a trigger. */
export function triggerFindings(difference: Difference, context: Context): Ranked[] {
  const one = difference.change === 'added' ? difference.found : difference.expected;
  const { table = '', name } = one;
  const text = (object: CatalogueObject) => context.text(definitionOf(object), table);
  const create = context.fixes.createTrigger(table, definitionOf(one));
  if (difference.change === 'missing') {
    return [context.finding(one, TURN.rest, 'TRIGGER_MISSING', [text(one), 'missing'], create)];
  }
  if (difference.change === 'added') {
    return [context.finding(one, TURN.room, 'TRIGGER_ADDED', [HOSTS_OWN, text(one)], undefined)];
  }
  if (difference.change === 'changed' && difference.fact === 'enabled') {
    const texts = ['enabled', 'disabled, or enabled for replicas alone'] as const;
    const fix = context.fixes.alter(table, `ENABLE TRIGGER ${identifier(name)}`);
    return [context.finding(one, TURN.rest, 'TRIGGER_DISABLED', texts, fix)];
  }
  const texts = [text(one), text(difference.found)] as const;
  return [context.finding(one, TURN.rest, 'TRIGGER_DIFFERS', texts, create)];
}

const definitionOf = ({ facts }: CatalogueObject) =>
  (facts as unknown as CatalogueTrigger).definition;

/** For people to read: both names and results, then the body as it is. */
const functionText = ({ head, body }: CatalogueFunction) => `${head}AS $function$${body}$function$`;

/** A function of other arguments or results cannot be replaced, nor can one be by a procedure. */
function isOther(wanted: CatalogueFunction, found: CatalogueFunction): boolean {
  const declared = ({ head }: CatalogueFunction) => head.split('\n').slice(0, 2).join('\n');
  return declared(wanted) !== declared(found);
}

/** What is different about a function. */
export function functionFindings(
  difference: Difference,
  wanted: CatalogueFunction,
  context: Context,
): Ranked[] {
  if (difference.change === 'missing') {
    const { expected: one } = difference;
    const fix = context.fixes.createFunction(one.name, wanted);
    const texts = ['a function', 'missing'] as const;
    return [context.finding(one, TURN.functions, 'FUNCTION_MISSING', texts, fix)];
  }
  if (difference.change !== 'changed') return [];
  const { expected: one, found, fact } = difference;
  if (fact === 'head' || fact === 'body') {
    const actual = found.facts as unknown as CatalogueFunction;
    const texts = [functionText(wanted), functionText(actual)] as const;
    const fix = isOther(wanted, actual)
      ? context.fixes.replaceFunction(one.name, wanted)
      : functionStatement(wanted);
    return [context.finding(one, TURN.functions, 'FUNCTION_DIFFERS', texts, fix)];
  }
  const sql = `FUNCTION ${identifier(context.place.schema)}.${one.name}`;
  return accessFindings(difference, one.name, sql, context);
}

/** What is different about the sequence of a column; without it the column lacks its default. */
export function sequenceFindings(difference: Difference, context: Context): Ranked[] {
  if (difference.change !== 'changed') return [];
  const { table = '', name } = difference.expected;
  const sql = `SEQUENCE ${context.actual.sequences[table]?.[name]}`;
  return accessFindings(difference, table, sql, context);
}

function accessFindings(
  { expected: one, found, fact }: Extract<Difference, { change: 'changed' }>,
  owned: string,
  sql: string,
  context: Context,
): Ranked[] {
  const privileged = { object: context.object(one), sql };
  const [wanted, actual] = [one, found].map(({ facts }) => facts as unknown as Access) as [
    Access,
    Access,
  ];
  if (fact === 'grants') {
    return grantFindings(privileged, wanted.grants, actual.grants, context);
  }
  const owner = context.actual.owners.find(({ name }) => name === owned)?.owner ?? context.owner;
  return ownerLackFindings(privileged, owner, actual.ownerLacks);
}
