import type { MigrationBuilder } from 'node-pg-migrate';
import { recordInUtc } from './shared/migrations-table.ts';

/** As long as a row really changes. */
const CHANGED = 'OLD.* OPERATOR(pg_catalog.*<>) NEW.*';

/**
 * A statement that says `updated_at = now()` itself leaves nothing for the trigger to do: to compare
 * the rows and to call its function for each would only set what is there. Null is another value.
 */
const NOT_SET_YET = 'coalesce(NEW.updated_at OPERATOR(pg_catalog.<>) pg_catalog.now(), true)';

export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  replaceTrigger(pgm, `${NOT_SET_YET} AND ${CHANGED}`);
}

export function down(pgm: MigrationBuilder): void {
  replaceTrigger(pgm, CHANGED);
}

/** Replaced, and not dropped and created: no update goes without it, and its comment stays. */
function replaceTrigger(pgm: MigrationBuilder, condition: string): void {
  pgm.sql(`CREATE OR REPLACE TRIGGER conversion_queue_set_updated_at
  BEFORE UPDATE ON conversion_queue
  FOR EACH ROW
  WHEN (${condition})
  EXECUTE FUNCTION tracking_set_updated_at()`);
}
