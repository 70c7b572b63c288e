import type { Consent, ConversionType } from '../types/rows.ts';

/** A point in time: a Date, or what PostgreSQL reads as one. */
export type Time = Date | string;

/** A length of time as PostgreSQL reads it: `5 minutes`, `13 months`. */
export type Interval = string;

/** What the CRM has reported. */
export interface RecordConversionArguments {
  /** A row of `leads`. */
  lead_id: string;
  conversion_type: ConversionType;
  /** The CRM's own id of the deal. Needed unless `idempotency_key` is given. */
  crm_deal_id?: string | null | undefined;
  /** At most eight digits before the point; rounded to two after it. */
  conversion_value?: number | string | null | undefined;
  /** An ISO 4217 code. Default `EUR`. */
  conversion_currency?: string | null | undefined;
  /** Default `crm_deal_id:conversion_type`. The ad platform sees it: no personal data in it. */
  idempotency_key?: string | null | undefined;
  /** Default: that of the visitor. */
  gclid?: string | null | undefined;
  /** See {@link hashEmail}. */
  email_hash?: string | null | undefined;
  /** The three utm values: default, where none is given, those of the visitor. */
  utm_source?: string | null | undefined;
  utm_medium?: string | null | undefined;
  utm_campaign?: string | null | undefined;
  /** When it happened. Default: unknown, and uploaded as the time of recording. */
  converted_at?: Time | null | undefined;
  consent_ad_user_data?: Consent | null | undefined;
  consent_ad_personalization?: Consent | null | undefined;
  /** The cookie of the lead's visitor, to copy from. One that is not known is no error. */
  visitor_id?: string | null | undefined;
  /** Where to upload to. Default `['google_ads']`; none queues nothing. */
  platforms?: readonly string[] | undefined;
  /** Tries after which an entry becomes a dead letter. Default 5. */
  max_retries?: number | undefined;
}

/** Which entries to take. */
export interface ClaimConversionsArguments {
  /** Default `google_ads`. */
  platform?: string | undefined;
  /** At most so many, from 1 to 10,000. Default 100. */
  limit?: number | undefined;
  /** For how long nobody else gets them. Default `5 minutes`. */
  lease?: Interval | undefined;
}

/** What the platform has taken. */
export interface CompleteConversionsArguments {
  /** Of entries. */
  ids: readonly string[];
  /** By which the platform tells of the upload later. */
  request_id?: string | null | undefined;
}

/** What did not succeed. */
export interface FailConversionsArguments {
  /** Of entries. */
  ids: readonly string[];
  /** That of the claim. With it an answer that comes too late changes nothing. */
  lease_id: string;
  /** What the platform answered, for people. */
  error: string;
  /** When to try again. Default: 5 minutes after the first failure, growing fourfold to 6 hours. */
  retry_at?: Time | null | undefined;
  /** It would never succeed: a dead letter at once. Default `false`. */
  permanent?: boolean | undefined;
  /** What the platform calls the error. */
  error_code?: string | null | undefined;
}

/** Which dead letters; of what is left out, any. */
export interface RequeueDeadLettersArguments {
  platform?: string | null | undefined;
  /** Of entries. */
  ids?: readonly string[] | null | undefined;
  error_code?: string | null | undefined;
  /** At most so many, the oldest first. Default 1000. */
  limit?: number | undefined;
}

/** Which part of the queue. */
export interface QueueHealthArguments {
  /** Default: every platform that has entries. */
  platform?: string | null | undefined;
}

/** A visit. An empty string counts as not given. */
export interface UpsertVisitorArguments {
  /** The id in the browser's cookie. */
  visitor_id: string;
  /** Replaces an earlier one, unless the visit is older than the last. */
  gclid?: string | null | undefined;
  /** The five utm values are one: those of the first visit that had any stay. */
  utm_source?: string | null | undefined;
  utm_medium?: string | null | undefined;
  utm_campaign?: string | null | undefined;
  utm_term?: string | null | undefined;
  utm_content?: string | null | undefined;
  /** See {@link hashIp}. The first one stays, as of all that follows. */
  ip_hash?: string | null | undefined;
  user_agent?: string | null | undefined;
  landing_page?: string | null | undefined;
  referrer?: string | null | undefined;
  /** Default: now. */
  seen_at?: Time | null | undefined;
}

/** Something that a visitor did. */
export interface RecordedEvent {
  event_name: string;
  /** The cookie's. An event of one that is not known is kept without its visitor. */
  visitor_id?: string | null | undefined;
  /** For deduplication with GA4. */
  event_id?: string | null | undefined;
  params?: Readonly<Record<string, unknown>> | null | undefined;
  page_url?: string | null | undefined;
  /** Default: now. */
  created_at?: Time | null | undefined;
}

/** What to delete. */
export interface PurgeTrackingDataArguments {
  /** Events before that, and visitors not seen since. */
  older_than: Interval;
  /** At most so many rows in this call. Default 10,000. */
  limit?: number | undefined;
}
