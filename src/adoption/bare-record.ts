import type { Connection } from '../connection.ts';
import { migrations } from '../migrations.ts';
import { doBlock, literal, type QualifiedName, quote } from '../sql.ts';
import type { Adoption } from './adoption.ts';

/** The ledger that node-pg-migrate's CLI uses when it is told of no other. */
export const BARE_LEDGER = 'pgmigrations';

/**
 * Migrations of ours that the bare CLI has recorded in its own ledger: the record moves over, with
 * its times and its comment. A ledger that held nothing else goes.
 */
export async function bareRecord(connection: Connection, ledger: QualifiedName): Promise<Adoption> {
  const bare = quote({ schema: ledger.schema, table: BARE_LEDGER });
  const ours = migrations.map(({ name }) => literal(name)).join(', ');
  const rows = await connection.query<{ name: string }>(
    `SELECT name FROM ${bare} WHERE name IN (${ours}) ORDER BY id`,
  );
  return {
    names: rows.map(({ name }) => name),
    differences: [],
    async adopt() {
      await connection.query(`
        WITH moved AS (DELETE FROM ${bare} WHERE name IN (${ours}) RETURNING id, name, run_on)
        INSERT INTO ${quote(ledger)} (name, run_on) SELECT name, run_on FROM moved ORDER BY id;
        ${doBlock(`
        DECLARE
          bare CONSTANT regclass := ${literal(bare)};
          comment CONSTANT text := obj_description(bare, 'pg_class');
        BEGIN
          IF comment LIKE 'Records which migrations of conversion-tracking-schema have run.%' THEN
            EXECUTE format('COMMENT ON TABLE %s IS %L', ${literal(quote(ledger))}, comment);
            IF EXISTS (SELECT FROM ${bare}) THEN
              EXECUTE format('COMMENT ON TABLE %s IS NULL', bare);
            ELSE
              EXECUTE format('DROP TABLE %s', bare);
            END IF;
          END IF;
        END`)}`);
    },
  };
}
