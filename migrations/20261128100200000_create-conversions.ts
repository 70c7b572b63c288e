import type { MigrationBuilder } from 'node-pg-migrate';
import { closeTable } from './shared/access.ts';
import { revokeGranted } from './shared/event-triggers.ts';
import { recordInUtc } from './shared/migrations-table.ts';

export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  // The foreign key locks the application's leads table against writes. A client without a
  // lock_timeout must not make the application's writers wait behind a long transaction. Raw SQL:
  // the builder has no settings.
  pgm.sql(
    "SELECT set_config('lock_timeout', '5s', true) WHERE current_setting('lock_timeout') = '0'",
  );
  const now = { type: 'timestamptz', notNull: true, default: pgm.func('now()') };
  pgm.createTable(
    'conversions',
    {
      id: {
        type: 'uuid',
        primaryKey: true,
        default: pgm.func('gen_random_uuid()'),
        comment: 'Primary key, referenced by conversion_queue.conversion_id.',
      },
      lead_id: { type: 'uuid', notNull: true, comment: 'The lead, a row of leads.' },
      conversion_type: {
        type: 'text',
        notNull: true,
        comment: 'What the CRM reported: qualified or closed.',
      },
      conversion_value: {
        type: 'numeric(10,2)',
        comment: 'Value of the conversion; null: unknown.',
      },
      conversion_currency: {
        type: 'text',
        default: 'EUR',
        comment: 'Currency of the value, an ISO 4217 code.',
      },
      idempotency_key: {
        type: 'text',
        notNull: true,
        comment:
          'Identifies the reported conversion, once: crm_deal_id:conversion_type, or a key of your own where crm_deal_id is null. The transaction id of the upload.',
      },
      crm_deal_id: { type: 'text', comment: "The CRM's own id of the deal." },
      gclid: {
        type: 'text',
        comment: "Google Ads click id, given or copied from the lead's visitor.",
      },
      email_hash: {
        type: 'text',
        comment: 'SHA-256 of the normalised e-mail address, for Enhanced Conversions.',
      },
      utm_source: { type: 'text', comment: "utm_source, given or copied from the lead's visitor." },
      utm_medium: { type: 'text', comment: "utm_medium, given or copied from the lead's visitor." },
      utm_campaign: {
        type: 'text',
        comment: "utm_campaign, given or copied from the lead's visitor.",
      },
      created_at: { ...now, comment: 'When the row was inserted.' },
      updated_at: { ...now, comment: 'When the row was last changed.' },
    },
    { comment: 'One row per qualified or closed lead.' },
  );
  pgm.addConstraint('conversions', 'conversions_conversion_type_check', {
    check: "conversion_type IN ('qualified', 'closed')",
  });
  pgm.addConstraint('conversions', 'idx_conversions_idempotency_key', {
    unique: 'idempotency_key',
  });
  pgm.createIndex('conversions', 'lead_id', { name: 'idx_conversions_lead_id' });
  pgm.createIndex('conversions', 'created_at', { name: 'idx_conversions_created_at' });
  pgm.createIndex('conversions', 'conversion_type', { name: 'idx_conversions_type' });
  closeTable(pgm, 'conversions');
  pgm.addConstraint('conversions', 'conversions_lead_id_fkey', {
    foreignKeys: { columns: 'lead_id', references: 'leads(id)', onDelete: 'CASCADE' },
  });
  revokeGranted(pgm);
}

export function down(pgm: MigrationBuilder): void {
  pgm.dropTable('conversions');
}
