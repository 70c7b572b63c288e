import type { MigrationBuilder } from 'node-pg-migrate';
import { looksLikeAddress } from './shared/addresses.ts';
import { revokeGranted } from './shared/event-triggers.ts';
import { recordInUtc } from './shared/migrations-table.ts';

/** Columns for what Google's Data Manager API takes and returns. */
const DATA_MANAGER_COLUMNS = {
  conversions: {
    converted_at: {
      type: 'timestamptz',
      comment: 'When the lead was qualified or closed; null: at created_at.',
    },
    consent_ad_user_data: {
      type: 'text',
      comment:
        'Consent to send user data to Google for advertising: granted or denied; null: unknown.',
    },
    consent_ad_personalization: {
      type: 'text',
      comment: 'Consent to personalized advertising: granted or denied; null: unknown.',
    },
  },
  conversion_queue: {
    request_id: {
      type: 'text',
      comment: 'Id of the upload request, for platforms that report its result later.',
    },
    error_code: {
      type: 'text',
      comment:
        "The platform's code for last_error; LEASE_EXPIRED if the lease expired without an outcome.",
    },
  },
};

/** Kept until the entry is deleted: whether its next upload fails or its lease expires, it is sent alone again. */
const SEND_ALONE = {
  send_alone: {
    type: 'boolean',
    comment:
      'True: upload the entry in a request of its own, since a request with others was rejected in part without saying which.',
  },
};

/**
 * A lease has columns of its own that no index holds: next_retry_at is indexed, and moving it at
 * each claim would write to every index.
 */
const LEASE_COLUMNS = {
  leased_until: {
    type: 'timestamptz',
    comment: 'When the lease expires; until then no other claim returns the entry.',
  },
  lease_id: {
    type: 'uuid',
    comment: 'The claim that leased the entry; null once its outcome was reported.',
  },
};

/** Each refuses what the contract forbids, and accepts null. */
const CHECKS = [
  {
    table: 'visitors',
    name: 'visitors_ip_hash_check',
    check: `NOT (${looksLikeAddress('ip_hash')})`,
    comment: 'Refuses a raw IPv4 or IPv6 address.',
  },
  {
    table: 'conversions',
    name: 'conversions_conversion_currency_check',
    check: "conversion_currency ~ '^[A-Z]{3}$'",
    comment: 'An ISO 4217 code has three capital letters.',
  },
  {
    table: 'conversions',
    name: 'conversions_idempotency_key_check',
    check: "idempotency_key = crm_deal_id || ':' || conversion_type",
    comment: 'The key is derived from crm_deal_id where that is known.',
  },
  {
    table: 'conversions',
    name: 'conversions_consent_ad_user_data_check',
    check: "consent_ad_user_data IN ('granted', 'denied')",
    comment: 'Null means unknown.',
  },
  {
    table: 'conversions',
    name: 'conversions_consent_ad_personalization_check',
    check: "consent_ad_personalization IN ('granted', 'denied')",
    comment: 'Null means unknown.',
  },
  {
    table: 'conversion_queue',
    name: 'conversion_queue_retry_count_check',
    check: 'retry_count BETWEEN 0 AND max_retries',
    comment: 'An entry has at most max_retries failed attempts.',
  },
  {
    table: 'tracking_events',
    name: 'tracking_events_params_check',
    check: "jsonb_typeof(params) = 'object'",
    comment: 'Parameters are a JSON object.',
  },
];

/** Room for a lease on the same page, and vacuuming by the work done rather than by the table's size. */
const STORAGE = {
  fillfactor: '50',
  autovacuum_vacuum_scale_factor: '0.01',
  autovacuum_vacuum_threshold: '1000',
  vacuum_index_cleanup: 'on',
};

/** Adds what goes beyond the contract, and accepts every row that the contract allows. */
export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  for (const [table, columns] of Object.entries(DATA_MANAGER_COLUMNS)) {
    pgm.addColumns(table, columns);
  }
  pgm.addColumns('conversion_queue', { ...LEASE_COLUMNS, ...SEND_ALONE });
  for (const { table, name, check, comment } of CHECKS) {
    pgm.addConstraint(table, name, { check, comment });
  }
  pgm.createIndex('conversion_queue', ['platform', 'coalesce(next_retry_at, created_at)'], {
    name: 'idx_queue_due',
    where: "status IN ('pending', 'failed')",
  });
  pgm.createIndex('conversion_queue', ['platform', 'created_at'], {
    name: 'idx_queue_dead_letter',
    where: "status = 'dead_letter'",
  });
  // Raw SQL: the builder has no storage parameters.
  const settings = Object.entries(STORAGE).map(([name, value]) => `${name} = ${value}`);
  pgm.sql(`ALTER TABLE conversion_queue SET (${settings.join(', ')})`);
  revokeGranted(pgm);
}

export function down(pgm: MigrationBuilder): void {
  pgm.sql(`ALTER TABLE conversion_queue RESET (${Object.keys(STORAGE).join(', ')})`);
  pgm.dropIndex('conversion_queue', [], { name: 'idx_queue_dead_letter' });
  pgm.dropIndex('conversion_queue', [], { name: 'idx_queue_due' });
  for (const { table, name } of CHECKS) pgm.dropConstraint(table, name);
  pgm.dropColumns('conversion_queue', Object.keys({ ...LEASE_COLUMNS, ...SEND_ALONE }));
  for (const [table, columns] of Object.entries(DATA_MANAGER_COLUMNS)) {
    pgm.dropColumns(table, Object.keys(columns));
  }
  revokeGranted(pgm);
}
