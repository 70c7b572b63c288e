import type { MigrationBuilder } from 'node-pg-migrate';
import { CLOSE_TABLE } from './shared/access.ts';
import { block } from './shared/block.ts';
import { IS_PLACEHOLDER, PLACEHOLDER_COMMENT } from './shared/leads.ts';
import { recordInUtc, secureMigrationsTable } from './shared/migrations-table.ts';
import { refuseWhatDoesNotFit } from './shared/refusals.ts';

/**
 * conversions.lead_id refers to the host's own leads(id). Where the search path has no leads
 * table, a minimal stand-in takes its place, told apart by its comment.
 */
export async function up(pgm: MigrationBuilder): Promise<void> {
  await refuseWhatDoesNotFit(pgm);
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
    EXECUTE format('COMMENT ON COLUMN %s.id IS %L', target, 'Primary key; conversions.lead_id refers to it.');
    EXECUTE format('COMMENT ON COLUMN %s.created_at IS %L', target, 'When the row was inserted.');
${CLOSE_TABLE}
  END IF;`;
  pgm.sql(`DO $leads$${block(declare, body)}$leads$`);
}

/**
 * Drops the stand-in alone: not the host's table, nor a stand-in with columns of the host's own, or
 * to which tables of the host refer.
 */
export function down(pgm: MigrationBuilder): void {
  const body = `
  FOR stand_in IN
    SELECT c.oid FROM pg_class c
     WHERE c.relname = 'leads' AND c.relnamespace = here AND ${IS_PLACEHOLDER}
  LOOP
    BEGIN
      EXECUTE format('DROP TABLE %s', stand_in);
    EXCEPTION WHEN dependent_objects_still_exist THEN
      RAISE NOTICE 'leads stays: objects of the host refer to it';
    END;
  END LOOP;`;
  pgm.sql(`DO $leads$${block('  stand_in regclass;', body)}$leads$`);
}
