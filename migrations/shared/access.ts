import type { MigrationBuilder } from 'node-pg-migrate';
import { block } from './block.ts';
import { giveToOwner } from './owner.ts';

/**
 * PL/pgSQL that restricts the relation in the variable `target` (regclass): it enables row level
 * security, revokes every privilege except its owner's, and grants service_role its own. Needs a
 * variable `grantee` (text).
 *
 * Every role loses its privileges, not only PUBLIC, anon and authenticated: default privileges may
 * have named any role. A table's row type has a privilege of its own, which PUBLIC gets.
 *
 * Raw SQL: which roles exist and which hold privileges is known only at run time.
 */
export const CLOSE_TABLE = `
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', target);
  FOR grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM pg_class c
      CROSS JOIN LATERAL (
        SELECT e.grantee FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) e
        UNION SELECT e.grantee FROM pg_attribute t, aclexplode(t.attacl) e WHERE t.attrelid = c.oid
        UNION SELECT 0::oid
      ) a
     WHERE c.oid = target AND a.grantee <> c.relowner
  LOOP
    EXECUTE format('REVOKE ALL ON TABLE %s FROM %s CASCADE', target, grantee);
    EXECUTE format('REVOKE ALL ON TYPE %s FROM %s CASCADE', target, grantee);
  END LOOP;
  IF to_regrole('service_role') IS NOT NULL THEN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE %s TO service_role', target);
  END IF;`;

/** The inside of a block that restricts one table to its owner and service_role. */
export function closing(table: string): string {
  return block(
    `  target CONSTANT pg_catalog.regclass := ${table};\n  grantee pg_catalog.text;`,
    CLOSE_TABLE,
  );
}

/** Gives a new table the owner of the others, and restricts it to that owner and service_role. */
export function closeTable(pgm: MigrationBuilder, table: string): void {
  const declare = `  target CONSTANT pg_catalog.regclass := '${table}';\n  grantee pg_catalog.text;`;
  pgm.sql(`DO $access$${block(declare, giveToOwner('TABLE') + CLOSE_TABLE)}$access$`);
}

/**
 * PL/pgSQL that revokes every privilege on the function in the variable `target` (regprocedure),
 * except its owner's. Needs a variable `grantee` (text).
 */
export const CLOSE_FUNCTION = `
  FOR grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM pg_proc p
      CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
     WHERE p.oid = target AND a.grantee <> p.proowner
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE', target, grantee);
  END LOOP;`;

/** The inside of a block that restricts one function to its owner. */
export function closingFunction(signature: string): string {
  return block(
    `  target CONSTANT pg_catalog.regprocedure := ${signature};\n  grantee pg_catalog.text;`,
    CLOSE_FUNCTION,
  );
}

/**
 * Gives a new trigger function the owner of the tables, and restricts it to that owner. Firing a
 * trigger needs no EXECUTE, so service_role gets none.
 */
export function closeTriggerFunction(pgm: MigrationBuilder, signature: string): void {
  const declare = `  target CONSTANT pg_catalog.regprocedure := '${signature}';\n  grantee pg_catalog.text;`;
  pgm.sql(`DO $access$${block(declare, giveToOwner('FUNCTION') + CLOSE_FUNCTION)}$access$`);
}
