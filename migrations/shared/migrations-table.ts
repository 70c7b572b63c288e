import type { MigrationBuilder } from 'node-pg-migrate';
import { CLOSE_TABLE } from './access.ts';
import { block } from './block.ts';

/** The first migration: a ledger that holds this name records the tracking schema. */
export const FIRST_MIGRATION = '20261122110000000_require-leads';

/**
 * A query for tables of exactly the shape that node-pg-migrate gives its ledger, for use inside a
 * block. Its callers decide by the rows which of them are ours.
 */
export const LEDGER_SHAPED_TABLES = `
    SELECT c.oid::regclass
      FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND pg_has_role(c.relowner, 'USAGE')
     GROUP BY c.oid
    HAVING array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
         = ARRAY['id integer', 'name character varying(255)', 'run_on timestamp without time zone']`;

/**
 * PL/pgSQL that closes the ledger in the variable `target` (regclass) and the sequence behind its
 * id. Needs the variables `grantee` (text) and `ledger_sequence` (regclass).
 */
export const CLOSE_LEDGER = `${CLOSE_TABLE}
  ledger_sequence := pg_get_serial_sequence(target::text, 'id');
  IF ledger_sequence IS NOT NULL THEN
    FOR grantee IN
      SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
        FROM pg_class c
        CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('s', c.relowner))) a
       WHERE c.oid = ledger_sequence AND a.grantee <> c.relowner
    LOOP
      EXECUTE format('REVOKE ALL ON SEQUENCE %s FROM %s CASCADE', ledger_sequence, grantee);
    END LOOP;
  END IF;`;

/** Comments that this package wrote on a ledger begin so; any other comment is left alone. */
const LEDGER_COMMENT = 'Records which migrations of conversion-tracking-schema have run.';

/**
 * Closes the ledger that this run is recorded in, whatever its name, where the migrating role owns
 * it, and writes the declaration into its comment: readable by every role, rows or no rows.
 *
 * While the first migration runs nothing is recorded yet: there it is the ledger of a usual name
 * that is still empty. A ledger with rows of the host's own is the host's. Ledgers of this schema
 * come first; one elsewhere (--migrations-schema) counts only where no schema like ours is. What the
 * host has granted since the ledger was closed stays.
 */
export function keepLedgerPrivate(pgm: MigrationBuilder, declaration?: Declaration): void {
  const comment = declaration ? `${LEDGER_COMMENT} ${JSON.stringify(declaration)}` : LEDGER_COMMENT;
  const declare = `
  usual CONSTANT regclass := coalesce(
    (SELECT c.oid FROM pg_class c WHERE c.relname = 'tracking_migrations' AND c.relnamespace = here),
    (SELECT c.oid FROM pg_class c WHERE c.relname = 'pgmigrations' AND c.relnamespace = here));
  target regclass;
  ledger_sequence regclass;
  grantee text;
  comment text;
  recorded boolean;
  ours boolean := false;`;
  const body = `
  FOR target IN${LEDGER_SHAPED_TABLES}
       AND has_schema_privilege(min(c.relnamespace), 'USAGE')
       AND (min(c.relnamespace) = here OR NOT EXISTS (
         SELECT FROM pg_class v WHERE v.relname = 'visitors' AND v.relnamespace = min(c.relnamespace)))
     ORDER BY min(c.relnamespace) = here DESC
  LOOP
    EXIT WHEN ours AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = target AND c.relnamespace = here);
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE name = %L)', target, '${FIRST_MIGRATION}') INTO recorded;
    IF NOT recorded AND target = usual THEN
      EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', target) INTO recorded;
    END IF;
    CONTINUE WHEN NOT recorded;
    ours := true;
    comment := obj_description(target, 'pg_class');
    IF NOT coalesce(starts_with(comment, '${LEDGER_COMMENT}'), false) THEN
${CLOSE_LEDGER}
    END IF;
    IF starts_with(coalesce(comment, '${LEDGER_COMMENT}'), '${LEDGER_COMMENT}') THEN
      EXECUTE format('COMMENT ON TABLE %s IS %L', target, '${comment}');
    END IF;
  END LOOP;`;
  pgm.sql(`DO $ledger$${block(declare, body)}$ledger$`);
}

/** What a database says of itself to packages older or newer than the one that migrated it. */
export interface Declaration {
  /** The package version whose migrations are all applied. */
  readonly release: string;
  /** The last migration of that release. */
  readonly head: string;
  /** The lowest package version that this database still serves. */
  readonly servesFrom: string;
}

/**
 * Pins the zone in which node-pg-migrate writes run_on, a timestamp without zone: it sorts the
 * ledger by that column, and refuses to run when sessions of two zones have mixed the order.
 */
export function recordInUtc(pgm: MigrationBuilder): void {
  pgm.sql("SET LOCAL timezone = 'UTC'");
}
