import { identifier } from '../../db/quoting.ts';
import type { CatalogueColumn, Grants } from '../../schema/catalogue.ts';
import type { CatalogueObject } from '../catalogue-objects.ts';
import type { Difference } from '../compare.ts';
import { atomic } from '../fixes.ts';
import { APPLICATIONS_OWN, type Context } from './context.ts';
import { STAGE, type StagedFinding } from './finding.ts';
import { privilegeFindings } from './privileges.ts';

/** Returns findings about a column. */
export function columnFindings(difference: Difference, context: Context): StagedFinding[] {
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

function missing(one: CatalogueObject, context: Context): StagedFinding[] {
  const { table = '', name } = one;
  const column = context.expected(table)?.columns[name];
  if (column === undefined) return [];
  const fix = context.fixes.addColumn(table, name, column);
  return [context.finding(one, STAGE.columns, 'COLUMN_MISSING', [column.type, 'missing'], fix)];
}

function renamed(one: CatalogueObject, other: CatalogueObject, context: Context): StagedFinding[] {
  const rename = `RENAME COLUMN ${identifier(other.name)} TO ${identifier(one.name)}`;
  const fix = context.fixes.alter(one.table ?? '', rename);
  const texts = [`named ${one.name}`, `named ${other.name}`] as const;
  return [context.finding(one, STAGE.conflicts, 'COLUMN_RENAMED', texts, fix)];
}

function added(one: CatalogueObject, context: Context): StagedFinding[] {
  const { type, notNull, default: value, grants } = columnOf(one);
  const alter = `ALTER COLUMN ${identifier(one.name)} DROP NOT NULL`;
  return [
    notNull && value === null
      ? context.finding(
          one,
          STAGE.conflicts,
          'COLUMN_CONFLICT',
          [
            'nullable, or with a default',
            `${type} NOT NULL without a default, which rejects every row of the package`,
          ],
          context.fixes.alter(one.table ?? '', alter),
        )
      : context.finding(one, STAGE.conflicts, 'COLUMN_ADDED', [APPLICATIONS_OWN, type], undefined),
    ...columnGrants(one, {}, grants, context),
  ];
}

function changed(
  fact: string,
  one: CatalogueObject,
  other: CatalogueObject,
  context: Context,
): StagedFinding[] {
  const { table = '', name } = one;
  const { fixes } = context;
  const [wanted, found] = [columnOf(one), columnOf(other)];
  switch (fact) {
    case 'type': {
      const fix = fixes.setType(table, name, wanted, found);
      return [
        context.finding(one, STAGE.columns, 'COLUMN_TYPE_DIFFERS', [wanted.type, found.type], fix),
      ];
    }
    case 'notNull': {
      const alter = `ALTER COLUMN ${identifier(name)}`;
      // PostgreSQL 18 rejects a second NOT NULL beside one that is NOT VALID.
      const actions = [
        `${alter} DROP NOT NULL`,
        ...(wanted.notNull ? [`${alter} SET NOT NULL`] : []),
      ];
      const fix = atomic(actions.map((action) => fixes.alter(table, action)));
      const texts = [wanted, found].map(({ notNull }) => (notNull ? 'NOT NULL' : 'nullable'));
      return [
        context.finding(
          one,
          STAGE.columns,
          'COLUMN_NOT_NULL_DIFFERS',
          texts as [string, string],
          fix,
        ),
      ];
    }
    case 'default': {
      const texts = [wanted, found].map((column) => column.default ?? 'no default');
      const fix =
        wanted.default === 'serial'
          ? fixes.setSerial(table, name, found.default, context.actual.sequences[table]?.[name])
          : fixes.setDefault(table, name, wanted.default, found.default);
      return [
        context.finding(
          one,
          STAGE.columns,
          'COLUMN_DEFAULT_DIFFERS',
          texts as [string, string],
          fix,
        ),
      ];
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
): StagedFinding[] {
  const privileged = {
    object: context.object(one),
    sql: `TABLE ${context.fixes.name(one.table ?? '')}`,
    column: identifier(one.name),
  };
  return privilegeFindings(privileged, expected, found, context);
}
