import type { MigrationBuilder } from 'node-pg-migrate';
import { closeTriggerFunction } from './shared/access.ts';
import { recordInUtc } from './shared/migrations-table.ts';

const TABLES = ['conversions', 'conversion_queue'];

export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  pgm.createFunction(
    'tracking_set_updated_at',
    [],
    {
      returns: 'trigger',
      language: 'plpgsql',
      set: [{ configurationParameter: 'search_path', value: "''" }],
    },
    `
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END
`,
  );
  pgm.sql(
    `COMMENT ON FUNCTION tracking_set_updated_at() IS 'Trigger function: sets updated_at to the time of the transaction.'`,
  );
  closeTriggerFunction(pgm, 'tracking_set_updated_at()');
  for (const table of TABLES) {
    pgm.createTrigger(table, `${table}_set_updated_at`, {
      when: 'BEFORE',
      operation: 'UPDATE',
      level: 'ROW',
      condition: 'OLD.* OPERATOR(pg_catalog.*<>) NEW.*',
      function: 'tracking_set_updated_at',
    });
    pgm.sql(
      `COMMENT ON TRIGGER ${table}_set_updated_at ON ${table} IS 'Keeps updated_at current when a row really changes.'`,
    );
  }
}

export function down(pgm: MigrationBuilder): void {
  for (const table of TABLES) {
    pgm.dropTrigger(table, `${table}_set_updated_at`);
  }
  pgm.dropFunction('tracking_set_updated_at', []);
}
