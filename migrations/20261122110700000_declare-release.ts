import type { MigrationBuilder } from 'node-pg-migrate';
import { keepLedgerPrivate, recordInUtc } from './shared/migrations-table.ts';

/**
 * Declares release 0.1.0 in the ledger's comment. Every release ends with a migration like this
 * one; packages from `servesFrom` on go on working with the database.
 */
export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  keepLedgerPrivate(pgm, {
    release: '0.1.0',
    head: '20261122110700000_declare-release',
    servesFrom: '0.1.0',
  });
}

export function down(pgm: MigrationBuilder): void {
  keepLedgerPrivate(pgm);
}
