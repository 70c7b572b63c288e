import type { MigrationBuilder } from 'node-pg-migrate';
import { closeTable } from './shared/access.ts';
import { revokeGranted } from './shared/event-triggers.ts';
import { recordInUtc } from './shared/migrations-table.ts';

export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  pgm.createTable(
    'tracking_events',
    {
      id: {
        type: 'uuid',
        primaryKey: true,
        default: pgm.func('gen_random_uuid()'),
        comment: 'Primary key.',
      },
      visitor_id: {
        type: 'uuid',
        comment:
          'The visitor, a row of visitors; null if the cookie id was unknown or the visitor was deleted.',
      },
      event_name: {
        type: 'text',
        notNull: true,
        comment: 'What happened: page_view, generate_lead, form_start and the like.',
      },
      event_id: { type: 'text', comment: 'Id shared with GA4 for deduplication.' },
      params: {
        type: 'jsonb',
        default: pgm.func("'{}'::jsonb"),
        comment: 'Parameters of the event, a JSON object.',
      },
      page_url: { type: 'text', comment: 'Page on which it happened.' },
      created_at: {
        type: 'timestamptz',
        notNull: true,
        default: pgm.func('now()'),
        comment: 'When the event happened.',
      },
    },
    { comment: 'What a visitor did.' },
  );
  pgm.addConstraint('tracking_events', 'tracking_events_visitor_id_fkey', {
    foreignKeys: { columns: 'visitor_id', references: 'visitors(id)', onDelete: 'SET NULL' },
  });
  pgm.createIndex('tracking_events', 'visitor_id', { name: 'idx_tracking_events_visitor_id' });
  pgm.createIndex('tracking_events', 'event_name', { name: 'idx_tracking_events_event_name' });
  pgm.createIndex('tracking_events', 'created_at', { name: 'idx_tracking_events_created_at' });
  closeTable(pgm, 'tracking_events');
  revokeGranted(pgm);
}

export function down(pgm: MigrationBuilder): void {
  pgm.dropTable('tracking_events');
}
