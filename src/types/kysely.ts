// Generated: npm run generate.

import type { ColumnType, Generated } from 'kysely';
import type {
  Consent,
  ConversionType,
  JsonObject,
  QueueStatus,
  UploadRequestStatus,
} from './rows.ts';

/** The table visitors. */
export interface VisitorTable {
  /** Primary key, referenced by tracking_events.visitor_id. */
  id: Generated<string>;
  /** The id kept in the browser's cookie. */
  visitor_id: string;
  /** Google Ads click id of the latest click. */
  gclid: string | null;
  /** utm_source of the first visit that had any utm value. */
  utm_source: string | null;
  /** utm_medium of the first visit that had any utm value. */
  utm_medium: string | null;
  /** utm_campaign of the first visit that had any utm value. */
  utm_campaign: string | null;
  /** utm_term of the first visit that had any utm value. */
  utm_term: string | null;
  /** utm_content of the first visit that had any utm value. */
  utm_content: string | null;
  /** SHA-256 of the IP address, preferably keyed (HMAC). Never the address itself. */
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
  /** Primary key, referenced by conversion_queue.conversion_id. */
  id: Generated<string>;
  /** The lead, a row of leads. */
  lead_id: string;
  /** What the CRM reported: qualified or closed. */
  conversion_type: ConversionType;
  /** Value of the conversion; null: unknown. */
  conversion_value: ColumnType<
    string | null,
    number | string | null | undefined,
    number | string | null
  >;
  /** Currency of the value, an ISO 4217 code. */
  conversion_currency: Generated<string | null>;
  /** Identifies the reported conversion, once: crm_deal_id:conversion_type, or a key of your own where crm_deal_id is null. The transaction id of the upload. */
  idempotency_key: string;
  /** The CRM's own id of the deal. */
  crm_deal_id: string | null;
  /** Google Ads click id, given or copied from the lead's visitor. */
  gclid: string | null;
  /** SHA-256 of the normalised e-mail address, for Enhanced Conversions. */
  email_hash: string | null;
  /** utm_source, given or copied from the lead's visitor. */
  utm_source: string | null;
  /** utm_medium, given or copied from the lead's visitor. */
  utm_medium: string | null;
  /** utm_campaign, given or copied from the lead's visitor. */
  utm_campaign: string | null;
  /** When the row was inserted. */
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  /** When the row was last changed. */
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
  /** When the lead was qualified or closed; null: at created_at. */
  converted_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  /** Consent to send user data to Google for advertising: granted or denied; null: unknown. */
  consent_ad_user_data: Consent | null;
  /** Consent to personalized advertising: granted or denied; null: unknown. */
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
  /** pending, uploaded, failed (will be retried) or dead_letter (will not be retried). */
  status: Generated<QueueStatus>;
  /** Failed attempts; at most max_retries. */
  retry_count: Generated<number>;
  /** Failed attempts after which the entry becomes a dead letter. */
  max_retries: Generated<number>;
  /** End of the backoff after a reported failure. Null where there is none: no failure was reported since the entry was created or requeued, or it is uploaded or a dead letter. */
  next_retry_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  /** Error of the last failed attempt. */
  last_error: string | null;
  /** When the upload was reported as completed. */
  uploaded_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  /** When the row was inserted. */
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
  /** When the row was last changed. */
  updated_at: ColumnType<Date, Date | string | undefined, Date | string>;
  /** Id of the upload request, for platforms that report its result later. */
  request_id: string | null;
  /** The platform's code for last_error; LEASE_EXPIRED if the lease expired without an outcome. */
  error_code: string | null;
  /** When the lease expires; until then no other claim returns the entry. */
  leased_until: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  /** The claim that leased the entry; null once its outcome was reported. */
  lease_id: string | null;
  /** True: upload the entry in a request of its own, since a request with others was rejected in part without saying which. */
  send_alone: boolean | null;
}

/** The table tracking_events. */
export interface TrackingEventTable {
  /** Primary key. */
  id: Generated<string>;
  /** The visitor, a row of visitors; null if the cookie id was unknown or the visitor was deleted. */
  visitor_id: string | null;
  /** What happened: page_view, generate_lead, form_start and the like. */
  event_name: string;
  /** Id shared with GA4 for deduplication. */
  event_id: string | null;
  /** Parameters of the event, a JSON object. */
  params: Generated<JsonObject | null>;
  /** Page on which it happened. */
  page_url: string | null;
  /** When the event happened. */
  created_at: ColumnType<Date, Date | string | undefined, Date | string>;
}

/** The table upload_requests. */
export interface UploadRequestTable {
  /** The platform that accepted the request. */
  platform: string;
  /** The platform's id of the request. */
  request_id: string;
  /** The uploaded entries of conversion_queue, in the order of the request's events. */
  entry_ids: readonly string[];
  /** How many entries the request has. */
  entry_count: number;
  /** processing, succeeded, partially_succeeded, failed, or expired (no final result within a day). */
  status: Generated<UploadRequestStatus>;
  /** How often the request was claimed for a check. */
  check_count: Generated<number>;
  /** When the next check is due; while a check is leased, when its lease expires. Null unless processing. */
  next_check_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  /** The claim that leased the check; null once its result was reported. */
  lease_id: string | null;
  /** When the request was recorded. */
  accepted_at: ColumnType<Date, Date | string | undefined, Date | string>;
  /** When the final result was reported. */
  settled_at: ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
  /** How many entries the platform rejected; null until settled. */
  rejected_count: number | null;
}

/** The table leads. */
export interface LeadTable {
  /** Primary key, referenced by conversions.lead_id. */
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
  upload_requests: UploadRequestTable;
  leads: LeadTable;
}
