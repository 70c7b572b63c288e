import { identifier } from '../../db/quoting.ts';
import type { CatalogueConstraint } from '../../schema/catalogue.ts';
import { constraintMayRejectRows } from '../../schema/may-reject-rows.ts';
import type { CatalogueObject } from '../catalogue-objects.ts';
import type { Difference } from '../compare.ts';
import { APPLICATIONS_OWN, type Context } from './context.ts';
import { STAGE, type StagedFinding } from './finding.ts';

/** Returns findings about a constraint or its index. */
export function constraintFindings(difference: Difference, context: Context): StagedFinding[] {
  switch (difference.change) {
    case 'missing': {
      const { expected: one } = difference;
      const { definition } = constraintOf(one);
      const fix = context.fixes.addConstraint(one.table ?? '', one.name, definition);
      const texts = [context.text(definition), 'missing'] as const;
      return [context.finding(one, stageOf(definition), 'CONSTRAINT_MISSING', texts, fix)];
    }
    case 'added':
      return added(difference.found, context);
    case 'renamed': {
      const { expected: one, found } = difference;
      const rename = `RENAME CONSTRAINT ${identifier(found.name)} TO ${identifier(one.name)}`;
      const fix = context.fixes.alter(one.table ?? '', rename);
      const texts = [`named ${one.name}`, `named ${found.name}`] as const;
      return [context.finding(one, STAGE.conflicts, 'CONSTRAINT_RENAMED', texts, fix)];
    }
    case 'changed':
      return changed(difference.fact, difference.expected, difference.found, context);
  }
}

const constraintOf = ({ facts }: CatalogueObject) => facts as unknown as CatalogueConstraint;

function stageOf(definition: string): number {
  if (definition.startsWith('FOREIGN KEY')) return STAGE.references;
  return definition.startsWith('CHECK') ? STAGE.checks : STAGE.keys;
}

/** A constraint that cannot reject a row of the package may stay. */
function added(one: CatalogueObject, context: Context): StagedFinding[] {
  const { table = '', name } = one;
  const { definition } = constraintOf(one);
  const text = context.text(definition);
  if (!constraintMayRejectRows(constraintOf(one), context.applicationColumns(table))) {
    return [
      context.finding(
        one,
        STAGE.conflicts,
        'CONSTRAINT_ADDED',
        [APPLICATIONS_OWN, text],
        undefined,
      ),
    ];
  }
  const fix = context.fixes.alter(table, `DROP CONSTRAINT ${identifier(name)}`);
  const texts = ['none that may reject rows of the package', text] as const;
  return [context.finding(one, STAGE.conflicts, 'CONSTRAINT_CONFLICT', texts, fix)];
}

function changed(
  fact: string,
  one: CatalogueObject,
  other: CatalogueObject,
  context: Context,
): StagedFinding[] {
  const { fixes } = context;
  const { definition } = constraintOf(one);
  switch (fact) {
    case 'definition': {
      const texts = [definition, constraintOf(other).definition].map((text) => context.text(text));
      const fix = fixes.replaceConstraint(one.table ?? '', one.name, definition);
      return [
        context.finding(
          one,
          stageOf(definition),
          'CONSTRAINT_DIFFERS',
          texts as [string, string],
          fix,
        ),
      ];
    }
    case 'disabled': {
      const texts = ['enforced', 'its triggers are disabled'] as const;
      const fix = `${constraintOf(other).disabled.join(';\n')};`;
      return [context.finding(one, STAGE.rest, 'CONSTRAINT_NOT_ENFORCED', texts, fix)];
    }
    case 'valid': {
      const fix = `REINDEX INDEX ${fixes.name(one.name)};`;
      return [context.finding(one, STAGE.rest, 'INDEX_INVALID', ['valid', 'INVALID'], fix)];
    }
    default: // the definition has the columns
      return [];
  }
}
