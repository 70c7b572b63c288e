import type { Consent, ConversionType } from 'conversion-tracking-schema/types';

/** What the CRM reports of a deal; null is as good as nothing. */
export interface Deal {
  readonly deal_id: string;
  readonly lead_id: string;
  readonly stage: ConversionType;
  readonly value?: number | null;
  readonly currency?: string | null;
  readonly happened_at?: string | null;
  readonly email?: string | null;
  /** The cookie that came with the lead's form. */
  readonly visitor_id?: string | null;
  readonly consent?: {
    readonly ad_user_data?: Consent | null;
    readonly ad_personalization?: Consent | null;
  } | null;
}

const CONSENT = { type: ['string', 'null'], enum: ['granted', 'denied', null] };

/** The same for Fastify, which refuses what does not fit. */
export const dealSchema = {
  type: 'object',
  required: ['deal_id', 'lead_id', 'stage'],
  properties: {
    deal_id: { type: 'string', minLength: 1, maxLength: 200 },
    lead_id: { type: 'string', format: 'uuid' },
    stage: { type: 'string', enum: ['qualified', 'closed'] },
    value: { type: ['number', 'null'], minimum: 0 },
    currency: { type: ['string', 'null'], pattern: '^[A-Z]{3}$' },
    happened_at: { type: ['string', 'null'], format: 'date-time' },
    email: { type: ['string', 'null'], maxLength: 320 },
    visitor_id: { type: ['string', 'null'], maxLength: 100 },
    consent: {
      type: ['object', 'null'],
      properties: { ad_user_data: CONSENT, ad_personalization: CONSENT },
    },
  },
};
