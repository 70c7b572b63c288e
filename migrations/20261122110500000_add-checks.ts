import type { MigrationBuilder } from 'node-pg-migrate';
import { ADDRESS } from './shared/addresses.ts';
import { recordInUtc } from './shared/migrations-table.ts';

const CHECKS = [
  {
    table: 'visitors',
    name: 'visitors_ip_hash_check',
    check: `ip_hash !~* '${ADDRESS}'`,
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
    comment: 'Where the deal is known, the key is made of it.',
  },
  {
    table: 'conversion_queue',
    name: 'conversion_queue_retry_count_check',
    check: 'retry_count BETWEEN 0 AND max_retries',
    comment: 'An entry is tried at most max_retries times.',
  },
  {
    table: 'tracking_events',
    name: 'tracking_events_params_check',
    check: "jsonb_typeof(params) = 'object'",
    comment: 'Parameters are a JSON object.',
  },
];

/** Checks that refuse what the contract already forbids. Each passes when its column is null. */
export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  for (const { table, name, check, comment } of CHECKS) {
    pgm.addConstraint(table, name, { check, comment });
  }
}

export function down(pgm: MigrationBuilder): void {
  for (const { table, name } of CHECKS) {
    pgm.dropConstraint(table, name);
  }
}
