import type { MigrationBuilder } from 'node-pg-migrate';
import { block } from './block.ts';
import { IS_PLACEHOLDER } from './leads.ts';
import { giveToOwner } from './owner.ts';

/**
 * PL/pgSQL that revokes every privilege on the relation in the variable `target` (regclass), except
 * its owner's, and grants service_role its own. Needs a variable `grantee` (text).
 *
 * Every role loses its privileges, not only PUBLIC, anon and authenticated: default privileges may
 * have named any role. A table's row type has a privilege of its own, which PUBLIC gets.
 *
 * Raw SQL: which roles exist and which hold privileges is known only at run time.
 */
export const REVOKE_TABLE = `
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

/** As {@link REVOKE_TABLE}, and enables row level security. */
export const CLOSE_TABLE = `
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', target);${REVOKE_TABLE}`;

/** The inside of a block that restricts one table to its owner and service_role. */
export function closing(table: string): string {
  return block(`  target CONSTANT regclass := ${table};\n  grantee text;`, CLOSE_TABLE);
}

/** Gives a new table the owner of the others, and restricts it to that owner and service_role. */
export function closeTable(pgm: MigrationBuilder, table: string): void {
  const declare = `  target CONSTANT regclass := '${table}';\n  grantee text;`;
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
  return block(`  target CONSTANT regprocedure := ${signature};\n  grantee text;`, CLOSE_FUNCTION);
}

/**
 * Gives a new trigger function the owner of the tables, and restricts it to that owner. Firing a
 * trigger needs no EXECUTE, so service_role gets none.
 */
export function closeTriggerFunction(pgm: MigrationBuilder, signature: string): void {
  const declare = `  target CONSTANT regprocedure := '${signature}';\n  grantee text;`;
  pgm.sql(`DO $access$${block(declare, giveToOwner('FUNCTION') + CLOSE_FUNCTION)}$access$`);
}

/** SQL: whether this transaction, or one that began later, has written the catalogue's row: by a grant or ALTER. */
export const writtenHere = (alias: string) => `age(${alias}.xmin) <= 0`;

/** SQL: whether this transaction has granted more on the table `c` than {@link CLOSE_TABLE} does. */
const OPENED_TABLE = `(
         ${writtenHere('c')} AND EXISTS (
           SELECT FROM aclexplode(c.relacl) a
            WHERE a.grantee NOT IN (c.relowner, coalesce(to_regrole('service_role')::oid, c.relowner))
               OR a.grantee <> c.relowner
                  AND (a.is_grantable OR a.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')))
         OR EXISTS (
           SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL AND ${writtenHere('t')})
         OR EXISTS (
           SELECT FROM pg_type t, aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) a
            WHERE t.oid = c.reltype AND a.grantee <> t.typowner AND ${writtenHere('t')}))`;

/** SQL: whether this transaction has granted more on the function `p` than its creation does. */
const OPENED_FUNCTION = `${writtenHere('p')} AND EXISTS (
         SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
          WHERE a.grantee NOT IN (p.proowner, coalesce(to_regrole('service_role')::oid, p.proowner))
             OR a.grantee <> p.proowner AND (a.is_grantable OR p.prorettype = 'trigger'::regtype))`;

/**
 * Restricts tables and functions again where this transaction has granted privileges on them: an event
 * trigger of the application may grant some whenever an object is created or altered. What the
 * application has granted before stays. Takes no lock on a table.
 */
export function closeAll(
  pgm: MigrationBuilder,
  tables: readonly string[],
  functions: readonly string[],
): void {
  const names = (list: readonly string[]) => list.map((name) => `'${name}'`).join(', ');
  const declare = `  target_table regclass;
  target_function regprocedure;
  grantee text;`;
  const body = `
  FOR target_table IN
    SELECT c.oid FROM pg_class c
     WHERE c.relnamespace = here
       AND (c.relname = ANY (ARRAY[${names(tables)}]::name[]) OR c.relname = 'leads' AND ${IS_PLACEHOLDER})
       AND ${OPENED_TABLE}
  LOOP
    DECLARE target CONSTANT regclass := target_table; BEGIN${REVOKE_TABLE}
    END;
  END LOOP;
  FOR target_function IN
    SELECT p.oid
      FROM pg_proc p JOIN pg_class c ON c.relnamespace = here AND c.relname = 'visitors' AND c.relowner = p.proowner
     WHERE p.pronamespace = here AND p.proname = ANY (ARRAY[${names(functions)}]::name[]) AND ${OPENED_FUNCTION}
  LOOP
    DECLARE target CONSTANT regprocedure := target_function; BEGIN${CLOSE_FUNCTION}
      IF to_regrole('service_role') IS NOT NULL
         AND EXISTS (SELECT FROM pg_proc p WHERE p.oid = target AND p.prorettype <> 'trigger'::regtype) THEN
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO service_role', target);
      END IF;
    END;
  END LOOP;`;
  pgm.sql(`DO $access$${block(declare, body)}$access$`);
}
