import type { Connection } from '../../db/connection.ts';
import { identifier, literal, type QualifiedName, quote } from '../../db/quoting.ts';
import type { PreflightFailure } from '../../errors.ts';
import { CONTRACT_TABLES, MIGRATION_NAMES } from '../../schema/migrations.ts';
import type { Settings } from '../../settings.ts';
import { migrationsTableName } from '../migrations-table.ts';
import { anotherSchema } from '../preflight/another-schema.ts';
import type { Baseline } from './baseline.ts';
import { handMadeBaseline } from './hand-made-baseline.ts';
import { DEFAULT_MIGRATIONS_TABLE, recordedBaseline } from './recorded-baseline.ts';

/**
 * Finds a schema that was made elsewhere: by node-pg-migrate's command with its default table, or by hand.
 *
 * @param present - tables of the contract's names in the schema
 * @param migrationsTables - other tables in the schema that have the shape of a migrations table
 */
export async function findBaseline(
  connection: Connection,
  settings: Settings,
  present: readonly string[],
  migrationsTables: readonly string[],
): Promise<Baseline | undefined> {
  const migrationsTable = migrationsTableName(settings);
  const recordedIn = await ownMigrationsTables(
    connection,
    migrationsTable.schema,
    migrationsTables,
  );
  if (recordedIn.includes(DEFAULT_MIGRATIONS_TABLE))
    return recordedBaseline(connection, migrationsTable);
  const [other] = recordedIn;
  if (other !== undefined) return recordedElsewhere(migrationsTable, other);
  const there = CONTRACT_TABLES.filter((table) => present.includes(table));
  if (there.length === 0) return undefined;
  return there.length < CONTRACT_TABLES.length
    ? conflictingTables(settings, there)
    : handMadeBaseline(connection, settings);
}

async function ownMigrationsTables(
  connection: Connection,
  schema: string,
  migrationsTables: readonly string[],
): Promise<string[]> {
  if (migrationsTables.length === 0) return [];
  const first = literal(MIGRATION_NAMES[0] ?? '');
  const queries = migrationsTables.map(
    (table) =>
      `SELECT ${literal(table)} AS name WHERE EXISTS (SELECT FROM ${quote({ schema, table })} WHERE name = ${first})`,
  );
  const rows = await connection.query<{ name: string }>(queries.join(' UNION ALL '));
  return rows.map(({ name }) => name);
}

function recordedElsewhere({ schema }: QualifiedName, table: string): Baseline {
  return refused({
    code: 'RECORDED_ELSEWHERE',
    message: `The tracking schema is there already, recorded in ${quote({ schema, table })}.`,
    fix: `Pass migrationsTable: ${JSON.stringify(table)} (--migrations-table ${table}).`,
  });
}

/** Tables of some of the package's names, but not all, are the application's own. */
function conflictingTables({ schemas: [schema] }: Settings, there: readonly string[]): Baseline {
  const renames = there.map(
    (table) => `ALTER TABLE ${quote({ schema, table })} RENAME TO ${identifier(`${table}_old`)};`,
  );
  const missing = CONTRACT_TABLES.filter((table) => !there.includes(table));
  const them = there.length === 1 ? 'it' : 'them';
  return refused({
    code: 'TABLE_CONFLICT',
    message: `Schema ${schema} has a table ${there.join(' and a table ')} that no migrations table records. Without ${missing.join(' and ')} this is not an installation of the package.`,
    fix: `Rename ${them} (${renames.join(' ')}), or use another schema: ${anotherSchema(schema)}.`,
  });
}

function refused(difference: PreflightFailure): Baseline {
  return {
    names: MIGRATION_NAMES,
    differences: [difference],
    alters: [],
    adopt: async () => {},
  };
}
