import { identifier } from '../../db/quoting.ts';
import { indexMayRefuse } from '../../schema/additions.ts';
import type { CatalogueIndex } from '../../schema/catalogue.ts';
import type { CatalogueObject } from '../../schema/objects.ts';
import type { Difference } from '../compare.ts';
import { type Context, HOSTS_OWN, TURN } from './context.ts';
import type { Ranked } from './finding.ts';

/** What is different about an index that no constraint stands on. */
export function indexFindings(difference: Difference, context: Context): Ranked[] {
  const { fixes } = context;
  switch (difference.change) {
    case 'missing': {
      const { expected: one } = difference;
      const fix = fixes.createIndex(one.table ?? '', one.name, indexOf(one));
      const texts = [textOf(one), 'missing'] as const;
      return [context.finding(one, TURN.rest, 'INDEX_MISSING', texts, fix)];
    }
    case 'added':
      return [added(difference.found, context)];
    case 'renamed': {
      const { expected: one, found } = difference;
      const fix = `ALTER INDEX ${fixes.name(found.name)} RENAME TO ${identifier(one.name)};`;
      const texts = [`named ${one.name}`, `named ${found.name}`] as const;
      return [context.finding(one, TURN.room, 'INDEX_RENAMED', texts, fix)];
    }
    case 'changed': {
      const { expected: one, found, fact } = difference;
      const name = fixes.name(one.name);
      if (fact === 'valid') {
        const fix = `REINDEX INDEX ${name};`;
        return [context.finding(one, TURN.rest, 'INDEX_INVALID', ['valid', 'INVALID'], fix)];
      }
      // The columns and the predicate are in the definition.
      if (fact !== 'definition' && fact !== 'unique') return [];
      const create = fixes.createIndex(one.table ?? '', one.name, indexOf(one));
      const fix = `DROP INDEX ${name};\n${create}`;
      const texts = [textOf(one), textOf(found)] as const;
      return [context.finding(one, TURN.rest, 'INDEX_DIFFERS', texts, fix)];
    }
  }
}

const indexOf = ({ facts }: CatalogueObject) => facts as unknown as CatalogueIndex;

function textOf(one: CatalogueObject): string {
  const { unique, definition } = indexOf(one);
  return `${unique ? 'unique ' : ''}${definition}`;
}

/** The application's own affair, unless it can refuse a row of ours, or has the name of one of ours. */
function added(one: CatalogueObject, context: Context): Ranked {
  const { table = '', name } = one;
  const { definition, valid } = indexOf(one);
  const drop = `DROP INDEX ${context.fixes.name(name)};`;
  const expected = context.expected(table)?.indexes ?? {};
  if (expected[name] !== undefined) {
    const texts = ['the index of a constraint', textOf(one)] as const;
    return context.finding(one, TURN.room, 'INDEX_CONFLICT', texts, drop);
  }
  if (indexMayRefuse(indexOf(one), context.applicationColumns(table))) {
    const texts = ['none that may refuse rows of ours', textOf(one)] as const;
    return context.finding(one, TURN.room, 'INDEX_CONFLICT', texts, drop);
  }
  const [second] =
    Object.entries(expected).find(([, other]) => other.definition === definition) ?? [];
  const text = [textOf(one), second && `as ${second} is`, !valid && 'INVALID'].filter(Boolean);
  const fix = second !== undefined || !valid ? drop : undefined;
  return context.finding(one, TURN.room, 'INDEX_ADDED', [HOSTS_OWN, text.join(', ')], fix);
}
