// Generated: npm run generate.

/** What the CRM has reported of a lead. */
export type ConversionType = 'qualified' | 'closed';

/** Whether somebody has consented; null where it is not known. */
export type Consent = 'granted' | 'denied';

/** Where a queue entry stands. */
export type QueueStatus = 'pending' | 'uploaded' | 'failed' | 'dead_letter';

/** What a column of type jsonb holds here. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** One row per browser. A row as pg gives it: a timestamptz is a Date, a numeric a string. */
export interface Visitor {
  /** Primary key; tracking_events.visitor_id refers to it. */
  readonly id: string;
  /** The id kept in the browser's cookie. */
  readonly visitor_id: string;
  /** Google Ads click id that the visitor arrived with. */
  readonly gclid: string | null;
  /** utm_source of the first visit. */
  readonly utm_source: string | null;
  /** utm_medium of the first visit. */
  readonly utm_medium: string | null;
  /** utm_campaign of the first visit. */
  readonly utm_campaign: string | null;
  /** utm_term of the first visit. */
  readonly utm_term: string | null;
  /** utm_content of the first visit. */
  readonly utm_content: string | null;
  /** SHA-256 of the IP address, best keyed (HMAC). Never the address itself. */
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

/** What an INSERT into visitors takes. */
export interface NewVisitor {
  /** Primary key; tracking_events.visitor_id refers to it. */
  id?: string | undefined;
  /** The id kept in the browser's cookie. */
  visitor_id: string;
  /** Google Ads click id that the visitor arrived with. */
  gclid?: string | null | undefined;
  /** utm_source of the first visit. */
  utm_source?: string | null | undefined;
  /** utm_medium of the first visit. */
  utm_medium?: string | null | undefined;
  /** utm_campaign of the first visit. */
  utm_campaign?: string | null | undefined;
  /** utm_term of the first visit. */
  utm_term?: string | null | undefined;
  /** utm_content of the first visit. */
  utm_content?: string | null | undefined;
  /** SHA-256 of the IP address, best keyed (HMAC). Never the address itself. */
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

/** What an UPDATE of visitors sets. */
export type VisitorUpdate = Partial<NewVisitor>;

/** One row per qualified or closed lead. A row as pg gives it: a timestamptz is a Date, a numeric a string. */
export interface Conversion {
  /** Primary key; conversion_queue.conversion_id refers to it. */
  readonly id: string;
  /** The lead, a row of leads. */
  readonly lead_id: string;
  /** What the CRM reported: qualified or closed. */
  readonly conversion_type: ConversionType;
  /** Value of the conversion, if known. */
  readonly conversion_value: string | null;
  /** Currency of the value, an ISO 4217 code. */
  readonly conversion_currency: string | null;
  /** crm_deal_id:conversion_type. Keeps one row per reported conversion, and serves as the transaction id of the upload. */
  readonly idempotency_key: string;
  /** The CRM's own id of the deal. */
  readonly crm_deal_id: string | null;
  /** Google Ads click id, copied from the lead's visitor. */
  readonly gclid: string | null;
  /** SHA-256 of the normalised e-mail address, for Enhanced Conversions. */
  readonly email_hash: string | null;
  /** utm_source, copied from the lead's visitor. */
  readonly utm_source: string | null;
  /** utm_medium, copied from the lead's visitor. */
  readonly utm_medium: string | null;
  /** utm_campaign, copied from the lead's visitor. */
  readonly utm_campaign: string | null;
  /** When the row was inserted. */
  readonly created_at: Date;
  /** When the row was last changed. */
  readonly updated_at: Date;
  /** When the lead was qualified or closed; null: when the row was inserted. */
  readonly converted_at: Date | null;
  /** Consent to send user data to Google for advertising: granted, denied or unknown. */
  readonly consent_ad_user_data: Consent | null;
  /** Consent to personalised advertising: granted, denied or unknown. */
  readonly consent_ad_personalization: Consent | null;
}

/** What an INSERT into conversions takes. */
export interface NewConversion {
  /** Primary key; conversion_queue.conversion_id refers to it. */
  id?: string | undefined;
  /** The lead, a row of leads. */
  lead_id: string;
  /** What the CRM reported: qualified or closed. */
  conversion_type: ConversionType;
  /** Value of the conversion, if known. */
  conversion_value?: number | string | null | undefined;
  /** Currency of the value, an ISO 4217 code. */
  conversion_currency?: string | null | undefined;
  /** crm_deal_id:conversion_type. Keeps one row per reported conversion, and serves as the transaction id of the upload. */
  idempotency_key: string;
  /** The CRM's own id of the deal. */
  crm_deal_id?: string | null | undefined;
  /** Google Ads click id, copied from the lead's visitor. */
  gclid?: string | null | undefined;
  /** SHA-256 of the normalised e-mail address, for Enhanced Conversions. */
  email_hash?: string | null | undefined;
  /** utm_source, copied from the lead's visitor. */
  utm_source?: string | null | undefined;
  /** utm_medium, copied from the lead's visitor. */
  utm_medium?: string | null | undefined;
  /** utm_campaign, copied from the lead's visitor. */
  utm_campaign?: string | null | undefined;
  /** When the row was inserted. */
  created_at?: Date | string | undefined;
  /** When the row was last changed. */
  updated_at?: Date | string | undefined;
  /** When the lead was qualified or closed; null: when the row was inserted. */
  converted_at?: Date | string | null | undefined;
  /** Consent to send user data to Google for advertising: granted, denied or unknown. */
  consent_ad_user_data?: Consent | null | undefined;
  /** Consent to personalised advertising: granted, denied or unknown. */
  consent_ad_personalization?: Consent | null | undefined;
}

/** What an UPDATE of conversions sets. */
export type ConversionUpdate = Partial<NewConversion>;

/** One row per conversion and platform to upload to. A row as pg gives it: a timestamptz is a Date, a numeric a string. */
export interface ConversionQueueEntry {
  /** Primary key. */
  readonly id: string;
  /** The conversion to upload, a row of conversions. */
  readonly conversion_id: string;
  /** Where to upload to. */
  readonly platform: string;
  /** pending, uploaded, failed (to be tried again) or dead_letter (given up). */
  readonly status: QueueStatus;
  /** Tries that failed; at most max_retries. */
  readonly retry_count: number;
  /** Tries after which the entry becomes a dead letter. */
  readonly max_retries: number;
  /** When the entry is due; null while pending and never tried. */
  readonly next_retry_at: Date | null;
  /** What the last failed try answered. */
  readonly last_error: string | null;
  /** When the platform took the conversion. */
  readonly uploaded_at: Date | null;
  /** When the row was inserted. */
  readonly created_at: Date;
  /** When the row was last changed. */
  readonly updated_at: Date;
  /** By which the platform tells of the upload, if it answers later. */
  readonly request_id: string | null;
  /** What the platform calls the error of the last failed try. */
  readonly error_code: string | null;
  /** Until when the entry is out with a worker; nobody else gets it before. */
  readonly leased_until: Date | null;
  /** The claim that the entry is out with, until that one has answered. */
  readonly lease_id: string | null;
}

/** What an INSERT into conversion_queue takes. */
export interface NewConversionQueueEntry {
  /** Primary key. */
  id?: string | undefined;
  /** The conversion to upload, a row of conversions. */
  conversion_id: string;
  /** Where to upload to. */
  platform?: string | undefined;
  /** pending, uploaded, failed (to be tried again) or dead_letter (given up). */
  status?: QueueStatus | undefined;
  /** Tries that failed; at most max_retries. */
  retry_count?: number | undefined;
  /** Tries after which the entry becomes a dead letter. */
  max_retries?: number | undefined;
  /** When the entry is due; null while pending and never tried. */
  next_retry_at?: Date | string | null | undefined;
  /** What the last failed try answered. */
  last_error?: string | null | undefined;
  /** When the platform took the conversion. */
  uploaded_at?: Date | string | null | undefined;
  /** When the row was inserted. */
  created_at?: Date | string | undefined;
  /** When the row was last changed. */
  updated_at?: Date | string | undefined;
  /** By which the platform tells of the upload, if it answers later. */
  request_id?: string | null | undefined;
  /** What the platform calls the error of the last failed try. */
  error_code?: string | null | undefined;
  /** Until when the entry is out with a worker; nobody else gets it before. */
  leased_until?: Date | string | null | undefined;
  /** The claim that the entry is out with, until that one has answered. */
  lease_id?: string | null | undefined;
}

/** What an UPDATE of conversion_queue sets. */
export type ConversionQueueEntryUpdate = Partial<NewConversionQueueEntry>;

/** What a visitor did. A row as pg gives it: a timestamptz is a Date, a numeric a string. */
export interface TrackingEvent {
  /** Primary key. */
  readonly id: string;
  /** The visitor, a row of visitors; null once that row is gone. */
  readonly visitor_id: string | null;
  /** What happened: page_view, generate_lead, form_start and the like. */
  readonly event_name: string;
  /** Shared with GA4, for deduplication. */
  readonly event_id: string | null;
  /** Parameters of the event, a JSON object. */
  readonly params: JsonObject | null;
  /** Page on which it happened. */
  readonly page_url: string | null;
  /** When the row was inserted. */
  readonly created_at: Date;
}

/** What an INSERT into tracking_events takes. */
export interface NewTrackingEvent {
  /** Primary key. */
  id?: string | undefined;
  /** The visitor, a row of visitors; null once that row is gone. */
  visitor_id?: string | null | undefined;
  /** What happened: page_view, generate_lead, form_start and the like. */
  event_name: string;
  /** Shared with GA4, for deduplication. */
  event_id?: string | null | undefined;
  /** Parameters of the event, a JSON object. */
  params?: JsonObject | null | undefined;
  /** Page on which it happened. */
  page_url?: string | null | undefined;
  /** When the row was inserted. */
  created_at?: Date | string | undefined;
}

/** What an UPDATE of tracking_events sets. */
export type TrackingEventUpdate = Partial<NewTrackingEvent>;

/** Placeholder for the leads table of the application, made by conversion-tracking-schema. A row as pg gives it: a timestamptz is a Date, a numeric a string. */
export interface Lead {
  /** Primary key; conversions.lead_id refers to it. */
  readonly id: string;
  /** When the row was inserted. */
  readonly created_at: Date;
}

/** What an INSERT into leads takes. */
export interface NewLead {
  /** Primary key; conversions.lead_id refers to it. */
  id?: string | undefined;
  /** When the row was inserted. */
  created_at?: Date | string | undefined;
}

/** What an UPDATE of leads sets. */
export type LeadUpdate = Partial<NewLead>;
