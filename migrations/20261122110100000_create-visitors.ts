import type { MigrationBuilder } from 'node-pg-migrate';
import { closeTable } from './shared/access.ts';
import { recordInUtc, secureMigrationsTable } from './shared/migrations-table.ts';

export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  // The first migration is recorded by now: the ledger is found whatever its name.
  secureMigrationsTable(pgm);
  const now = { type: 'timestamptz', notNull: true, default: pgm.func('now()') };
  pgm.createTable(
    'visitors',
    {
      id: {
        type: 'uuid',
        primaryKey: true,
        default: pgm.func('gen_random_uuid()'),
        comment: 'Primary key; tracking_events.visitor_id refers to it.',
      },
      visitor_id: { type: 'text', notNull: true, comment: "The id kept in the browser's cookie." },
      gclid: { type: 'text', comment: 'Google Ads click id that the visitor arrived with.' },
      utm_source: { type: 'text', comment: 'utm_source of the first visit.' },
      utm_medium: { type: 'text', comment: 'utm_medium of the first visit.' },
      utm_campaign: { type: 'text', comment: 'utm_campaign of the first visit.' },
      utm_term: { type: 'text', comment: 'utm_term of the first visit.' },
      utm_content: { type: 'text', comment: 'utm_content of the first visit.' },
      ip_hash: {
        type: 'text',
        comment: 'SHA-256 of the IP address, best keyed (HMAC). Never the address itself.',
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
}

export function down(pgm: MigrationBuilder): void {
  pgm.dropTable('visitors');
}
