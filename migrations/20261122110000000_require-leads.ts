import type { MigrationBuilder } from 'node-pg-migrate';
import { CLOSE_TABLE } from './shared/access.ts';
import { IS_STAND_IN, STAND_IN_COMMENT } from './shared/leads.ts';
import { keepLedgerPrivate, recordInUtc } from './shared/ledger.ts';
import { refuseWhatDoesNotFit } from './shared/refusals.ts';

/**
 * conversions.lead_id refers to the host's own leads(id). Where the search path has no leads
 * table, a minimal stand-in takes its place, told apart by its comment.
 */
export async function up(pgm: MigrationBuilder): Promise<void> {
  await refuseWhatDoesNotFit(pgm);
  recordInUtc(pgm);
  keepLedgerPrivate(pgm);
  pgm.sql(`DO $leads$
DECLARE
  target regclass;
  grantee text;
BEGIN
  IF EXISTS (SELECT FROM pg_class WHERE relname = 'leads' AND relpersistence <> 't' AND pg_table_is_visible(oid)) THEN
    RETURN;
  END IF;
  CREATE TABLE leads (
    id uuid DEFAULT gen_random_uuid() CONSTRAINT leads_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  COMMENT ON TABLE leads IS '${STAND_IN_COMMENT}';
  COMMENT ON COLUMN leads.id IS 'Primary key; conversions.lead_id refers to it.';
  COMMENT ON COLUMN leads.created_at IS 'When the row was inserted.';
  target := 'leads';${CLOSE_TABLE}
END
$leads$`);
}

/**
 * Drops the stand-in alone: not the host's table, nor a stand-in with columns of the host's own, or
 * to which tables of the host refer.
 */
export function down(pgm: MigrationBuilder): void {
  pgm.sql(`DO $leads$
BEGIN
  IF EXISTS (
    SELECT FROM pg_class c
     WHERE c.relname = 'leads' AND c.relnamespace = quote_ident(current_schema())::regnamespace
       AND ${IS_STAND_IN}
  ) THEN
    DROP TABLE leads;
  END IF;
EXCEPTION WHEN dependent_objects_still_exist THEN
  RAISE NOTICE 'leads stays: objects of the host refer to it';
END
$leads$`);
}
