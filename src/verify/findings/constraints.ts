import { identifier } from '../../db/quoting.ts';
import { mayRefuse } from '../../schema/additions.ts';
import type { CatalogueConstraint } from '../../schema/catalogue.ts';
import type { CatalogueObject } from '../../schema/objects.ts';
import type { Difference } from '../compare.ts';
import { type Context, HOSTS_OWN, TURN } from './context.ts';
import type { Ranked } from './finding.ts';

/** What is different about a constraint, or the index behind one. */
export function constraintFindings(difference: Difference, context: Context): Ranked[] {
  switch (difference.change) {
    case 'missing': {
      const { expected: one } = difference;
      const { definition } = constraintOf(one);
      const fix = context.fixes.addConstraint(one.table ?? '', one.name, definition);
      const texts = [context.text(definition), 'missing'] as const;
      return [context.finding(one, turnOf(definition), 'CONSTRAINT_MISSING', texts, fix)];
    }
    case 'added':
      return added(difference.found, context);
    case 'renamed': {
      const { expected: one, found } = difference;
      const rename = `RENAME CONSTRAINT ${identifier(found.name)} TO ${identifier(one.name)}`;
      const fix = context.fixes.alter(one.table ?? '', rename);
      const texts = [`named ${one.name}`, `named ${found.name}`] as const;
      return [context.finding(one, TURN.room, 'CONSTRAINT_RENAMED', texts, fix)];
    }
    case 'changed':
      return changed(difference.fact, difference.expected, difference.found, context);
  }
}

const constraintOf = ({ facts }: CatalogueObject) => facts as unknown as CatalogueConstraint;

function turnOf(definition: string): number {
  if (definition.startsWith('FOREIGN KEY')) return TURN.references;
  return definition.startsWith('CHECK') ? TURN.checks : TURN.keys;
}

/** One that cannot refuse a row of ours is the application's own affair. */
function added(one: CatalogueObject, context: Context): Ranked[] {
  const { table = '', name } = one;
  const { definition } = constraintOf(one);
  const harmless = !mayRefuse(constraintOf(one), context.applicationColumns(table));
  const text = context.text(definition);
  if (harmless) {
    return [context.finding(one, TURN.room, 'CONSTRAINT_ADDED', [HOSTS_OWN, text], undefined)];
  }
  const fix = context.fixes.alter(table, `DROP CONSTRAINT ${identifier(name)}`);
  const texts = ['none that may refuse rows of ours', text] as const;
  return [context.finding(one, TURN.room, 'CONSTRAINT_CONFLICT', texts, fix)];
}

function changed(
  fact: string,
  one: CatalogueObject,
  other: CatalogueObject,
  context: Context,
): Ranked[] {
  const { fixes } = context;
  const { definition } = constraintOf(one);
  switch (fact) {
    case 'definition': {
      const texts = [definition, constraintOf(other).definition].map((text) => context.text(text));
      const fix = fixes.replaceConstraint(one.table ?? '', one.name, definition);
      return [
        context.finding(
          one,
          turnOf(definition),
          'CONSTRAINT_DIFFERS',
          texts as [string, string],
          fix,
        ),
      ];
    }
    case 'disabled': {
      const texts = ['enforced', 'the triggers behind it are disabled'] as const;
      const fix = `${constraintOf(other).disabled.join(';\n')};`;
      return [context.finding(one, TURN.rest, 'CONSTRAINT_NOT_ENFORCED', texts, fix)];
    }
    case 'valid': {
      const fix = `REINDEX INDEX ${fixes.name(one.name)};`;
      return [context.finding(one, TURN.rest, 'INDEX_INVALID', ['valid', 'INVALID'], fix)];
    }
    default: // the columns are in the definition
      return [];
  }
}
