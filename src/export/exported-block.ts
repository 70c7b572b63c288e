import { block } from '../../migrations/shared/block.ts';
import { IS_TRUSTED_OWNER } from '../../migrations/shared/owner.ts';
import { literal } from '../db/quoting.ts';
import { createTable, revokePrivileges } from '../migrate/create-migrations-table.ts';
import { LOCK_KEY } from '../migrate/lock.ts';
import { migrationSteps } from '../schema/migration-steps.ts';
import type { Migration } from '../schema/migrations.ts';

/** The default migrations table of runMigrations(). */
const MIGRATIONS_TABLE = 'tracking_migrations';

/**
 * PL/pgSQL that takes the server's own schemas out of the search path, so that its functions and
 * operators are found first. With pg_catalog after another schema, one of that schema would be found.
 */
const SERVER_FIRST = `PERFORM pg_catalog.set_config('search_path', pg_catalog.array_to_string(ARRAY(
    SELECT pg_catalog.quote_ident(s) FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) s
     WHERE NOT pg_catalog.starts_with(s, 'pg_')), ', '), true);`;

/** SQL: the migrations table in the first schema; another one of that name could be anybody's. */
const FOUND = `pg_catalog.to_regclass(pg_catalog.quote_ident(pg_catalog.current_schema()) || '.${MIGRATIONS_TABLE}')`;

/** Creates it private: default privileges may grant access to any role. */
const CREATE_MIGRATIONS_TABLE = `  IF ${FOUND} IS NULL THEN
    ${createTable(MIGRATIONS_TABLE)};
    ${revokePrivileges(MIGRATIONS_TABLE)};
  END IF;
`;

/**
 * A role that may create in the schema could have put a view or a table of its own in the place of the
 * migrations table: reading and writing it would run their functions.
 */
const REFUSE_FOREIGN_TABLE = block(
  '',
  `
  IF EXISTS (
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = '${MIGRATIONS_TABLE}' AND c.relnamespace = here
       AND NOT (c.relkind = 'r' AND pg_has_role(c.relowner, 'USAGE') AND ${IS_TRUSTED_OWNER}))
  THEN
    RAISE EXCEPTION USING MESSAGE = '${MIGRATIONS_TABLE} is not a table of the role that migrates, nor of the owner of the schema or the database.',
      HINT = 'Drop or rename it, or change its owner.';
  END IF;`,
).trimEnd();

/** psql continues after an error: a later migration must not leave a gap in the migrations table. */
function refuseGap(name: string, previous: string): string {
  const message = `${name} comes after ${previous}, which is not recorded in ${MIGRATIONS_TABLE}. Run the SQL of that one first.`;
  return `    IF NOT ${literal(previous)} = ANY (recorded) THEN
      RAISE EXCEPTION USING MESSAGE = ${literal(message)};
    END IF;
`;
}

/**
 * Adds a statement_timeout. A statement cannot set its own, so one before sets it and one after resets
 * it. A session or a transaction that has one keeps it.
 */
export function withTimeout(statements: string): string {
  const note = "'tracking_schema.statement_timeout'";
  return `DO $timeout$
BEGIN
  IF pg_catalog.current_setting('statement_timeout') OPERATOR(pg_catalog.=) '0' THEN
    PERFORM pg_catalog.set_config('statement_timeout', '60s', false), pg_catalog.set_config(${note}, 'set', false);
  END IF;
END
$timeout$;

${statements}
DO $timeout$
BEGIN
  IF pg_catalog.current_setting(${note}, true) OPERATOR(pg_catalog.=) 'set' THEN
    PERFORM pg_catalog.set_config('statement_timeout', '0', false), pg_catalog.set_config(${note}, '', false);
  END IF;
END
$timeout$;
`;
}

/**
 * Returns one migration as one atomic statement, for use in a transaction or outside of one. It resets
 * its settings itself: settings of the session would stay on a pooler's connection, and those of a
 * transaction would apply to the tool's other statements.
 */
export async function exportedBlock(
  migration: Migration,
  previous: Migration | undefined,
): Promise<string> {
  const steps = await migrationSteps(migration, 'up');
  const name = literal(migration.name);
  return `DO $migration$
DECLARE
  lock_timeout CONSTANT pg_catalog.text := pg_catalog.current_setting('lock_timeout');
  zone CONSTANT pg_catalog.text := pg_catalog.current_setting('TimeZone');
  path CONSTANT pg_catalog.text := pg_catalog.current_setting('search_path');
  recorded pg_catalog.text[] := '{}';
BEGIN
  ${SERVER_FIRST}
  PERFORM pg_catalog.set_config('lock_timeout', '5s', true) WHERE lock_timeout = '0';
  -- The migration lock, which runMigrations() takes as well.
  PERFORM pg_catalog.pg_advisory_xact_lock(${LOCK_KEY});
${previous ? '' : CREATE_MIGRATIONS_TABLE}${REFUSE_FOREIGN_TABLE};
  IF ${FOUND} IS NOT NULL THEN
    recorded := ARRAY(SELECT name::text FROM ${MIGRATIONS_TABLE});
  END IF;
  IF NOT ${name} = ANY (recorded) THEN
${previous ? refuseGap(migration.name, previous.name) : ''}${steps.map((step) => `    EXECUTE $step$${step.trim()}$step$;\n`).join('')}    INSERT INTO ${MIGRATIONS_TABLE} (name, run_on)
      VALUES (${name}, pg_catalog.now() AT TIME ZONE 'UTC');
  END IF;
  PERFORM pg_catalog.set_config('search_path', path, true);
  PERFORM pg_catalog.set_config('TimeZone', zone, true);
  PERFORM pg_catalog.set_config('lock_timeout', lock_timeout, true);
END
$migration$;
`;
}
