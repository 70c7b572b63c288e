import type { MigrationBuilder } from 'node-pg-migrate';
import { CLOSE_TABLE } from './shared/access.ts';
import { block } from './shared/block.ts';
import { refuseConflicts } from './shared/conflicts.ts';
import { revokeGranted } from './shared/event-triggers.ts';
import { IS_PLACEHOLDER, PLACEHOLDER_COMMENT } from './shared/leads.ts';
import { recordInUtc, secureMigrationsTable } from './shared/migrations-table.ts';

/**
 * conversions.lead_id references the application's own leads(id). Where the search path has no
 * leads table, a minimal placeholder is created, recognized by its comment.
 *
 * Raw SQL: whether and in which schema to create it is known only at run time.
 */
export async function up(pgm: MigrationBuilder): Promise<void> {
  await refuseConflicts(pgm);
  recordInUtc(pgm);
  secureMigrationsTable(pgm);
  const declare = `
  found CONSTANT boolean := EXISTS (
    SELECT FROM pg_class c WHERE c.relname = 'leads' AND c.relpersistence <> 't' AND pg_table_is_visible(c.oid));
  target regclass;
  grantee text;`;
  const body = `
  IF NOT found THEN
    EXECUTE format('CREATE TABLE %s.leads (
      id uuid DEFAULT gen_random_uuid() CONSTRAINT leads_pkey PRIMARY KEY,
      created_at timestamptz NOT NULL DEFAULT now()
    )', here::regnamespace);
    target := format('%s.leads', here::regnamespace);
    EXECUTE format('COMMENT ON TABLE %s IS %L', target, '${PLACEHOLDER_COMMENT}');
    EXECUTE format('COMMENT ON COLUMN %s.id IS %L', target, 'Primary key, referenced by conversions.lead_id.');
    EXECUTE format('COMMENT ON COLUMN %s.created_at IS %L', target, 'When the row was inserted.');
${CLOSE_TABLE}
  END IF;`;
  pgm.sql(`DO $leads$${block(declare, body)}$leads$`);
  revokeGranted(pgm);
}

/**
 * Drops the placeholder only as it was created: not the application's table, nor a placeholder
 * with columns of the application or referenced by its objects.
 */
export function down(pgm: MigrationBuilder): void {
  const body = `
  FOR placeholder IN
    SELECT c.oid FROM pg_class c
     WHERE c.relname = 'leads' AND c.relnamespace = here AND ${IS_PLACEHOLDER}
  LOOP
    BEGIN
      EXECUTE format('DROP TABLE %s', placeholder);
    EXCEPTION WHEN dependent_objects_still_exist THEN
      RAISE NOTICE 'leads is kept: objects of the application depend on it';
    END;
  END LOOP;`;
  pgm.sql(`DO $leads$${block('  placeholder regclass;', body)}$leads$`);
}
