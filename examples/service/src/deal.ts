import type { Consent, ConversionType } from 'conversion-tracking-schema/types';

/** What the CRM reports of a deal. */
export interface Deal {
  readonly deal_id: string;
  readonly lead_id: string;
  readonly stage: ConversionType;
  readonly value?: number;
  readonly currency?: string;
  readonly happened_at?: string;
  readonly email?: string;
  /** The cookie that came with the lead's form. */
  readonly visitor_id?: string;
  readonly consent?: {
    readonly ad_user_data?: Consent;
    readonly ad_personalization?: Consent;
  };
}

const CONSENT = { type: 'string', enum: ['granted', 'denied'] };

/** The same for Fastify, which refuses what does not fit. */
export const dealSchema = {
  type: 'object',
  required: ['deal_id', 'lead_id', 'stage'],
  properties: {
    deal_id: { type: 'string', minLength: 1, maxLength: 200 },
    lead_id: { type: 'string', format: 'uuid' },
    stage: { type: 'string', enum: ['qualified', 'closed'] },
    value: { type: 'number', minimum: 0 },
    currency: { type: 'string', pattern: '^[A-Z]{3}$' },
    happened_at: { type: 'string', format: 'date-time' },
    email: { type: 'string', maxLength: 320 },
    visitor_id: { type: 'string', maxLength: 100 },
    consent: {
      type: 'object',
      properties: { ad_user_data: CONSENT, ad_personalization: CONSENT },
    },
  },
};
