import type { MigrationBuilder } from 'node-pg-migrate';
import { recordInUtc } from './shared/migrations-table.ts';

const CONSENT = ['consent_ad_user_data', 'consent_ad_personalization'];

/** What Google's Data Manager API asks for or answers, and the contract has no place for. */
export function up(pgm: MigrationBuilder): void {
  recordInUtc(pgm);
  pgm.addColumns('conversions', {
    converted_at: {
      type: 'timestamptz',
      comment: 'When the lead was qualified or closed; null: when the row was inserted.',
    },
    consent_ad_user_data: {
      type: 'text',
      comment: 'Consent to send user data to Google for advertising: granted, denied or unknown.',
    },
    consent_ad_personalization: {
      type: 'text',
      comment: 'Consent to personalised advertising: granted, denied or unknown.',
    },
  });
  for (const column of CONSENT) {
    pgm.addConstraint('conversions', `conversions_${column}_check`, {
      check: `${column} IN ('granted', 'denied')`,
    });
  }
  pgm.addColumns('conversion_queue', {
    request_id: {
      type: 'text',
      comment: 'By which the platform tells of the upload, if it answers later.',
    },
    error_code: {
      type: 'text',
      comment: 'What the platform calls the error of the last failed try.',
    },
  });
}

export function down(pgm: MigrationBuilder): void {
  pgm.dropColumns('conversion_queue', ['request_id', 'error_code']);
  pgm.dropColumns('conversions', ['converted_at', ...CONSENT]);
}
