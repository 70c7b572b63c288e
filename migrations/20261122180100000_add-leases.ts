import type { MigrationBuilder } from 'node-pg-migrate';
import { recordInUtc } from './shared/migrations-table.ts';

/** Room for a lease on the same page, and vacuuming by the work done rather than by the table's size. */
const STORAGE = [
  ['fillfactor', '65'],
  ['autovacuum_vacuum_scale_factor', '0.01'],
  ['autovacuum_vacuum_threshold', '1000'],
  ['vacuum_index_cleanup', 'on'],
];

/**
 * What claiming entries needs. A lease has columns of its own that no index holds: next_retry_at is
 * indexed, and moving it ahead at each claim would write to every index.
 */
export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  pgm.addColumns('conversion_queue', {
    leased_until: {
      type: 'timestamptz',
      comment: 'Until when the entry is out with a worker; nobody else gets it before.',
    },
    lease_id: {
      type: 'uuid',
      comment: 'The claim that the entry is out with, until that one has answered.',
    },
  });
  pgm.createIndex('conversion_queue', ['platform', 'coalesce(next_retry_at, created_at)'], {
    name: 'idx_queue_due',
    where: "status IN ('pending', 'failed')",
  });
  pgm.createIndex('conversion_queue', ['platform', 'created_at'], {
    name: 'idx_queue_dead_letter',
    where: "status = 'dead_letter'",
  });
  const set = STORAGE.map(([name, value]) => `${name} = ${value}`).join(', ');
  pgm.sql(`ALTER TABLE conversion_queue SET (${set})`);
}

export function down(pgm: MigrationBuilder): void {
  const reset = STORAGE.map(([name]) => name).join(', ');
  pgm.sql(`ALTER TABLE conversion_queue RESET (${reset})`);
  pgm.dropIndex('conversion_queue', [], { name: 'idx_queue_dead_letter' });
  pgm.dropIndex('conversion_queue', [], { name: 'idx_queue_due' });
  pgm.dropColumns('conversion_queue', ['leased_until', 'lease_id']);
}
