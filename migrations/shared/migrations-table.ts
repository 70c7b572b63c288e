import type { MigrationBuilder } from 'node-pg-migrate';
import { CLOSE_TABLE } from './access.ts';
import { block } from './block.ts';
import type { Declaration } from './declaration.ts';

/** The first migration: a migrations table that holds this name records the tracking schema. */
export const FIRST_MIGRATION = '20261128100000000_require-leads';

/**
 * A query for tables of exactly the shape that node-pg-migrate gives its migrations table, for use
 * inside a block. Its callers decide by the rows which of them record this package.
 */
export const MIGRATIONS_TABLE_CANDIDATES = `
    SELECT c.oid::regclass
      FROM pg_class c
     WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND c.relnatts >= 3 AND pg_has_role(c.relowner, 'USAGE')
       AND (SELECT array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
              FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
         = ARRAY['id integer', 'name character varying(255)', 'run_on timestamp without time zone']`;

/**
 * PL/pgSQL that restricts the migrations table in the variable `target` (regclass), and the sequence
 * of its id, to its owner and service_role. Needs the variables `grantee` (text) and `id_sequence`
 * (regclass).
 */
export const CLOSE_MIGRATIONS_TABLE = `${CLOSE_TABLE}
  id_sequence := pg_get_serial_sequence(target::text, 'id');
  IF id_sequence IS NOT NULL THEN
    FOR grantee IN
      SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
        FROM pg_class c
        CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('s', c.relowner))) a
       WHERE c.oid = id_sequence AND a.grantee <> c.relowner
    LOOP
      EXECUTE format('REVOKE ALL ON SEQUENCE %s FROM %s CASCADE', id_sequence, grantee);
    END LOOP;
  END IF;`;

/** How the package's comments on a migrations table begin; any other comment is left alone. */
export const MIGRATIONS_TABLE_COMMENT =
  'Records which migrations of conversion-tracking-schema have run.';

/**
 * Restricts the migrations table of this run, whatever its name, where the migrating role owns it, and
 * writes the declaration into its comment, which every role can read even where row level security
 * hides the rows.
 *
 * While the first migration runs nothing is recorded yet: then it is the empty migrations table of a
 * usual name. One that holds only rows of the application is the application's. Tables of this schema
 * come first; one elsewhere (--migrations-schema) counts only where its schema holds no tracking
 * tables. What the application has granted before is kept.
 *
 * Raw SQL: the name and the schema of the table are known only at run time.
 */
export function secureMigrationsTable(pgm: MigrationBuilder, declaration?: Declaration): void {
  pgm.sql(`DO $migrations_table$${securingMigrationsTable(declaration)}$migrations_table$`);
}

/** The inside of a block that does what {@link secureMigrationsTable} does. */
export function securingMigrationsTable(declaration?: Declaration): string {
  const comment = declaration
    ? `${MIGRATIONS_TABLE_COMMENT} ${JSON.stringify(declaration)}`
    : MIGRATIONS_TABLE_COMMENT;
  const declare = `
  usual CONSTANT regclass := coalesce(
    (SELECT c.oid FROM pg_class c WHERE c.relname = 'tracking_migrations' AND c.relnamespace = here),
    (SELECT c.oid FROM pg_class c WHERE c.relname = 'pgmigrations' AND c.relnamespace = here));
  target regclass;
  id_sequence regclass;
  grantee text;
  comment text;
  recorded boolean;
  secured boolean := false;`;
  const body = `
  FOR target IN${MIGRATIONS_TABLE_CANDIDATES}
       AND has_schema_privilege(c.relnamespace, 'USAGE')
       AND (c.relnamespace = here OR NOT EXISTS (
         SELECT FROM pg_class v WHERE v.relname = 'visitors' AND v.relnamespace = c.relnamespace))
     ORDER BY c.relnamespace = here DESC
  LOOP
    EXIT WHEN secured AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = target AND c.relnamespace = here);
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE name = %L)', target, '${FIRST_MIGRATION}') INTO recorded;
    IF NOT recorded AND target = usual THEN
      EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', target) INTO recorded;
    END IF;
    CONTINUE WHEN NOT recorded;
    secured := true;
    comment := obj_description(target, 'pg_class');
    IF starts_with(coalesce(comment, '${MIGRATIONS_TABLE_COMMENT}'), '${MIGRATIONS_TABLE_COMMENT}') THEN
      EXECUTE format('COMMENT ON TABLE %s IS %L', target, '${comment}');
    END IF;
    IF NOT coalesce(starts_with(comment, '${MIGRATIONS_TABLE_COMMENT}'), false) THEN
${CLOSE_MIGRATIONS_TABLE}
    END IF;
  END LOOP;`;
  return block(declare, body);
}

/**
 * Pins the time zone in which node-pg-migrate writes run_on, a timestamp without time zone: it sorts
 * the migrations table by that column, and refuses to run when sessions of two zones mixed the order.
 *
 * Raw SQL: the builder has no settings.
 */
export function recordInUtc(pgm: MigrationBuilder): void {
  pgm.sql("SET LOCAL timezone = 'UTC'");
}
