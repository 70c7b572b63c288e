import { identifier } from '../../db/quoting.ts';
import type { CatalogueColumn, Grants } from '../../schema/catalogue.ts';
import type { CatalogueObject } from '../../schema/objects.ts';
import type { Difference } from '../compare.ts';
import { type Context, HOSTS_OWN, TURN } from './context.ts';
import type { Ranked } from './finding.ts';
import { grantFindings } from './grants.ts';

/** What is different about a column. */
export function columnFindings(difference: Difference, context: Context): Ranked[] {
  switch (difference.change) {
    case 'missing':
      return missing(difference.expected, context);
    case 'added':
      return added(difference.found, context);
    case 'changed':
      return changed(difference.fact, difference.expected, difference.found, context);
    case 'renamed':
      return renamed(difference.expected, difference.found, context);
  }
}

const columnOf = ({ facts }: CatalogueObject) => facts as unknown as CatalogueColumn;

function missing(one: CatalogueObject, context: Context): Ranked[] {
  const { table = '', name } = one;
  const column = context.expected(table)?.columns[name];
  if (column === undefined) return [];
  const fix = context.fixes.addColumn(table, name, column);
  return [context.finding(one, TURN.columns, 'COLUMN_MISSING', [column.type, 'missing'], fix)];
}

function renamed(one: CatalogueObject, other: CatalogueObject, context: Context): Ranked[] {
  const rename = `RENAME COLUMN ${identifier(other.name)} TO ${identifier(one.name)}`;
  const fix = context.fixes.alter(one.table ?? '', rename);
  const texts = [`named ${one.name}`, `named ${other.name}`] as const;
  return [context.finding(one, TURN.room, 'COLUMN_RENAMED', texts, fix)];
}

function added(one: CatalogueObject, context: Context): Ranked[] {
  const { type, notNull, default: value, grants } = columnOf(one);
  const alter = `ALTER COLUMN ${identifier(one.name)} DROP NOT NULL`;
  return [
    notNull && value === null
      ? context.finding(
          one,
          TURN.room,
          'COLUMN_CONFLICT',
          [
            'nullable, or with a default',
            `${type} NOT NULL without a default: no row of ours fits`,
          ],
          context.fixes.alter(one.table ?? '', alter),
        )
      : context.finding(one, TURN.room, 'COLUMN_ADDED', [HOSTS_OWN, type], undefined),
    ...columnGrants(one, {}, grants, context),
  ];
}

function changed(
  fact: string,
  one: CatalogueObject,
  other: CatalogueObject,
  context: Context,
): Ranked[] {
  const { table = '', name } = one;
  const { fixes } = context;
  const [wanted, found] = [columnOf(one), columnOf(other)];
  switch (fact) {
    case 'type': {
      const fix = fixes.setType(table, name, wanted, found);
      return [context.finding(one, TURN.columns, 'COLUMN_TYPE', [wanted.type, found.type], fix)];
    }
    case 'notNull': {
      const alter = `ALTER COLUMN ${identifier(name)}`;
      // PostgreSQL 18 takes no second NOT NULL beside one that was never validated.
      const actions = [
        `${alter} DROP NOT NULL`,
        ...(wanted.notNull ? [`${alter} SET NOT NULL`] : []),
      ];
      const fix = actions.map((action) => fixes.alter(table, action)).join('\n');
      const texts = [wanted, found].map(({ notNull }) => (notNull ? 'NOT NULL' : 'nullable'));
      return [
        context.finding(one, TURN.columns, 'COLUMN_NOT_NULL', texts as [string, string], fix),
      ];
    }
    case 'default': {
      const texts = [wanted, found].map((column) => column.default ?? 'no default');
      const fix =
        wanted.default === 'serial'
          ? fixes.serial(table, name, found.default)
          : fixes.setDefault(table, name, wanted.default, found.default);
      return [context.finding(one, TURN.columns, 'COLUMN_DEFAULT', texts as [string, string], fix)];
    }
    case 'grants':
      return columnGrants(one, wanted.grants, found.grants, context);
    default:
      return [];
  }
}

function columnGrants(
  one: CatalogueObject,
  expected: Grants,
  found: Grants,
  context: Context,
): Ranked[] {
  const privileged = {
    object: context.object(one),
    sql: `TABLE ${context.fixes.name(one.table ?? '')}`,
    column: identifier(one.name),
  };
  return grantFindings(privileged, expected, found, context);
}
