import { block } from '../../../migrations/shared/block.ts';
import type { Connection } from '../../db/connection.ts';
import { doBlock, literal, type QualifiedName, quote } from '../../db/quoting.ts';
import { DatabaseAheadError } from '../../errors.ts';
import { migrations } from '../../schema/migrations.ts';
import { VERSION } from '../../version.ts';
import { readMigrationsTable } from '../migrations-table.ts';
import type { Adoption } from './adoption.ts';

/** The migrations table that node-pg-migrate's CLI uses when it is told of no other. */
export const BARE_MIGRATIONS_TABLE = 'pgmigrations';

/**
 * Migrations of ours that the bare CLI has recorded in its own migrations table: the record moves over, with
 * its times and its comment. A migrations table that held nothing else goes.
 */
export async function bareRecord(
  connection: Connection,
  migrationsTable: QualifiedName,
): Promise<Adoption> {
  const bare = quote({ schema: migrationsTable.schema, table: BARE_MIGRATIONS_TABLE });
  const ours = migrations.map(({ name }) => literal(name)).join(', ');
  const { recorded, declaration } = await readMigrationsTable(connection, {
    schema: migrationsTable.schema,
    table: BARE_MIGRATIONS_TABLE,
  });
  const known = migrations.map(({ name }) => name);
  if (declaration && !known.includes(declaration.head)) {
    throw new DatabaseAheadError(
      `The migrations table ${bare} records ${declaration.head}, which version ${VERSION} does not know.`,
      `Take it over with conversion-tracking-schema ${declaration.release} or newer.`,
      [declaration.head],
      declaration.compatibleFrom,
    );
  }
  const moveComment = block(
    `
    bare CONSTANT regclass := ${literal(bare)};
    comment CONSTANT text := obj_description(${literal(bare)}::regclass, 'pg_class');
    used boolean;`,
    `
    IF starts_with(comment, 'Records which migrations of conversion-tracking-schema have run.') THEN
      EXECUTE format('COMMENT ON TABLE %s IS %L', ${literal(quote(migrationsTable))}, comment);
      EXECUTE format('SELECT EXISTS (SELECT FROM %s)', bare) INTO used;
      EXECUTE format(CASE WHEN used THEN 'COMMENT ON TABLE %s IS NULL' ELSE 'DROP TABLE %s' END, bare);
    END IF;`,
  );
  return {
    names: recorded.filter((name) => known.includes(name)),
    differences: [],
    alters: [],
    async adopt(connection) {
      await connection.query(`
        WITH moved AS (DELETE FROM ${bare} WHERE name IN (${ours}) RETURNING id, name, run_on)
        INSERT INTO ${quote(migrationsTable)} (name, run_on) SELECT name, run_on FROM moved ORDER BY id;
        ${doBlock(moveComment)}`);
    },
  };
}
