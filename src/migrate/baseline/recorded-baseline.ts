import { block } from '../../../migrations/shared/block.ts';
import { MIGRATIONS_TABLE_COMMENT } from '../../../migrations/shared/migrations-table.ts';
import type { Connection } from '../../db/connection.ts';
import { doBlock, literal, type QualifiedName, quote } from '../../db/quoting.ts';
import { DatabaseAheadError } from '../../errors.ts';
import { MIGRATION_NAMES } from '../../schema/migrations.ts';
import { VERSION } from '../../version.ts';
import { readMigrationsTable } from '../migrations-table.ts';
import type { Baseline } from './baseline.ts';

/** The default migrations table of node-pg-migrate's command. */
export const DEFAULT_MIGRATIONS_TABLE = 'pgmigrations';

/**
 * The baseline of migrations that node-pg-migrate's command has recorded in its default table. Their
 * rows move, with their times and the comment; a table that held nothing else is dropped.
 */
export async function recordedBaseline(
  connection: Connection,
  migrationsTable: QualifiedName,
): Promise<Baseline> {
  const defaultTable = quote({ schema: migrationsTable.schema, table: DEFAULT_MIGRATIONS_TABLE });
  const ours = MIGRATION_NAMES.map(literal).join(', ');
  const { recorded, declaration } = await readMigrationsTable(
    connection,
    {
      schema: migrationsTable.schema,
      table: DEFAULT_MIGRATIONS_TABLE,
    },
    false,
    true,
  );
  const known = MIGRATION_NAMES;
  if (declaration && !known.includes(declaration.head)) {
    throw new DatabaseAheadError(
      `The migrations table ${defaultTable} records ${declaration.head}, which version ${VERSION} does not know.`,
      `Take it over with conversion-tracking-schema ${declaration.release} or newer.`,
      [declaration.head],
      declaration.compatibleFrom,
    );
  }
  const moveComment = block(
    `
    source CONSTANT regclass := ${literal(defaultTable)};
    comment CONSTANT text := obj_description(${literal(defaultTable)}::regclass, 'pg_class');
    used boolean;`,
    `
    IF starts_with(comment, ${literal(MIGRATIONS_TABLE_COMMENT)}) THEN
      EXECUTE format('COMMENT ON TABLE %s IS %L', ${literal(quote(migrationsTable))}, comment);
      EXECUTE format('SELECT EXISTS (SELECT FROM %s)', source) INTO used;
      EXECUTE format(CASE WHEN used THEN 'COMMENT ON TABLE %s IS NULL' ELSE 'DROP TABLE %s' END, source);
    END IF;`,
  );
  return {
    names: recorded.filter((name) => known.includes(name)),
    differences: [],
    alters: [],
    async adopt(connection) {
      await connection.query(`
        WITH moved AS (DELETE FROM ${defaultTable} WHERE name IN (${ours}) RETURNING id, name, run_on)
        INSERT INTO ${quote(migrationsTable)} (name, run_on) SELECT name, run_on FROM moved ORDER BY id;
        ${doBlock(moveComment)}`);
    },
  };
}
