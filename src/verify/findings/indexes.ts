import { identifier } from '../../db/quoting.ts';
import type { CatalogueIndex } from '../../schema/catalogue.ts';
import { indexMayRejectRows } from '../../schema/may-reject-rows.ts';
import type { CatalogueObject } from '../catalogue-objects.ts';
import type { Difference } from '../compare.ts';
import { atomic } from '../fixes.ts';
import { APPLICATIONS_OWN, type Context } from './context.ts';
import { STAGE, type StagedFinding } from './finding.ts';

/** Returns findings about an index that is not a constraint's. */
export function indexFindings(difference: Difference, context: Context): StagedFinding[] {
  const { fixes } = context;
  switch (difference.change) {
    case 'missing': {
      const { expected: one } = difference;
      const fix = fixes.createIndex(one.table ?? '', one.name, indexOf(one));
      const texts = [textOf(one), 'missing'] as const;
      return [context.finding(one, STAGE.rest, 'INDEX_MISSING', texts, fix)];
    }
    case 'added':
      return [added(difference.found, context)];
    case 'renamed': {
      const { expected: one, found } = difference;
      const fix = `ALTER INDEX ${fixes.name(found.name)} RENAME TO ${identifier(one.name)};`;
      const texts = [`named ${one.name}`, `named ${found.name}`] as const;
      return [context.finding(one, STAGE.conflicts, 'INDEX_RENAMED', texts, fix)];
    }
    case 'changed': {
      const { expected: one, found, fact } = difference;
      const name = fixes.name(one.name);
      if (fact === 'valid') {
        const fix = `REINDEX INDEX ${name};`;
        return [context.finding(one, STAGE.rest, 'INDEX_INVALID', ['valid', 'INVALID'], fix)];
      }
      // The definition has the columns and the predicate.
      if (fact !== 'definition' && fact !== 'unique') return [];
      const create = fixes.createIndex(one.table ?? '', one.name, indexOf(one));
      const fix = atomic([`DROP INDEX ${name};`, create]);
      const texts = [textOf(one), textOf(found)] as const;
      return [context.finding(one, STAGE.rest, 'INDEX_DIFFERS', texts, fix)];
    }
  }
}

const indexOf = ({ facts }: CatalogueObject) => facts as unknown as CatalogueIndex;

function textOf(one: CatalogueObject): string {
  const { unique, definition } = indexOf(one);
  return `${unique ? 'unique ' : ''}${definition}`;
}

/** An index may stay unless it can reject a row of the package, or has the name of a constraint's index. */
function added(one: CatalogueObject, context: Context): StagedFinding {
  const { table = '', name } = one;
  const { definition, valid } = indexOf(one);
  const drop = `DROP INDEX ${context.fixes.name(name)};`;
  const expected = context.expected(table)?.indexes ?? {};
  if (expected[name] !== undefined) {
    const texts = ['the index of a constraint', textOf(one)] as const;
    return context.finding(one, STAGE.conflicts, 'INDEX_CONFLICT', texts, drop);
  }
  if (indexMayRejectRows(indexOf(one), context.applicationColumns(table))) {
    const texts = ['none that may reject rows of the package', textOf(one)] as const;
    return context.finding(one, STAGE.conflicts, 'INDEX_CONFLICT', texts, drop);
  }
  const [twin] =
    Object.entries(expected).find(([, other]) => other.definition === definition) ?? [];
  const text = [textOf(one), twin && `a duplicate of ${twin}`, !valid && 'INVALID'].filter(Boolean);
  const fix = twin !== undefined || !valid ? drop : undefined;
  return context.finding(
    one,
    STAGE.conflicts,
    'INDEX_ADDED',
    [APPLICATIONS_OWN, text.join(', ')],
    fix,
  );
}
