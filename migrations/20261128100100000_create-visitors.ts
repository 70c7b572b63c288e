import type { MigrationBuilder } from 'node-pg-migrate';
import { closeTable } from './shared/access.ts';
import { revokeGranted } from './shared/event-triggers.ts';
import { recordInUtc, secureMigrationsTable } from './shared/migrations-table.ts';

export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  // The first migration is recorded by now, so the migrations table is found whatever its name.
  secureMigrationsTable(pgm);
  const firstUtm = (name: string) => `${name} of the first visit that had any utm value.`;
  const now = { type: 'timestamptz', notNull: true, default: pgm.func('now()') };
  pgm.createTable(
    'visitors',
    {
      id: {
        type: 'uuid',
        primaryKey: true,
        default: pgm.func('gen_random_uuid()'),
        comment: 'Primary key, referenced by tracking_events.visitor_id.',
      },
      visitor_id: { type: 'text', notNull: true, comment: "The id kept in the browser's cookie." },
      gclid: { type: 'text', comment: 'Google Ads click id of the latest click.' },
      utm_source: { type: 'text', comment: firstUtm('utm_source') },
      utm_medium: { type: 'text', comment: firstUtm('utm_medium') },
      utm_campaign: { type: 'text', comment: firstUtm('utm_campaign') },
      utm_term: { type: 'text', comment: firstUtm('utm_term') },
      utm_content: { type: 'text', comment: firstUtm('utm_content') },
      ip_hash: {
        type: 'text',
        comment: 'SHA-256 of the IP address, preferably keyed (HMAC). Never the address itself.',
      },
      user_agent: { type: 'text', comment: 'User-Agent header.' },
      landing_page: { type: 'text', comment: 'First page visited.' },
      referrer: { type: 'text', comment: 'HTTP referrer.' },
      first_seen_at: { ...now, comment: 'When the visitor was first seen.' },
      last_seen_at: { ...now, comment: 'When the visitor was last seen.' },
      created_at: { ...now, comment: 'When the row was inserted.' },
    },
    { comment: 'One row per browser.' },
  );
  pgm.addConstraint('visitors', 'idx_visitors_visitor_id', { unique: 'visitor_id' });
  pgm.createIndex('visitors', 'gclid', {
    name: 'idx_visitors_gclid',
    where: 'gclid IS NOT NULL',
  });
  pgm.createIndex('visitors', 'last_seen_at', { name: 'idx_visitors_last_seen_at' });
  closeTable(pgm, 'visitors');
  revokeGranted(pgm);
}

export function down(pgm: MigrationBuilder): void {
  pgm.dropTable('visitors');
}
