import type { MigrationBuilder } from 'node-pg-migrate';
import { recordInUtc, secureMigrationsTable } from './shared/migrations-table.ts';

/**
 * Declares release 0.1.0 in the ledger's comment. Every release ends with a migration like this
 * one; packages from `compatibleFrom` on go on working with the database.
 */
export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  secureMigrationsTable(pgm, {
    release: '0.1.0',
    head: '20261122110700000_declare-release',
    compatibleFrom: '0.1.0',
  });
}

export function down(pgm: MigrationBuilder): void {
  secureMigrationsTable(pgm);
}
