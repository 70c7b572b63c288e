import type { MigrationBuilder } from 'node-pg-migrate';
import { block } from './block.ts';
import { IS_PLACEHOLDER } from './leads.ts';
import { MIGRATIONS_TABLE_COMMENT } from './migrations-table.ts';

/** The tables and functions of release 1.0.0. A later release has lists of its own: these never change. */
const TABLES = [
  'visitors',
  'conversions',
  'conversion_queue',
  'tracking_events',
  'upload_requests',
];
const FUNCTIONS = [
  'tracking_set_updated_at',
  'record_conversion',
  'claim_conversions',
  'complete_conversions',
  'fail_conversions',
  'requeue_dead_letters',
  'claim_upload_requests',
  'settle_upload_request',
  'conversion_queue_health',
  'upsert_visitor',
  'record_events',
  'purge_tracking_data',
];

const array = (names: readonly string[]) =>
  `ARRAY[${names.map((name) => `'${name}'`).join(', ')}]::name[]`;

/** SQL: whether this transaction, or one that began later, has written the catalogue's row. */
const writtenHere = (alias: string) => `age(${alias}.xmin) <= 0`;

/**
 * PL/pgSQL that revokes what an event trigger has granted in this transaction on the package's objects:
 * on tables, their columns, row types and sequences, the migrations table, and functions. What the
 * application has granted before stays. Needs variables `granted`, `target` and `grantee` (text).
 */
const REVOKE_GRANTED = `
  FOR granted, target, grantee IN
    WITH ours AS MATERIALIZED (
      SELECT c.oid, c.relacl, c.relowner, c.reltype, c.xmin
        FROM pg_class c
       WHERE pg_has_role(c.relowner, 'USAGE')
         AND (c.relnamespace = here AND (c.relname = ANY (${array(TABLES)}) OR c.relname = 'leads' AND ${IS_PLACEHOLDER})
           OR c.relkind = 'r' AND starts_with(obj_description(c.oid, 'pg_class'), '${MIGRATIONS_TABLE_COMMENT}'))),
    found AS (
      SELECT 'TABLE ' || o.oid::regclass AS target, o.relowner AS owner, o.relacl AS acl, '' AS part,
             ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'] AS own
        FROM ours o WHERE ${writtenHere('o')}
      UNION ALL
      SELECT 'TABLE ' || o.oid::regclass, o.relowner, t.attacl, format(' (%I)', t.attname), '{}'
        FROM ours o JOIN pg_attribute t ON t.attrelid = o.oid WHERE ${writtenHere('t')}
      UNION ALL
      SELECT 'TYPE ' || o.oid::regclass, o.relowner, t.typacl, '', '{}'
        FROM ours o JOIN pg_type t ON t.oid = o.reltype WHERE ${writtenHere('t')}
      UNION ALL
      SELECT 'SEQUENCE ' || s.oid::regclass, s.relowner, s.relacl, '', '{}'
        FROM ours o
        JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = o.oid AND d.classid = d.refclassid
        JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
       WHERE ${writtenHere('s')}
      UNION ALL
      SELECT 'FUNCTION ' || p.oid::regprocedure, p.proowner, p.proacl, '',
             CASE WHEN p.prorettype <> 'trigger'::regtype THEN ARRAY['EXECUTE'] ELSE '{}' END
        FROM pg_proc p
       WHERE p.pronamespace = here AND p.proname = ANY (${array(FUNCTIONS)}) AND p.prokind = 'f'
         AND pg_has_role(p.proowner, 'USAGE') AND ${writtenHere('p')})
    SELECT CASE WHEN kept THEN 'GRANT OPTION FOR ' ELSE '' END || a.privilege_type || f.part, f.target,
           CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM found f
     CROSS JOIN LATERAL aclexplode(f.acl) a
     CROSS JOIN LATERAL (
       SELECT a.grantee <> 0 AND pg_get_userbyid(a.grantee) = 'service_role' AND a.privilege_type = ANY (f.own)) k (kept)
     WHERE a.grantee <> f.owner AND (a.is_grantable OR NOT kept)
  LOOP
    EXECUTE format('REVOKE %s ON %s FROM %s CASCADE', granted, target, grantee);
  END LOOP;`;

/**
 * The inside of a block that revokes it. Only an event trigger can grant unseen: without one it costs a
 * look into an empty catalogue.
 */
export const REVOKING_GRANTED = `
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_event_trigger) THEN${block('  granted text;\n  target text;\n  grantee text;', REVOKE_GRANTED).trimEnd()};
  END IF;
END
`;

/**
 * Revokes what an event trigger has granted in this transaction. Each migration ends with it, as each may
 * have a transaction of its own.
 */
export function revokeGranted(pgm: MigrationBuilder): void {
  pgm.sql(`DO $access$${REVOKING_GRANTED}$access$`);
}
