import { identifier } from '../../db/quoting.ts';
import type { CatalogueTable, Grants } from '../../schema/catalogue.ts';
import { recordOf } from '../../schema/records.ts';
import { CLIENT_ROLES } from '../../schema/scope.ts';
import type { CatalogueObject } from '../catalogue-objects.ts';
import type { Difference } from '../compare.ts';
import type { Context } from './context.ts';
import { STAGE, type StagedFinding } from './finding.ts';
import { ownerPrivilegeFindings, privilegeFindings } from './privileges.ts';

/** Returns findings about a table as a whole. */
export function tableFindings(difference: Difference, context: Context): StagedFinding[] {
  if (difference.change === 'missing') return missing(difference.expected, context);
  if (difference.change !== 'changed') return [];
  const { expected: one, found: other, fact } = difference;
  const { fixes } = context;
  const [wanted, found] = [one, other].map(({ facts }) => facts as unknown as CatalogueTable) as [
    CatalogueTable,
    CatalogueTable,
  ];
  const name = fixes.name(one.name);
  switch (fact) {
    case 'traits':
      return found.traits.map(({ trait, undo }) => {
        const fix = undo === null ? 'Move its rows into an ordinary table.' : `${undo};`;
        const texts = ['an ordinary table', trait] as const;
        // SET LOGGED requires that the tables which a foreign key refers to are logged.
        return context.finding(
          one,
          context.creationOrder(one.name),
          'TABLE_NOT_ORDINARY',
          texts,
          fix,
        );
      });
    case 'rowSecurity':
      return [
        context.finding(
          one,
          STAGE.first,
          'RLS_DISABLED',
          ['row level security', 'no row level security'],
          fixes.alter(one.name, 'ENABLE ROW LEVEL SECURITY'),
        ),
      ];
    case 'forcedRowSecurity':
      return [
        context.finding(
          one,
          STAGE.first,
          'RLS_FORCED',
          ['row level security that does not apply to the owner', 'forced on the owner'],
          fixes.alter(one.name, 'NO FORCE ROW LEVEL SECURITY'),
        ),
      ];
    case 'policies':
      return found.policies.map((policy) => {
        const fix = `DROP POLICY ${identifier(policy)} ON ${name};`;
        return context.finding(
          one,
          STAGE.first,
          'POLICY_ADDED',
          ['no policy', `policy ${policy}`],
          fix,
        );
      });
    case 'grants':
      return tableGrants(one, wanted.grants, found.grants, context);
    case 'typeGrants': {
      const privileged = { object: `type ${context.qualified(one.name)}`, sql: `TYPE ${name}` };
      return privilegeFindings(privileged, wanted.typeGrants, found.typeGrants, context).map(
        (finding) => ({ ...finding, code: 'TYPE_PUBLIC' as const }),
      );
    }
    case 'ownerLacks':
      return ownerPrivilegeFindings(
        { object: context.object(one), sql: `TABLE ${name}` },
        context.ownership('table', one.name)?.owner ?? context.actual.owner,
        found.ownerLacks,
      );
    default:
      return [];
  }
}

function missing(one: CatalogueObject, context: Context): StagedFinding[] {
  const { fixes, actual, migrationsTable } = context;
  const contents = context.expected(one.name);
  // The application's leads replaces the placeholder; without a migrations table nothing is compared.
  const isReplaced = one.name === 'leads' && actual.leads !== null;
  if (contents === undefined || isReplaced || one.name === migrationsTable) return [];
  const present = context.renamedTo(one.name);
  if (present !== undefined) {
    const fix = fixes.alter(present, `RENAME TO ${identifier(one.name)}`);
    const texts = [`named ${one.name}`, `${present} has its indexes`] as const;
    return [context.finding(one, STAGE.first, 'TABLE_RENAMED', texts, fix)];
  }
  const fix = fixes.createTable(one.name, contents);
  return [context.finding(one, STAGE.tables, 'TABLE_MISSING', ['a table', 'missing'], fix)];
}

/** A role that checks for pending migrations has SELECT on the migrations table, and sees no row of it. */
function tableGrants(
  one: CatalogueObject,
  expected: Grants,
  found: Grants,
  context: Context,
): StagedFinding[] {
  const isReader = ([role, privileges]: [string, readonly string[]]) =>
    one.name === context.migrationsTable &&
    expected[role] === undefined &&
    role !== 'PUBLIC' &&
    !CLIENT_ROLES.includes(role) &&
    privileges.join() === 'SELECT' &&
    !context.actual.rolesSeeingRows.includes(role);
  const all = Object.entries(found);
  const privileged = {
    object: context.object(one),
    sql: `TABLE ${context.fixes.name(one.name)}`,
  };
  return [
    ...all.filter(isReader).map(([role]) => {
      const texts = [
        'roles that check for pending migrations',
        `${role} has SELECT, and sees no row`,
      ] as const;
      return context.finding(one, STAGE.first, 'MIGRATIONS_TABLE_READABLE', texts, undefined);
    }),
    ...privilegeFindings(
      privileged,
      expected,
      recordOf(all.filter((entry) => !isReader(entry))),
      context,
    ),
  ];
}
