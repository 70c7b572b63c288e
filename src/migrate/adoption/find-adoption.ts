import type { Connection } from '../../db/connection.ts';
import { literal, type QualifiedName, quote } from '../../db/quoting.ts';
import { CONTRACT_TABLES, migrations } from '../../schema/migrations.ts';
import type { Settings } from '../../settings.ts';
import { migrationsTableName } from '../migrations-table.ts';
import type { Adoption } from './adoption.ts';
import { BARE_MIGRATIONS_TABLE, bareRecord } from './bare-record.ts';
import { handMade } from './hand-made.ts';

/**
 * Looks for a schema that others have made: node-pg-migrate's CLI on its own, or SQL by hand.
 *
 * @param present - tables of our names in the schema
 * @param migrationsTables - tables of a migrations table's shape in the schema, but for our own migrations table
 */
export async function findAdoption(
  connection: Connection,
  settings: Settings,
  present: readonly string[],
  migrationsTables: readonly string[],
): Promise<Adoption | undefined> {
  const migrationsTable = migrationsTableName(settings);
  const recordedIn = await ownMigrationsTables(
    connection,
    migrationsTable.schema,
    migrationsTables,
  );
  if (recordedIn.includes(BARE_MIGRATIONS_TABLE)) return bareRecord(connection, migrationsTable);
  const [other] = recordedIn;
  if (other !== undefined) return recordedElsewhere(migrationsTable, other);
  const there = CONTRACT_TABLES.filter((table) => present.includes(table));
  return there.length > 0 ? handMade(connection, settings, there) : undefined;
}

async function ownMigrationsTables(
  connection: Connection,
  schema: string,
  migrationsTables: readonly string[],
): Promise<string[]> {
  if (migrationsTables.length === 0) return [];
  const first = literal(migrations[0]?.name ?? '');
  const queries = migrationsTables.map(
    (table) =>
      `SELECT ${literal(table)} AS name WHERE EXISTS (SELECT FROM ${quote({ schema, table })} WHERE name = ${first})`,
  );
  const rows = await connection.query<{ name: string }>(queries.join(' UNION ALL '));
  return rows.map(({ name }) => name);
}

function recordedElsewhere({ schema }: QualifiedName, table: string): Adoption {
  return {
    names: migrations.map(({ name }) => name),
    differences: [
      {
        code: 'RECORDED_ELSEWHERE',
        message: `The tracking schema is there already, recorded in ${quote({ schema, table })}.`,
        fix: `Pass migrationsTable: ${JSON.stringify(table)}.`,
      },
    ],
    alters: [],
    adopt: async () => {},
  };
}
