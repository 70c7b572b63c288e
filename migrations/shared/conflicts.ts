import type { MigrationBuilder } from 'node-pg-migrate';
import { block } from './block.ts';
import { baseType } from './leads.ts';
import { FIRST_MIGRATION, MIGRATIONS_TABLE_CANDIDATES } from './migrations-table.ts';
import { IS_TRUSTED_OWNER } from './owner.ts';

const CONFIG = 'node_modules/conversion-tracking-schema/node-pg-migrate.config.js';

/**
 * Refuses before anything is changed, each with its own SQLSTATE:
 * CTS01 the application's leads table does not fit; CTS02 the schema exists, recorded in another
 * migrations table; CTS03 a table conflicts with one of the package's names.
 *
 * Raw SQL: what exists is known only at run time.
 */
const REFUSALS = `DO $refusals$${block(
  `  leads CONSTANT oid := (
    SELECT c.oid FROM pg_class c WHERE c.relname = 'leads' AND c.relpersistence <> 't' AND pg_table_is_visible(c.oid));
  migrations_table regclass;
  recorded boolean;
  conflicting text;
  id_type text;`,
  `
  FOR migrations_table IN${MIGRATIONS_TABLE_CANDIDATES}
       AND c.relnamespace = here
       AND EXISTS (SELECT FROM pg_namespace n WHERE n.oid = c.relnamespace AND ${IS_TRUSTED_OWNER})
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE name = %L)', migrations_table, '${FIRST_MIGRATION}') INTO recorded;
    IF recorded THEN
      RAISE EXCEPTION USING ERRCODE = 'CTS02',
        MESSAGE = format('The tracking schema already exists in schema %s, recorded in %s; nothing was changed. Run: %s',
          here::regnamespace, migrations_table,
          CASE (SELECT c.relname FROM pg_class c WHERE c.oid = migrations_table)
            WHEN 'tracking_migrations' THEN 'npx node-pg-migrate up -f ${CONFIG} (in a checkout of the package: -f node-pg-migrate.config.js)'
            WHEN 'pgmigrations' THEN 'npx node-pg-migrate up (without -f), or call runMigrations(), which adopts the record'
            ELSE format('npx node-pg-migrate up -t %s', (SELECT c.relname FROM pg_class c WHERE c.oid = migrations_table))
          END);
    END IF;
  END LOOP;

  SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.relname) INTO conflicting
    FROM pg_class c
   WHERE c.relnamespace = here
     AND c.relname IN ('visitors', 'conversions', 'conversion_queue', 'tracking_events');
  IF conflicting IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'CTS03',
      MESSAGE = format('These tables already exist and no migrations table records them: %s; nothing was changed. Rename the conflicting tables, use another schema, or call runMigrations(), which adopts tables of the same shape.',
        conflicting);
  END IF;

  IF leads IS NOT NULL THEN
    SELECT ${baseType('a')} INTO id_type
      FROM pg_attribute a WHERE a.attrelid = leads AND a.attname = 'id' AND NOT a.attisdropped;
    IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = leads AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p') THEN
      RAISE EXCEPTION USING ERRCODE = 'CTS01',
        MESSAGE = format('%s is not an ordinary table, so conversions.lead_id cannot reference it; nothing was changed. Make it a table, or use a search path without it.', leads::regclass);
    ELSIF id_type IS DISTINCT FROM 'uuid' THEN
      RAISE EXCEPTION USING ERRCODE = 'CTS01',
        MESSAGE = format('%s.id is %s and conversions.lead_id needs uuid; nothing was changed. Give leads an id of type uuid, or use a search path without it.', leads::regclass, coalesce(id_type, 'missing'));
    ELSIF NOT EXISTS (
      SELECT FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'id' AND i.indkey[0] = a.attnum
       WHERE i.indrelid = leads AND i.indisunique AND i.indimmediate AND i.indisvalid
         AND i.indnkeyatts = 1 AND i.indpred IS NULL AND i.indexprs IS NULL) THEN
      RAISE EXCEPTION USING ERRCODE = 'CTS01',
        MESSAGE = format('%s.id is not unique, so conversions.lead_id cannot reference it; nothing was changed. Run: ALTER TABLE %s ADD UNIQUE (id)', leads::regclass, leads::regclass);
    END IF;
  END IF;`,
)}$refusals$`;

/**
 * node-pg-migrate's CLI creates its migrations table before it reads a migration. An empty one, which
 * it has just created or would create again, is dropped so that a refusal changes nothing:
 * tracking_migrations where there is one, else pgmigrations.
 */
const DROP_EMPTY_MIGRATIONS_TABLE = `DO $tidy$${block(
  `  migrations_table regclass;
  used boolean;`,
  `
  FOR migrations_table IN${MIGRATIONS_TABLE_CANDIDATES}
       AND c.relnamespace = here
       AND c.relname IN ('tracking_migrations', 'pgmigrations')
     ORDER BY c.relname DESC
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', migrations_table) INTO used;
    IF NOT used THEN
      EXECUTE format('DROP TABLE %s', migrations_table);
      EXIT;
    END IF;
  END LOOP;`,
)}$tidy$`;

/** Checks for conflicts at once, before any step of this run, and again as the first step. */
export async function refuseConflicts(pgm: MigrationBuilder): Promise<void> {
  try {
    await pgm.db.query(REFUSALS);
  } catch (error) {
    await pgm.db.query('ROLLBACK');
    await pgm.db.query(DROP_EMPTY_MIGRATIONS_TABLE);
    await pgm.db.query('BEGIN');
    throw error;
  }
  pgm.sql(REFUSALS);
}
