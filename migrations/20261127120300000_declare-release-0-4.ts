import type { MigrationBuilder } from 'node-pg-migrate';
import { recordInUtc, secureMigrationsTable } from './shared/migrations-table.ts';

/** Declares release 0.4.0, which takes nothing from those before it. */
export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  secureMigrationsTable(pgm, {
    release: '0.4.0',
    head: '20261127120300000_declare-release-0-4',
    compatibleFrom: '0.1.0',
  });
}

/** What the release before has declared. */
export function down(pgm: MigrationBuilder): void {
  secureMigrationsTable(pgm, {
    release: '0.2.0',
    head: '20261122180800000_declare-release-0-2',
    compatibleFrom: '0.1.0',
  });
}
