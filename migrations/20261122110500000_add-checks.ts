import type { MigrationBuilder } from 'node-pg-migrate';
import { recordInUtc } from './shared/ledger.ts';

const IPV4 = '[0-9]{1,3}([.][0-9]{1,3}){3}';
const GROUP = '[0-9a-f]{1,4}';
const IPV6 = [
  `(${GROUP}:){7}${GROUP}`,
  `(${GROUP}:){6}${IPV4}`,
  `(${GROUP}(:${GROUP}){0,6})?::((${GROUP}:){0,6}(${GROUP}|${IPV4}))?`,
].join('|');
/**
 * An address that stands by itself: bare, bracketed, quoted or labelled, with port, prefix length
 * or zone, in a URL, or in a list such as X-Forwarded-For. Within hex, Base64, bcrypt, argon2 or a
 * colon-separated digest it never stands so. No backslashes: standard_conforming_strings may be off.
 */
const ADDRESS = [
  `(^|[^0-9A-Za-z./+$_-])/*${IPV4}[.]?($|[^0-9A-Za-z.+$])`,
  `(^|[^0-9A-Za-z./+$_:-])/*(${IPV6})(:[0-9]{1,5})?($|[^0-9A-Za-z.+$:])`,
].join('|');

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
