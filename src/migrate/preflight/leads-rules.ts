import type { PreflightFailure } from '../../errors.ts';
import type { Settings } from '../../settings.ts';
import { anotherSchema } from './another-schema.ts';
import type { Facts, Leads } from './facts.ts';

/** What `conversions.lead_id` needs of the table that it references. */
export function leadsConflicts(leads: Leads, role: string, settings: Settings): PreflightFailure[] {
  const { ordinary, idType, idUnique, mayReference } = leads;
  const name = leads.owned ? leads.name : `${leads.name} (owner: ${leads.owner})`;
  const failures: PreflightFailure[] = [];
  const mismatch = (problem: string, fix: string) => {
    failures.push({
      code: 'LEADS_MISMATCH',
      message: `conversions.lead_id cannot reference ${name}: ${problem}.`,
      fix,
    });
  };
  const apart = withoutThisTable(leads, settings);
  if (!ordinary) {
    mismatch('it is not a permanent table', apart);
  } else if (idType === null) {
    mismatch('it has no column id', apart);
  } else if (idType !== 'uuid') {
    mismatch(`its id is ${idType}, not uuid`, apart);
  } else if (!idUnique && !leads.idCanBeUnique) {
    mismatch(
      'it is partitioned by more than its id, so that PostgreSQL allows no unique constraint on id alone',
      apart,
    );
  } else if (!idUnique) {
    mismatch('its id is not unique', `Run: ALTER TABLE ${leads.name} ADD UNIQUE (id);`);
  }
  if (!mayReference) {
    failures.push({
      code: 'NO_REFERENCES_ON_LEADS',
      message: `Role ${role} lacks REFERENCES on ${name}.`,
      fix: `Run: GRANT REFERENCES (id) ON ${leads.name} TO ${role};`,
    });
  }
  return failures;
}

/** How to install beside a leads table that cannot be referenced. */
function withoutThisTable({ schema }: Leads, { schemas: [first, ...others] }: Settings): string {
  const link = 'and link the two tables as docs/deploying.md shows under "Leads with another id".';
  if (others.includes(schema) && schema !== first) {
    return `Leave ${schema} out of schema: the package then creates a leads table in ${first}. Keep your table, ${link}`;
  }
  return `Keep your table, and install into another schema: ${anotherSchema(first)}, ${link}`;
}

/** What is no conflict, and probably not what the application expects. */
export function leadsWarnings(
  { leads, similarToLeads }: Facts,
  creates: readonly string[],
): string[] {
  if (leads === null && creates.includes('leads')) {
    return similarToLeads.map(
      (name) =>
        `conversions.lead_id references a new table leads, not ${name}: only the name leads is looked up. If your leads are in ${name}, roll back, rename that table to leads and call again.`,
    );
  }
  if (leads === null || !creates.includes('conversions')) return [];
  return leads.children.map(
    (name) =>
      `conversions.lead_id cannot reference the rows of ${name}, which inherits from ${leads.name}: PostgreSQL's foreign keys do not see rows of child tables.`,
  );
}
