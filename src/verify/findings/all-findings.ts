import type { Catalogue, Contents } from '../../schema/catalogue.ts';
import { functionInSchema } from '../../schema/definitions.ts';
import { recordOf } from '../../schema/records.ts';
import type { CatalogueObject } from '../catalogue-objects.ts';
import { compare, type Difference } from '../compare.ts';
import { columnFindings } from './columns.ts';
import { constraintFindings } from './constraints.ts';
import { Context } from './context.ts';
import { environmentFindings } from './environment.ts';
import type { StagedFinding } from './finding.ts';
import { functionFindings, sequenceFindings, triggerFindings } from './functions.ts';
import { indexFindings } from './indexes.ts';
import { ownerFindings } from './owners.ts';
import { tableFindings } from './tables.ts';

/**
 * Returns a finding with its fix for every difference. Pure.
 *
 * @param migrationsTable - its name
 * @param schema - the schema of the tables
 */
export function allFindings(
  expected: Contents,
  actual: Catalogue,
  migrationsTable: string,
  schema: string,
): StagedFinding[] {
  const located = withFunctionsIn(actual.schema ?? '', expected);
  const context = new Context(located, actual, migrationsTable, schema);
  const differences = compare(located, actual, migrationsTable)
    .filter((difference) => isFixable(difference, context))
    .flatMap((difference) => findingsOf(difference, located, context));
  return [
    ...withoutRepeats(differences),
    ...ownerFindings(located.functions, context),
    ...environmentFindings(actual, schema),
  ];
}

/** A function's text may name its schema anywhere, so it is compared as the server prints it. */
function withFunctionsIn(schema: string, { functions, ...rest }: Contents): Contents {
  const located = Object.entries(functions).map(
    ([signature, one]) => [signature, functionInSchema(schema, one)] as const,
  );
  return { ...rest, functions: recordOf(located) };
}

/** Some differences disappear with the fix of another finding, or can be fixed only after it. */
function isFixable(difference: Difference, context: Context): boolean {
  const one = difference.change === 'added' ? difference.found : difference.expected;
  const { kind, name, table } = one;
  if (difference.change !== 'added' && refersToRenamed(one, context)) return false;
  if (kind === 'function') return !context.isForeign('function', name);
  if (table === undefined) return true;
  if (context.isForeign('table', table)) return false;
  if (kind === 'trigger' && context.callsForeign(table, name)) return false;
  if (kind !== 'table' && context.renamedTo(table)) return false;
  const isTraits = difference.change === 'changed' && difference.fact === 'traits';
  return isTraits || !context.isOtherRelation(table);
}

/** A foreign key follows its table when that is renamed back. */
function refersToRenamed({ kind, facts }: CatalogueObject, context: Context): boolean {
  if (kind !== 'constraint') return false;
  const [, name, leads] =
    / REFERENCES (?:\{schema\}\.(\w+)|\{(leads)\})\(/.exec(String(facts.definition)) ?? [];
  const table = name ?? leads;
  return table !== undefined && context.renamedTo(table) !== undefined;
}

function findingsOf(
  difference: Difference,
  { functions }: Contents,
  context: Context,
): StagedFinding[] {
  const one = difference.change === 'added' ? difference.found : difference.expected;
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

/** Two facts of one object may result in the same finding. */
function withoutRepeats(all: readonly StagedFinding[]): StagedFinding[] {
  const key = ({ code, object, found }: StagedFinding) => JSON.stringify([code, object, found]);
  return [...new Map(all.map((one) => [key(one), one])).values()];
}
