// Generated: npm run generate.

/** What the CRM reported about the lead. */
export type ConversionType = 'qualified' | 'closed';

/** Consent; null if unknown. */
export type Consent = 'granted' | 'denied';

/** Status of a queue entry. */
export type QueueStatus = 'pending' | 'uploaded' | 'failed' | 'dead_letter';

/** Status of an upload request. */
export type UploadRequestStatus =
  | 'processing'
  | 'succeeded'
  | 'partially_succeeded'
  | 'failed'
  | 'expired';

/** The value of a jsonb column: an object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** One row per browser. Types as pg returns them: a timestamptz is a Date, a numeric a string. */
export interface Visitor {
  /** Primary key, referenced by tracking_events.visitor_id. */
  readonly id: string;
  /** The id kept in the browser's cookie. */
  readonly visitor_id: string;
  /** Google Ads click id of the latest click. */
  readonly gclid: string | null;
  /** utm_source of the first visit that had any utm value. */
  readonly utm_source: string | null;
  /** utm_medium of the first visit that had any utm value. */
  readonly utm_medium: string | null;
  /** utm_campaign of the first visit that had any utm value. */
  readonly utm_campaign: string | null;
  /** utm_term of the first visit that had any utm value. */
  readonly utm_term: string | null;
  /** utm_content of the first visit that had any utm value. */
  readonly utm_content: string | null;
  /** SHA-256 of the IP address, preferably keyed (HMAC). Never the address itself. */
  readonly ip_hash: string | null;
  /** User-Agent header. */
  readonly user_agent: string | null;
  /** First page visited. */
  readonly landing_page: string | null;
  /** HTTP referrer. */
  readonly referrer: string | null;
  /** When the visitor was first seen. */
  readonly first_seen_at: Date;
  /** When the visitor was last seen. */
  readonly last_seen_at: Date;
  /** When the row was inserted. */
  readonly created_at: Date;
}

/** Columns for an INSERT into visitors. */
export interface NewVisitor {
  /** Primary key, referenced by tracking_events.visitor_id. */
  id?: string | undefined;
  /** The id kept in the browser's cookie. */
  visitor_id: string;
  /** Google Ads click id of the latest click. */
  gclid?: string | null | undefined;
  /** utm_source of the first visit that had any utm value. */
  utm_source?: string | null | undefined;
  /** utm_medium of the first visit that had any utm value. */
  utm_medium?: string | null | undefined;
  /** utm_campaign of the first visit that had any utm value. */
  utm_campaign?: string | null | undefined;
  /** utm_term of the first visit that had any utm value. */
  utm_term?: string | null | undefined;
  /** utm_content of the first visit that had any utm value. */
  utm_content?: string | null | undefined;
  /** SHA-256 of the IP address, preferably keyed (HMAC). Never the address itself. */
  ip_hash?: string | null | undefined;
  /** User-Agent header. */
  user_agent?: string | null | undefined;
  /** First page visited. */
  landing_page?: string | null | undefined;
  /** HTTP referrer. */
  referrer?: string | null | undefined;
  /** When the visitor was first seen. */
  first_seen_at?: Date | string | undefined;
  /** When the visitor was last seen. */
  last_seen_at?: Date | string | undefined;
  /** When the row was inserted. */
  created_at?: Date | string | undefined;
}

/** Columns for an UPDATE of visitors. */
export type VisitorUpdate = Partial<NewVisitor>;

/** One row per qualified or closed lead. Types as pg returns them: a timestamptz is a Date, a numeric a string. */
export interface Conversion {
  /** Primary key, referenced by conversion_queue.conversion_id. */
  readonly id: string;
  /** The lead, a row of leads. */
  readonly lead_id: string;
  /** What the CRM reported: qualified or closed. */
  readonly conversion_type: ConversionType;
  /** Value of the conversion; null: unknown. */
  readonly conversion_value: string | null;
  /** Currency of the value, an ISO 4217 code. */
  readonly conversion_currency: string | null;
  /** Identifies the reported conversion, once: crm_deal_id:conversion_type, or a key of your own where crm_deal_id is null. The transaction id of the upload. */
  readonly idempotency_key: string;
  /** The CRM's own id of the deal. */
  readonly crm_deal_id: string | null;
  /** Google Ads click id, given or copied from the lead's visitor. */
  readonly gclid: string | null;
  /** SHA-256 of the normalised e-mail address, for Enhanced Conversions. */
  readonly email_hash: string | null;
  /** utm_source, given or copied from the lead's visitor. */
  readonly utm_source: string | null;
  /** utm_medium, given or copied from the lead's visitor. */
  readonly utm_medium: string | null;
  /** utm_campaign, given or copied from the lead's visitor. */
  readonly utm_campaign: string | null;
  /** When the row was inserted. */
  readonly created_at: Date;
  /** When the row was last changed. */
  readonly updated_at: Date;
  /** When the lead was qualified or closed; null: at created_at. */
  readonly converted_at: Date | null;
  /** Consent to send user data to Google for advertising: granted or denied; null: unknown. */
  readonly consent_ad_user_data: Consent | null;
  /** Consent to personalized advertising: granted or denied; null: unknown. */
  readonly consent_ad_personalization: Consent | null;
}

/** Columns for an INSERT into conversions. */
export interface NewConversion {
  /** Primary key, referenced by conversion_queue.conversion_id. */
  id?: string | undefined;
  /** The lead, a row of leads. */
  lead_id: string;
  /** What the CRM reported: qualified or closed. */
  conversion_type: ConversionType;
  /** Value of the conversion; null: unknown. */
  conversion_value?: number | string | null | undefined;
  /** Currency of the value, an ISO 4217 code. */
  conversion_currency?: string | null | undefined;
  /** Identifies the reported conversion, once: crm_deal_id:conversion_type, or a key of your own where crm_deal_id is null. The transaction id of the upload. */
  idempotency_key: string;
  /** The CRM's own id of the deal. */
  crm_deal_id?: string | null | undefined;
  /** Google Ads click id, given or copied from the lead's visitor. */
  gclid?: string | null | undefined;
  /** SHA-256 of the normalised e-mail address, for Enhanced Conversions. */
  email_hash?: string | null | undefined;
  /** utm_source, given or copied from the lead's visitor. */
  utm_source?: string | null | undefined;
  /** utm_medium, given or copied from the lead's visitor. */
  utm_medium?: string | null | undefined;
  /** utm_campaign, given or copied from the lead's visitor. */
  utm_campaign?: string | null | undefined;
  /** When the row was inserted. */
  created_at?: Date | string | undefined;
  /** When the row was last changed. */
  updated_at?: Date | string | undefined;
  /** When the lead was qualified or closed; null: at created_at. */
  converted_at?: Date | string | null | undefined;
  /** Consent to send user data to Google for advertising: granted or denied; null: unknown. */
  consent_ad_user_data?: Consent | null | undefined;
  /** Consent to personalized advertising: granted or denied; null: unknown. */
  consent_ad_personalization?: Consent | null | undefined;
}

/** Columns for an UPDATE of conversions. */
export type ConversionUpdate = Partial<NewConversion>;

/** One row per conversion and platform to upload to. Types as pg returns them: a timestamptz is a Date, a numeric a string. */
export interface ConversionQueueEntry {
  /** Primary key. */
  readonly id: string;
  /** The conversion to upload, a row of conversions. */
  readonly conversion_id: string;
  /** Where to upload to. */
  readonly platform: string;
  /** pending, uploaded, failed (will be retried) or dead_letter (will not be retried). */
  readonly status: QueueStatus;
  /** Failed attempts; at most max_retries. */
  readonly retry_count: number;
  /** Failed attempts after which the entry becomes a dead letter. */
  readonly max_retries: number;
  /** End of the backoff after a reported failure. Null where there is none: no failure was reported since the entry was created or requeued, or it is uploaded or a dead letter. */
  readonly next_retry_at: Date | null;
  /** Error of the last failed attempt. */
  readonly last_error: string | null;
  /** When the upload was reported as completed. */
  readonly uploaded_at: Date | null;
  /** When the row was inserted. */
  readonly created_at: Date;
  /** When the row was last changed. */
  readonly updated_at: Date;
  /** Id of the upload request, for platforms that report its result later. */
  readonly request_id: string | null;
  /** The platform's code for last_error; LEASE_EXPIRED if the lease expired without an outcome. */
  readonly error_code: string | null;
  /** When the lease expires; until then no other claim returns the entry. */
  readonly leased_until: Date | null;
  /** The claim that leased the entry; null once its outcome was reported. */
  readonly lease_id: string | null;
  /** True: upload the entry in a request of its own, since a request with others was rejected in part without saying which. */
  readonly send_alone: boolean | null;
}

/** Columns for an INSERT into conversion_queue. */
export interface NewConversionQueueEntry {
  /** Primary key. */
  id?: string | undefined;
  /** The conversion to upload, a row of conversions. */
  conversion_id: string;
  /** Where to upload to. */
  platform?: string | undefined;
  /** pending, uploaded, failed (will be retried) or dead_letter (will not be retried). */
  status?: QueueStatus | undefined;
  /** Failed attempts; at most max_retries. */
  retry_count?: number | undefined;
  /** Failed attempts after which the entry becomes a dead letter. */
  max_retries?: number | undefined;
  /** End of the backoff after a reported failure. Null where there is none: no failure was reported since the entry was created or requeued, or it is uploaded or a dead letter. */
  next_retry_at?: Date | string | null | undefined;
  /** Error of the last failed attempt. */
  last_error?: string | null | undefined;
  /** When the upload was reported as completed. */
  uploaded_at?: Date | string | null | undefined;
  /** When the row was inserted. */
  created_at?: Date | string | undefined;
  /** When the row was last changed. */
  updated_at?: Date | string | undefined;
  /** Id of the upload request, for platforms that report its result later. */
  request_id?: string | null | undefined;
  /** The platform's code for last_error; LEASE_EXPIRED if the lease expired without an outcome. */
  error_code?: string | null | undefined;
  /** When the lease expires; until then no other claim returns the entry. */
  leased_until?: Date | string | null | undefined;
  /** The claim that leased the entry; null once its outcome was reported. */
  lease_id?: string | null | undefined;
  /** True: upload the entry in a request of its own, since a request with others was rejected in part without saying which. */
  send_alone?: boolean | null | undefined;
}

/** Columns for an UPDATE of conversion_queue. */
export type ConversionQueueEntryUpdate = Partial<NewConversionQueueEntry>;

/** What a visitor did. Types as pg returns them: a timestamptz is a Date, a numeric a string. */
export interface TrackingEvent {
  /** Primary key. */
  readonly id: string;
  /** The visitor, a row of visitors; null if the cookie id was unknown or the visitor was deleted. */
  readonly visitor_id: string | null;
  /** What happened: page_view, generate_lead, form_start and the like. */
  readonly event_name: string;
  /** Id shared with GA4 for deduplication. */
  readonly event_id: string | null;
  /** Parameters of the event, a JSON object. */
  readonly params: JsonObject | null;
  /** Page on which it happened. */
  readonly page_url: string | null;
  /** When the event happened. */
  readonly created_at: Date;
}

/** Columns for an INSERT into tracking_events. */
export interface NewTrackingEvent {
  /** Primary key. */
  id?: string | undefined;
  /** The visitor, a row of visitors; null if the cookie id was unknown or the visitor was deleted. */
  visitor_id?: string | null | undefined;
  /** What happened: page_view, generate_lead, form_start and the like. */
  event_name: string;
  /** Id shared with GA4 for deduplication. */
  event_id?: string | null | undefined;
  /** Parameters of the event, a JSON object. */
  params?: JsonObject | null | undefined;
  /** Page on which it happened. */
  page_url?: string | null | undefined;
  /** When the event happened. */
  created_at?: Date | string | undefined;
}

/** Columns for an UPDATE of tracking_events. */
export type TrackingEventUpdate = Partial<NewTrackingEvent>;

/** One row per upload request whose result the platform reports later. Types as pg returns them: a timestamptz is a Date, a numeric a string. */
export interface UploadRequest {
  /** The platform that accepted the request. */
  readonly platform: string;
  /** The platform's id of the request. */
  readonly request_id: string;
  /** The uploaded entries of conversion_queue, in the order of the request's events. */
  readonly entry_ids: readonly string[];
  /** How many entries the request has. */
  readonly entry_count: number;
  /** processing, succeeded, partially_succeeded, failed, or expired (no final result within a day). */
  readonly status: UploadRequestStatus;
  /** How often the request was claimed for a check. */
  readonly check_count: number;
  /** When the next check is due; while a check is leased, when its lease expires. Null unless processing. */
  readonly next_check_at: Date | null;
  /** The claim that leased the check; null once its result was reported. */
  readonly lease_id: string | null;
  /** When the request was recorded. */
  readonly accepted_at: Date;
  /** When the final result was reported. */
  readonly settled_at: Date | null;
  /** How many entries the platform rejected; null until settled. */
  readonly rejected_count: number | null;
}

/** Columns for an INSERT into upload_requests. */
export interface NewUploadRequest {
  /** The platform that accepted the request. */
  platform: string;
  /** The platform's id of the request. */
  request_id: string;
  /** The uploaded entries of conversion_queue, in the order of the request's events. */
  entry_ids: readonly string[];
  /** How many entries the request has. */
  entry_count: number;
  /** processing, succeeded, partially_succeeded, failed, or expired (no final result within a day). */
  status?: UploadRequestStatus | undefined;
  /** How often the request was claimed for a check. */
  check_count?: number | undefined;
  /** When the next check is due; while a check is leased, when its lease expires. Null unless processing. */
  next_check_at?: Date | string | null | undefined;
  /** The claim that leased the check; null once its result was reported. */
  lease_id?: string | null | undefined;
  /** When the request was recorded. */
  accepted_at?: Date | string | undefined;
  /** When the final result was reported. */
  settled_at?: Date | string | null | undefined;
  /** How many entries the platform rejected; null until settled. */
  rejected_count?: number | null | undefined;
}

/** Columns for an UPDATE of upload_requests. */
export type UploadRequestUpdate = Partial<NewUploadRequest>;

/** Placeholder leads table, created by conversion-tracking-schema where the application has none. Types as pg returns them: a timestamptz is a Date, a numeric a string. */
export interface Lead {
  /** Primary key, referenced by conversions.lead_id. */
  readonly id: string;
  /** When the row was inserted. */
  readonly created_at: Date;
}

/** Columns for an INSERT into leads. */
export interface NewLead {
  /** Primary key, referenced by conversions.lead_id. */
  id?: string | undefined;
  /** When the row was inserted. */
  created_at?: Date | string | undefined;
}

/** Columns for an UPDATE of leads. */
export type LeadUpdate = Partial<NewLead>;
