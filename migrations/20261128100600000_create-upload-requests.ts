import type { MigrationBuilder } from 'node-pg-migrate';
import { closeTable } from './shared/access.ts';
import { revokeGranted } from './shared/event-triggers.ts';
import { recordInUtc } from './shared/migrations-table.ts';

const CHECKS = [
  {
    name: 'upload_requests_status_check',
    check: "status IN ('processing', 'succeeded', 'partially_succeeded', 'failed', 'expired')",
  },
  {
    name: 'upload_requests_next_check_at_check',
    check: "(next_check_at IS NOT NULL) = (status = 'processing')",
    comment: 'Requests are checked while they are processed.',
  },
  {
    name: 'upload_requests_settled_at_check',
    check: "(settled_at IS NULL) = (status IN ('processing', 'expired'))",
    comment: 'A request is settled by the final result of the platform.',
  },
];

/**
 * One row per request, with its entries in an array: no column or index of conversion_queue has to
 * change when the platform confirms an upload.
 */
export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  pgm.createTable(
    'upload_requests',
    {
      platform: {
        type: 'text',
        notNull: true,
        comment: 'The platform that accepted the request.',
      },
      request_id: {
        type: 'text',
        notNull: true,
        comment: "The platform's id of the request.",
      },
      entry_ids: {
        type: 'uuid[]',
        notNull: true,
        comment: "The uploaded entries of conversion_queue, in the order of the request's events.",
      },
      entry_count: { type: 'integer', notNull: true, comment: 'How many entries the request has.' },
      status: {
        type: 'text',
        notNull: true,
        default: 'processing',
        comment:
          'processing, succeeded, partially_succeeded, failed, or expired (no final result within a day).',
      },
      check_count: {
        type: 'integer',
        notNull: true,
        default: 0,
        comment: 'How often the request was claimed for a check.',
      },
      next_check_at: {
        type: 'timestamptz',
        comment:
          'When the next check is due; while a check is leased, when its lease expires. Null unless processing.',
      },
      lease_id: {
        type: 'uuid',
        comment: 'The claim that leased the check; null once its result was reported.',
      },
      accepted_at: {
        type: 'timestamptz',
        notNull: true,
        default: pgm.func('now()'),
        comment: 'When the request was recorded.',
      },
      settled_at: { type: 'timestamptz', comment: 'When the final result was reported.' },
      rejected_count: {
        type: 'integer',
        comment: 'How many entries the platform rejected; null until settled.',
      },
    },
    {
      comment: 'One row per upload request whose result the platform reports later.',
      constraints: { primaryKey: ['request_id', 'platform'] },
    },
  );
  for (const { name, check, comment } of CHECKS) {
    pgm.addConstraint('upload_requests', name, { check, ...(comment && { comment }) });
  }
  pgm.createIndex('upload_requests', ['platform', 'next_check_at'], {
    name: 'idx_upload_requests_due',
    where: "status = 'processing'",
  });
  pgm.createIndex('upload_requests', ['platform', 'status', 'accepted_at'], {
    name: 'idx_upload_requests_open',
    where: "status IN ('processing', 'expired')",
  });
  pgm.createIndex('upload_requests', 'settled_at', {
    name: 'idx_upload_requests_settled_at',
    where: 'settled_at IS NOT NULL',
  });
  closeTable(pgm, 'upload_requests');
  revokeGranted(pgm);
}

export function down(pgm: MigrationBuilder): void {
  pgm.dropTable('upload_requests');
}
