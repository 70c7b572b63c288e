import type { MigrationBuilder } from 'node-pg-migrate';
import { keepLedgerPrivate, recordInUtc } from './shared/migrations-table.ts';

/** Declares release 0.2.0, which takes nothing from those before it. */
export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  keepLedgerPrivate(pgm, {
    release: '0.2.0',
    head: '20261122180800000_declare-release-0-2',
    servesFrom: '0.1.0',
  });
}

/** What the release before has declared. */
export function down(pgm: MigrationBuilder): void {
  keepLedgerPrivate(pgm, {
    release: '0.1.0',
    head: '20261122110700000_declare-release',
    servesFrom: '0.1.0',
  });
}
