import { bareRecord } from '../../schema/bare-records.ts';
import type { Catalogue, Contents } from '../../schema/catalogue.ts';
import type { CatalogueObject } from '../../schema/objects.ts';
import { functionIn } from '../../schema/placeholders.ts';
import { compare, type Difference } from '../compare.ts';
import { columnFindings } from './columns.ts';
import { constraintFindings } from './constraints.ts';
import { Context } from './context.ts';
import type { Ranked } from './finding.ts';
import { indexFindings } from './indexes.ts';
import { functionFindings, sequenceFindings, triggerFindings } from './routines.ts';
import { surroundingFindings } from './surroundings.ts';
import { tableFindings } from './tables.ts';

/**
 * Everything that is not as expected: what the differences mean, and what fixes them. Pure.
 *
 * @param migrations table - the migrations table's name
 * @param schema - where the tables are
 */
export function findingsOf(
  expected: Contents,
  actual: Catalogue,
  migrationsTable: string,
  schema: string,
): Ranked[] {
  const placed = withFunctionsIn(actual.space ?? '', expected);
  const context = new Context(placed, actual, migrationsTable, schema);
  const all = compare(placed, actual, migrationsTable).flatMap((difference) =>
    interpret(difference, placed, context),
  );
  return [...withoutRepeats(all), ...surroundingFindings(actual, schema)];
}

/** The text of a function names its schema anywhere: it is compared as the server gives it. */
function withFunctionsIn(space: string, { functions, ...rest }: Contents): Contents {
  const placed = Object.entries(functions).map(
    ([signature, one]) => [signature, functionIn(space, one)] as const,
  );
  return { ...rest, functions: bareRecord(placed) };
}

function interpret(difference: Difference, { functions }: Contents, context: Context): Ranked[] {
  const one = difference.change === 'added' ? difference.found : difference.expected;
  // What is on a table of another name is looked at once it has its own.
  if (one.kind !== 'table' && one.table && context.holderOf(one.table)) return [];
  if (difference.change !== 'added' && refersToRenamed(one, context)) return [];
  // Of something that is no table nothing else can be fixed.
  const isTraits = difference.change === 'changed' && difference.fact === 'traits';
  if (one.table && context.isNoTable(one.table) && !isTraits) return [];
  switch (one.kind) {
    case 'table':
      return tableFindings(difference, context);
    case 'column':
      return columnFindings(difference, context);
    case 'constraint':
      return constraintFindings(difference, context);
    case 'index':
      return indexFindings(difference, context);
    case 'trigger':
      return triggerFindings(difference, context);
    case 'sequence':
      return sequenceFindings(difference, context);
    case 'function': {
      const wanted = functions[one.name];
      return wanted ? functionFindings(difference, wanted, context) : [];
    }
  }
}

/** A foreign key follows its table when that gets its name back. */
function refersToRenamed({ kind, facts }: CatalogueObject, context: Context): boolean {
  if (kind !== 'constraint') return false;
  const [, name, leads] =
    / REFERENCES (?:\{schema\}\.(\w+)|\{(leads)\})\(/.exec(String(facts.definition)) ?? [];
  const table = name ?? leads;
  return table !== undefined && context.holderOf(table) !== undefined;
}

/** Two facts of an object may come to the same. */
function withoutRepeats(all: readonly Ranked[]): Ranked[] {
  const key = ({ code, object, found }: Ranked) => JSON.stringify([code, object, found]);
  return [...new Map(all.map((one) => [key(one), one])).values()];
}
