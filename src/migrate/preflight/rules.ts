import { identifier } from '../../db/quoting.ts';
import type { PreflightCode, PreflightFailure } from '../../errors.ts';
import { madeBy } from '../../schema/expected.ts';
import type { Migration } from '../../schema/migrations.ts';
import type { Settings } from '../../settings.ts';
import { anotherSchema } from './another-schema.ts';
import type { Facts, NamedObject } from './facts.ts';
import { leadsConflicts } from './leads-rules.ts';
import { ownerConflicts } from './owner-rules.ts';

const OLDEST_SERVER = 140_000;

const WRONG_PLACE: ReadonlySet<PreflightCode> = new Set([
  'INSTALLED_ELSEWHERE',
  'RECORDED_ELSEWHERE',
  'TABLE_CONFLICT',
]);

/**
 * Finds every conflict with the selected migrations. Pure: facts in, failures out.
 *
 * @param differences - conflicts found elsewhere. One that means another schema, or other tables, comes
 *   without those of the tables that are there: their fixes would change what is not the package's.
 */
export function findConflicts(
  facts: Facts,
  settings: Settings,
  selected: readonly Migration[],
  differences: readonly PreflightFailure[],
): readonly PreflightFailure[] {
  const general = [...serverConflicts(facts), ...schemaConflicts(facts, settings)];
  const wrongPlace = differences.filter(({ code }) => WRONG_PLACE.has(code));
  if (wrongPlace.length > 0) return [...general, ...wrongPlace];
  const failures = [...general, ...ownerConflicts(facts, settings), ...differences];
  if (settings.direction === 'down') return failures;
  const creates = selected.flatMap((migration) => migration.creates);
  const refersToLeads = creates.includes('leads') || creates.includes('conversions');
  return [
    ...failures,
    ...conflictingTables(facts, settings, creates),
    ...conflictingNames(facts, settings, selected),
    ...(refersToLeads && facts.leads ? leadsConflicts(facts.leads, facts.role, settings) : []),
  ];
}

function serverConflicts({ serverVersion }: Facts): PreflightFailure[] {
  if (serverVersion >= OLDEST_SERVER) return [];
  return [
    {
      code: 'UNSUPPORTED_SERVER',
      message: `The server is PostgreSQL ${Math.floor(serverVersion / 10_000)}, and the schema needs 14 or newer.`,
      fix: 'Upgrade the server.',
    },
  ];
}

function schemaConflicts(facts: Facts, { createSchema }: Settings): PreflightFailure[] {
  const { role, database, mayCreateSchema } = facts;
  return facts.schemas.flatMap(({ name, exists, mayUse, mayCreate }, index): PreflightFailure[] => {
    const schema = identifier(name);
    if (!exists && index === 0 && createSchema) {
      if (mayCreateSchema) return [];
      return [
        {
          code: 'NO_CREATE_ON_SCHEMA',
          message: `Role ${role} has no CREATE on database ${database}, and schema ${schema} does not exist.`,
          fix: `Run: GRANT CREATE ON DATABASE ${database} TO ${role};`,
        },
      ];
    }
    if (!exists) {
      const orAsk = index === 0 ? ' Or pass createSchema: true (--create-schema).' : '';
      return [
        {
          code: 'SCHEMA_NOT_FOUND',
          message: `Schema ${schema} does not exist.`,
          fix: `${anotherMeant(name, index, facts)}Run: CREATE SCHEMA ${schema};${orAsk}`,
        },
      ];
    }
    if (index > 0) {
      if (mayUse) return [];
      return [
        {
          code: 'NO_USAGE_ON_SCHEMA',
          message: `Role ${role} has no USAGE on schema ${schema}.`,
          fix: `Run: GRANT USAGE ON SCHEMA ${schema} TO ${role};`,
        },
      ];
    }
    if (mayUse && mayCreate) return [];
    return [
      {
        code: 'NO_CREATE_ON_SCHEMA',
        message: `Role ${role} lacks USAGE or CREATE on schema ${schema}.`,
        fix: `Run: GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${role};`,
      },
    ];
  });
}

/** A sentence for a name that was probably not meant: a list of schemas, or not the one that has the tables. */
function anotherMeant(name: string, index: number, { installedElsewhere }: Facts): string {
  if (name.includes(',')) {
    const names = name.split(',').map((one) => one.trim());
    return `For several schemas, pass an array (${names.map((one) => `--schema ${one}`).join(' ')}). `;
  }
  const [other] = index === 0 ? installedElsewhere : [];
  return other === undefined
    ? ''
    : `The tracking schema is installed in schema ${other}: pass that one (--schema ${other}), or for a second installation: `;
}

function conflictingTables(
  facts: Facts,
  { schemas: [first] }: Settings,
  creates: readonly string[],
): PreflightFailure[] {
  return facts.relations
    .filter(({ name }) => creates.includes(name))
    .map(({ name }) => {
      const table = `${identifier(first)}.${identifier(name)}`;
      return {
        code: 'TABLE_CONFLICT',
        message: `${table} exists, and the migrations table does not record it.`,
        fix: `Rename it (ALTER TABLE ${table} RENAME TO ${identifier(`${name}_old`)};), or use another schema: ${anotherSchema(first)}.`,
      };
    });
}

/** Objects that have a name which the selected migrations need. */
function conflictingNames(
  facts: Facts,
  { schemas: [first] }: Settings,
  selected: readonly Migration[],
): PreflightFailure[] {
  const makesTables = selected.some(({ creates }) => creates.includes('visitors'));
  const made = madeBy(selected.map(({ name }) => name));
  const isNeeded = ({ name, object }: NamedObject) => {
    if (object.startsWith('INDEX ')) return made.indexes.has(name);
    return object.startsWith('TYPE ') ? makesTables : made.functions.has(name);
  };
  const columns = facts.relations.flatMap((relation) =>
    relation.columns
      .filter((column) => made.columns[relation.name]?.includes(column))
      .map((column) => {
        const table = `${identifier(first)}.${identifier(relation.name)}`;
        return {
          code: 'NAME_CONFLICT' as const,
          message: `${table} has a column ${identifier(column)} already, a name that the schema needs.`,
          fix: `Run: ALTER TABLE ${table} RENAME COLUMN ${identifier(column)} TO ${identifier(`${column}_old`)};`,
        };
      }),
  );
  return [
    ...columns,
    ...facts.sameNames.filter(isNeeded).map(({ name, object }) => ({
      code: 'NAME_CONFLICT' as const,
      message: `${object} exists already, and the migrations create one of that name.`,
      fix: `Run: ALTER ${object} RENAME TO ${identifier(`${name}_old`)};`,
    })),
  ];
}
