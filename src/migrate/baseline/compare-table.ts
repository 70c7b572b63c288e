import { identifier, literal } from '../../db/quoting.ts';
import type { PreflightFailure } from '../../errors.ts';
import type { CatalogueIndex, CatalogueTable } from '../../schema/catalogue.ts';
import { definitionSql, type Location } from '../../schema/definitions.ts';
import {
  type ApplicationColumns,
  constraintMayRejectRows,
  indexMayRejectRows,
} from '../../schema/may-reject-rows.ts';
import { recordOf } from '../../schema/records.ts';

/** What separates a table from the one that the migrations create. */
export interface TableComparison {
  /** What the application has to fix. */
  readonly differences: readonly PreflightFailure[];
  /** Statements that fix the rest: names, second indexes, policies, comments. */
  readonly repairs: readonly string[];
}

/**
 * Compares a table with the one that the migrations create. The application's own columns and indexes
 * do not count, unless they may refuse a row. Pure.
 *
 * @param name - the table's name, quoted and qualified
 * @param location - the schema and the leads table that definitions refer to
 */
export function compareTable(
  name: string,
  actual: CatalogueTable,
  expected: CatalogueTable,
  location: Location,
): TableComparison {
  const differences: PreflightFailure[] = [];
  const repairs: string[] = [];
  const differ = (message: string, fix: string) => {
    differences.push({
      code: 'TABLE_MISMATCH',
      message: definitionSql(`${name}: ${message}.`, location),
      fix: definitionSql(fix, location),
    });
  };
  for (const { trait } of actual.traits) {
    differ(`it is ${trait}`, 'Make it an ordinary table, or use another schema.');
  }
  if (differences.length > 0) return { differences, repairs };
  compareColumns(name, actual, expected, differ);
  compareConstraints(name, actual, expected, differ, repairs);
  compareIndexes(name, actual, expected, differ, repairs);
  refuseUniqueIndexes(name, actual, expected, differ);
  for (const policy of actual.policies)
    repairs.push(`DROP POLICY ${identifier(policy)} ON ${name}`);
  repairs.push(...comments(name, expected));
  return { differences, repairs };
}

type Differ = (message: string, fix: string) => void;

function compareColumns(
  name: string,
  actual: CatalogueTable,
  expected: CatalogueTable,
  differ: Differ,
): void {
  for (const [column, wanted] of Object.entries(expected.columns)) {
    const found = actual.columns[column];
    const alter = `Run: ALTER TABLE ${name} ALTER COLUMN ${identifier(column)}`;
    if (!found) {
      const constraint = wanted.notNull ? ' NOT NULL' : '';
      const fallback = wanted.default === null ? '' : ` DEFAULT ${wanted.default}`;
      differ(
        `there is no column ${column}`,
        `Run: ALTER TABLE ${name} ADD COLUMN ${identifier(column)} ${wanted.type}${fallback}${constraint};`,
      );
      continue;
    }
    if (found.type !== wanted.type) {
      differ(`${column} is ${found.type}, not ${wanted.type}`, `${alter} TYPE ${wanted.type};`);
    }
    if (found.notNull !== wanted.notNull) {
      differ(
        `${column} is ${found.notNull ? 'NOT NULL' : 'nullable'}, and should not be`,
        `${alter} ${wanted.notNull ? 'SET' : 'DROP'} NOT NULL;`,
      );
    }
    if (found.default !== wanted.default) {
      differ(
        `the default of ${column} is ${found.default ?? 'none'}, not ${wanted.default ?? 'none'}`,
        `${alter} ${wanted.default === null ? 'DROP DEFAULT' : `SET DEFAULT ${wanted.default}`};`,
      );
    }
  }
  for (const [column, found] of Object.entries(actual.columns)) {
    if (!expected.columns[column] && found.notNull && found.default === null) {
      differ(
        `${column}, a column of your own, is NOT NULL without a default, so that no row can be inserted`,
        `Run: ALTER TABLE ${name} ALTER COLUMN ${identifier(column)} DROP NOT NULL;`,
      );
    }
  }
}

/** Constraints are matched by their definitions; one with another name is renamed. */
function compareConstraints(
  name: string,
  actual: CatalogueTable,
  expected: CatalogueTable,
  differ: Differ,
  repairs: string[],
): void {
  const wanted = Object.entries(expected.constraints).map(([constraint, { definition }]) => ({
    constraint,
    definition,
    found: constraintDefinedAs(actual, constraint, definition),
  }));
  // Extra constraints first: dropping them may free the name of a missing one.
  const ownColumns = applicationColumns(actual, expected);
  for (const [constraint, one] of Object.entries(actual.constraints)) {
    if (
      wanted.some(({ found }) => found === constraint) ||
      !constraintMayRejectRows(one, ownColumns)
    )
      continue;
    const { definition } = one;
    differ(
      `there is an extra constraint, ${constraint} ${definition}`,
      `Run: ALTER TABLE ${name} DROP CONSTRAINT ${identifier(constraint)};`,
    );
  }
  for (const { constraint, definition, found } of wanted) {
    const alter = `ALTER TABLE ${name}`;
    const target = identifier(constraint);
    const columns = /^UNIQUE \((.*)\)$/.exec(definition)?.[1]?.split(', ');
    const index = found === undefined && columns ? uniqueIndexOn(actual, columns) : undefined;
    if (columns && (found ?? index ?? constraint) !== constraint) {
      dropSecondIndex(name, actual, constraint, columns, differ, repairs);
    }
    if (found !== undefined) {
      const disabled = actual.constraints[found]?.disabled ?? [];
      if (disabled.length > 0) {
        differ(
          `${found} is not enforced: the triggers behind it are disabled`,
          `Run: ${disabled.join('; ')};`,
        );
      }
      if (found !== constraint) {
        repairs.push(`${alter} RENAME CONSTRAINT ${identifier(found)} TO ${target}`);
      }
    } else if (index !== undefined) {
      repairs.push(`${alter} ADD CONSTRAINT ${target} UNIQUE USING INDEX ${identifier(index)}`);
    } else {
      const plain = actual.indexes[constraint] ? `DROP INDEX ${schemaOf(name)}.${target}; ` : '';
      differ(
        `there is no constraint ${constraint} ${definition}`,
        `Run: ${plain}${alter} ADD CONSTRAINT ${target} ${definition};`,
      );
    }
  }
}

/** Returns the constraint with this definition, preferably the one of this name. */
function constraintDefinedAs(
  table: CatalogueTable,
  name: string,
  definition: string,
): string | undefined {
  const alike = Object.keys(table.constraints).filter(
    (constraint) => table.constraints[constraint]?.definition === definition,
  );
  return alike.find((constraint) => constraint === name) ?? alike[0];
}

/** Drops a second index on the same columns that has the name of the constraint. */
function dropSecondIndex(
  name: string,
  actual: CatalogueTable,
  wanted: string,
  columns: readonly string[],
  differ: Differ,
  repairs: string[],
): void {
  const taken = actual.indexes[wanted];
  if (!taken) return;
  const redundant =
    taken.constraint === null && taken.predicate === null && same(taken.columns, columns);
  if (redundant) {
    repairs.push(`DROP INDEX ${schemaOf(name)}.${identifier(wanted)}`);
  } else {
    differ(
      `${wanted} is ${describe(taken)}, and the name of the unique constraint on ${columns.join(', ')}`,
      `Run: ALTER INDEX ${schemaOf(name)}.${identifier(wanted)} RENAME TO ${identifier(`${wanted}_old`)};`,
    );
  }
}

function compareIndexes(
  name: string,
  actual: CatalogueTable,
  expected: CatalogueTable,
  differ: Differ,
  repairs: string[],
): void {
  for (const [wanted, index] of Object.entries(expected.indexes)) {
    if (index.constraint !== null) continue;
    const found = actual.indexes[wanted];
    if (found && describe(found) === describe(index)) continue;
    const create = `CREATE INDEX ${identifier(wanted)} ON ${name} (${index.columns.join(', ')})${index.predicate ? ` WHERE ${index.predicate}` : ''};`;
    if (found) {
      differ(
        `${wanted} is ${describe(found)}, not ${describe(index)}`,
        `Run: DROP INDEX ${schemaOf(name)}.${identifier(wanted)}; ${create}`,
      );
      continue;
    }
    const alike = Object.entries(actual.indexes).find(
      ([other, candidate]) =>
        !expected.indexes[other] &&
        candidate.constraint === null &&
        describe(candidate) === describe(index),
    );
    if (alike) {
      repairs.push(
        `ALTER INDEX ${schemaOf(name)}.${identifier(alike[0])} RENAME TO ${identifier(wanted)}`,
      );
    } else {
      differ(`there is no index ${wanted}`, `Run: ${create}`);
    }
  }
}

function applicationColumns(
  { columns }: CatalogueTable,
  expected: CatalogueTable,
): ApplicationColumns {
  return recordOf(Object.entries(columns).filter(([column]) => !(column in expected.columns)));
}

function uniqueIndexOn(table: CatalogueTable, columns: readonly string[]): string | undefined {
  return Object.entries(table.indexes).find(
    ([, index]) =>
      index.unique &&
      index.valid &&
      index.constraint === null &&
      index.predicate === null &&
      index.definition.startsWith('btree ') &&
      same(index.columns, columns),
  )?.[0];
}

/** Reports the application's own unique indexes that may refuse a row. */
function refuseUniqueIndexes(
  name: string,
  actual: CatalogueTable,
  expected: CatalogueTable,
  differ: Differ,
): void {
  const ownColumns = applicationColumns(actual, expected);
  const uniques = Object.values(expected.constraints).map(({ definition }) => definition);
  for (const [index, one] of Object.entries(actual.indexes)) {
    const behindOurs = uniques.includes(`UNIQUE (${one.columns.join(', ')})`);
    if (one.constraint !== null || expected.indexes[index] || behindOurs) continue;
    if (indexMayRejectRows(one, ownColumns)) {
      const drop = `DROP INDEX ${schemaOf(name)}.${identifier(index)};`;
      differ(`there is an extra unique index, ${index} ${one.definition}`, `Run: ${drop}`);
    }
  }
}

function describe({ unique, definition, valid }: CatalogueIndex): string {
  return `${valid ? '' : 'an invalid, '}${unique ? 'unique ' : ''}${definition}`;
}

function comments(name: string, { comment, columns }: CatalogueTable): string[] {
  return [
    `COMMENT ON TABLE ${name} IS ${literal(comment ?? '')}`,
    ...Object.entries(columns).map(
      ([column, { comment: text }]) =>
        `COMMENT ON COLUMN ${name}.${identifier(column)} IS ${literal(text ?? '')}`,
    ),
  ];
}

function same(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}

/** The quoted schema of a quoted, qualified name; names of this package contain no quote. */
function schemaOf(name: string): string {
  return /^"[^"]*"/.exec(name)?.[0] ?? '';
}
