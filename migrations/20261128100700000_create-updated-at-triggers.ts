import type { MigrationBuilder } from 'node-pg-migrate';
import { closeTriggerFunction } from './shared/access.ts';
import { revokeGranted } from './shared/event-triggers.ts';
import { recordInUtc } from './shared/migrations-table.ts';

const TABLES = ['conversions', 'conversion_queue'];

/**
 * A statement that sets `updated_at = now()` itself does not call the function, which would only
 * repeat that.
 */
export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  pgm.createFunction(
    'tracking_set_updated_at',
    [],
    {
      returns: 'trigger',
      language: 'plpgsql',
      set: [{ configurationParameter: 'search_path', value: 'pg_catalog, pg_temp' }],
    },
    `
BEGIN
  IF NEW *<> OLD THEN
    NEW.updated_at := now();
  END IF;
  RETURN NEW;
END
`,
  );
  // Raw SQL: the builder comments neither on functions nor on triggers.
  pgm.sql(
    `COMMENT ON FUNCTION tracking_set_updated_at() IS 'Trigger function: sets updated_at to the time of the transaction if the row changes.'`,
  );
  closeTriggerFunction(pgm, 'tracking_set_updated_at()');
  for (const table of TABLES) {
    pgm.createTrigger(table, `${table}_set_updated_at`, {
      when: 'BEFORE',
      operation: 'UPDATE',
      level: 'ROW',
      condition: 'NEW.updated_at IS DISTINCT FROM pg_catalog.now()',
      function: 'tracking_set_updated_at',
    });
    pgm.sql(
      `COMMENT ON TRIGGER ${table}_set_updated_at ON ${table} IS 'Sets updated_at when a row changes.'`,
    );
  }
  revokeGranted(pgm);
}

export function down(pgm: MigrationBuilder): void {
  for (const table of TABLES) {
    pgm.dropTrigger(table, `${table}_set_updated_at`);
  }
  pgm.dropFunction('tracking_set_updated_at', []);
}
