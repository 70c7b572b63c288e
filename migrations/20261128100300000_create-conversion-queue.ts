import type { MigrationBuilder } from 'node-pg-migrate';
import { closeTable } from './shared/access.ts';
import { revokeGranted } from './shared/event-triggers.ts';
import { recordInUtc } from './shared/migrations-table.ts';

export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  const now = { type: 'timestamptz', notNull: true, default: pgm.func('now()') };
  pgm.createTable(
    'conversion_queue',
    {
      id: {
        type: 'uuid',
        primaryKey: true,
        default: pgm.func('gen_random_uuid()'),
        comment: 'Primary key.',
      },
      conversion_id: {
        type: 'uuid',
        notNull: true,
        comment: 'The conversion to upload, a row of conversions.',
      },
      platform: {
        type: 'text',
        notNull: true,
        default: 'google_ads',
        comment: 'Where to upload to.',
      },
      status: {
        type: 'text',
        notNull: true,
        default: 'pending',
        comment:
          'pending, uploaded, failed (will be retried) or dead_letter (will not be retried).',
      },
      retry_count: {
        type: 'integer',
        notNull: true,
        default: 0,
        comment: 'Failed attempts; at most max_retries.',
      },
      max_retries: {
        type: 'integer',
        notNull: true,
        default: 5,
        comment: 'Failed attempts after which the entry becomes a dead letter.',
      },
      next_retry_at: {
        type: 'timestamptz',
        comment:
          'End of the backoff after a reported failure. Null where there is none: no failure was reported since the entry was created or requeued, or it is uploaded or a dead letter.',
      },
      last_error: { type: 'text', comment: 'Error of the last failed attempt.' },
      uploaded_at: { type: 'timestamptz', comment: 'When the upload was reported as completed.' },
      created_at: { ...now, comment: 'When the row was inserted.' },
      updated_at: { ...now, comment: 'When the row was last changed.' },
    },
    { comment: 'One row per conversion and platform to upload to.' },
  );
  pgm.addConstraint('conversion_queue', 'conversion_queue_status_check', {
    check: "status IN ('pending', 'uploaded', 'failed', 'dead_letter')",
  });
  pgm.addConstraint('conversion_queue', 'conversion_queue_conversion_id_fkey', {
    foreignKeys: { columns: 'conversion_id', references: 'conversions(id)', onDelete: 'CASCADE' },
  });
  pgm.createIndex('conversion_queue', ['status', 'next_retry_at'], {
    name: 'idx_queue_status_next_retry',
    where: "status IN ('pending', 'failed')",
  });
  pgm.createIndex('conversion_queue', 'conversion_id', { name: 'idx_queue_conversion_id' });
  pgm.createIndex('conversion_queue', 'platform', { name: 'idx_queue_platform' });
  closeTable(pgm, 'conversion_queue');
  revokeGranted(pgm);
}

export function down(pgm: MigrationBuilder): void {
  pgm.dropTable('conversion_queue');
}
