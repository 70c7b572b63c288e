import { identifier } from '../../db/quoting.ts';
import { bareRecord } from '../../schema/bare-records.ts';
import type { CatalogueTable, Grants } from '../../schema/catalogue.ts';
import type { CatalogueObject } from '../../schema/objects.ts';
import { OUTSIDERS } from '../../schema/roles.ts';
import type { Difference } from '../compare.ts';
import { type Context, TURN } from './context.ts';
import type { Ranked } from './finding.ts';
import { grantFindings, ownerLackFindings } from './grants.ts';

/** What is different about a table as a whole. */
export function tableFindings(difference: Difference, context: Context): Ranked[] {
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
        // Tables refer to those that were created before them, and cannot be logged before them.
        return context.finding(one, context.rankOf(one.name), 'TABLE_UNFIT', texts, fix);
      });
    case 'rowSecurity':
      return [
        context.finding(
          one,
          0,
          'RLS_DISABLED',
          ['row level security', 'no row level security'],
          fixes.alter(one.name, 'ENABLE ROW LEVEL SECURITY'),
        ),
      ];
    case 'forcedRowSecurity':
      return [
        context.finding(
          one,
          0,
          'RLS_FORCED',
          ['row level security that spares the owner', 'forced on the owner'],
          fixes.alter(one.name, 'NO FORCE ROW LEVEL SECURITY'),
        ),
      ];
    case 'policies':
      return found.policies.map((policy) => {
        const fix = `DROP POLICY ${identifier(policy)} ON ${name};`;
        return context.finding(one, 0, 'POLICY_ADDED', ['no policy', `policy ${policy}`], fix);
      });
    case 'grants':
      return tableGrants(one, wanted.grants, found.grants, context);
    case 'typeGrants': {
      const privileged = { object: `type ${context.qualified(one.name)}`, sql: `TYPE ${name}` };
      return grantFindings(privileged, wanted.typeGrants, found.typeGrants, context).map(
        (finding) => ({ ...finding, code: 'TYPE_PUBLIC' as const }),
      );
    }
    case 'ownerLacks':
      return ownerLackFindings(
        { object: context.object(one), sql: `TABLE ${name}` },
        context.actual.owners.find((owned) => owned.name === one.name)?.owner ?? context.owner,
        found.ownerLacks,
      );
    default:
      return [];
  }
}

function missing(one: CatalogueObject, context: Context): Ranked[] {
  const { fixes, actual, migrationsTable } = context;
  const contents = context.expected(one.name);
  // The application's own leads stands for the placeholder; without a migrations table nothing is compared.
  const stands = one.name === 'leads' && actual.leads !== null;
  if (contents === undefined || stands || one.name === migrationsTable) return [];
  const holder = context.holderOf(one.name);
  if (holder !== undefined) {
    const fix = fixes.alter(holder, `RENAME TO ${identifier(one.name)}`);
    const texts = [`named ${one.name}`, `${holder} has its indexes`] as const;
    return [context.finding(one, 0, 'TABLE_RENAMED', texts, fix)];
  }
  const fix = fixes.createTable(one.name, contents);
  return [context.finding(one, TURN.tables, 'TABLE_MISSING', ['a table', 'missing'], fix)];
}

/** A role that boots with SELECT on the migrations table alone sees no row of it. */
function tableGrants(
  one: CatalogueObject,
  expected: Grants,
  found: Grants,
  context: Context,
): Ranked[] {
  const isReader = ([role, privileges]: [string, readonly string[]]) =>
    one.name === context.migrationsTable &&
    expected[role] === undefined &&
    role !== 'PUBLIC' &&
    !OUTSIDERS.includes(role) &&
    privileges.join() === 'SELECT' &&
    !context.actual.sighted.includes(role);
  const all = Object.entries(found);
  const privileged = {
    object: context.object(one),
    sql: `TABLE ${context.fixes.name(one.name)}`,
  };
  return [
    ...all.filter(isReader).map(([role]) => {
      const texts = [
        'roles that ask what is pending',
        `${role} has SELECT, and sees no row`,
      ] as const;
      return context.finding(one, 0, 'MIGRATIONS_TABLE_READABLE', texts, undefined);
    }),
    ...grantFindings(
      privileged,
      expected,
      bareRecord(all.filter((entry) => !isReader(entry))),
      context,
    ),
  ];
}
