// Generated: npm run generate.

import type { ColumnType, Generated } from 'kysely';
import type { Consent, ConversionType, JsonObject, QueueStatus } from './rows.ts';

/** The table visitors. */
export interface VisitorTable {
  /** Primary key; tracking_events.visitor_id refers to it. */
  id: Generated<string>;
  /** The id kept in the browser's cookie. */
  visitor_id: string;
  /** Google Ads click id that the visitor arrived with. */
  gclid: string | null;
  /** utm_source of the first visit. */
  utm_source: string | null;
  /** utm_medium of the first visit. */
  utm_medium: string | null;
  /** utm_campaign of the first visit. */
  utm_campaign: string | null;
  /** utm_term of the first visit. */
  utm_term: string | null;
  /** utm_content of the first visit. */
  utm_content: string | null;
  /** SHA-256 of the IP address, best keyed (HMAC). Never the address itself. */
  ip_hash: string | null;
  /** User-Agent header. */
  user_agent: string | null;
  /** First page visited. */
  landing_page: string | null;
  /** HTTP referrer. */
  referrer: string | null;
  /** When the visitor was first seen. */
  first_seen_at: ColumnType<Date, Date | string | undefined, Date | string>;
  /** When the visitor was last seen. */
  last_seen_at: ColumnType<Date, Date | string | undefined, Date | string>;
  /** When the row was inserted. */
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

/** The table conversions. */
export interface ConversionTable {
  /** Primary key; conversion_queue.conversion_id refers to it. */
  id: Generated<string>;
  /** The lead, a row of leads. */
  lead_id: string;
  /** What the CRM reported: qualified or closed. */
  conversion_type: ConversionType;
  /** Value of the conversion, if known. */
  conversion_value: ColumnType<
    string | null,
    number | string | null | undefined,
    number | string | null
  >;
  /** Currency of the value, an ISO 4217 code. */
  conversion_currency: Generated<string | null>;
  /** crm_deal_id:conversion_type. Keeps one row per reported conversion, and serves as the transaction id of the upload. */
  idempotency_key: string;
  /** The CRM's own id of the deal. */
  crm_deal_id: string | null;
  /** Google Ads click id, copied from the lead's visitor. */
  gclid: string | null;
  /** SHA-256 of the normalised e-mail address, for Enhanced Conversions. */
  email_hash: string | null;
  /** utm_source, copied from the lead's visitor. */
  utm_source: string | null;
  /** utm_medium, copied from the lead's visitor. */
  utm_medium: string | null;
  /** utm_campaign, copied from the lead's visitor. */
  utm_campaign: string | null;
  /** When the row was inserted. */
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  /** When the row was last changed. */
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
  /** When the lead was qualified or closed; null: when the row was inserted. */
  converted_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  /** Consent to send user data to Google for advertising: granted, denied or unknown. */
  consent_ad_user_data: Consent | null;
  /** Consent to personalised advertising: granted, denied or unknown. */
  consent_ad_personalization: Consent | null;
}

/** The table conversion_queue. */
export interface ConversionQueueEntryTable {
  /** Primary key. */
  id: Generated<string>;
  /** The conversion to upload, a row of conversions. */
  conversion_id: string;
  /** Where to upload to. */
  platform: Generated<string>;
  /** pending, uploaded, failed (to be tried again) or dead_letter (given up). */
  status: Generated<QueueStatus>;
  /** Tries that failed; at most max_retries. */
  retry_count: Generated<number>;
  /** Tries after which the entry becomes a dead letter. */
  max_retries: Generated<number>;
  /** When the entry is due; null while pending and never tried. */
  next_retry_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  /** What the last failed try answered. */
  last_error: string | null;
  /** When the platform took the conversion. */
  uploaded_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  /** When the row was inserted. */
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  /** When the row was last changed. */
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
  /** By which the platform tells of the upload, if it answers later. */
  request_id: string | null;
  /** What the platform calls the error of the last failed try. */
  error_code: string | null;
  /** Until when the entry is out with a worker; nobody else gets it before. */
  leased_until: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  /** The claim that the entry is out with, until that one has answered. */
  lease_id: string | null;
}

/** The table tracking_events. */
export interface TrackingEventTable {
  /** Primary key. */
  id: Generated<string>;
  /** The visitor, a row of visitors; null once that row is gone. */
  visitor_id: string | null;
  /** What happened: page_view, generate_lead, form_start and the like. */
  event_name: string;
  /** Shared with GA4, for deduplication. */
  event_id: string | null;
  /** Parameters of the event, a JSON object. */
  params: Generated<JsonObject | null>;
  /** Page on which it happened. */
  page_url: string | null;
  /** When the row was inserted. */
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

/** The table leads. */
export interface LeadTable {
  /** Primary key; conversions.lead_id refers to it. */
  id: Generated<string>;
  /** When the row was inserted. */
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

/**
 * The tables, for `new Kysely<Database>()`; to go with your own: `Kysely<Database & MyTables>`, or
 * `Kysely<Omit<Database, 'leads'> & MyTables>` where leads is yours.
 */
export interface Database {
  visitors: VisitorTable;
  conversions: ConversionTable;
  conversion_queue: ConversionQueueEntryTable;
  tracking_events: TrackingEventTable;
  leads: LeadTable;
}
