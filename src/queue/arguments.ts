import type { Consent, ConversionType, UploadRequestStatus } from '../types/rows.ts';
import type { RequestValue } from './from-request.ts';

/** A point in time: a Date, or a timestamp in PostgreSQL's syntax. */
export type Timestamp = Date | string;

/** A duration in PostgreSQL's syntax, with a unit: `5 minutes`, `13 months`. */
export type Interval = string;

/** A conversion to record. */
export interface RecordConversionArguments {
  /** The id of a row in `leads`. */
  lead_id: string;
  /** What the CRM reports: `qualified` or `closed`. */
  conversion_type: ConversionType;
  /** The id of the deal in the CRM. Required unless `idempotency_key` is given. */
  crm_deal_id?: string | null | undefined;
  /** At most eight digits before the decimal point; rounded to two after it. */
  conversion_value?: number | string | null | undefined;
  /** An ISO 4217 code. Default `EUR`. */
  conversion_currency?: string | null | undefined;
  /** Default `crm_deal_id:conversion_type`. Sent to the ad platform: must not contain personal data. */
  idempotency_key?: string | null | undefined;
  /** Default: copied from the visitor. */
  gclid?: string | null | undefined;
  /** SHA-256 of the normalized address, as {@link hashEmail} returns it: 64 hex digits, or Base64 of 43 or 44 characters. */
  email_hash?: string | null | undefined;
  /** Default, if none of the three utm values is given: copied from the visitor. */
  utm_source?: string | null | undefined;
  /** See `utm_source`. */
  utm_medium?: string | null | undefined;
  /** See `utm_source`. */
  utm_campaign?: string | null | undefined;
  /** The time of the conversion. Default: unknown; the time of recording is uploaded. */
  converted_at?: Timestamp | null | undefined;
  /** The consent to send user data to Google for advertising. Default: unknown. */
  consent_ad_user_data?: Consent | null | undefined;
  /** The consent to personalized advertising. Default: unknown. */
  consent_ad_personalization?: Consent | null | undefined;
  /** The cookie id of the lead's visitor, to copy from. An unknown visitor is not an error. */
  visitor_id?: string | null | undefined;
  /**
   * The platforms to upload to, at most 100 with 512 characters in total. Default `['google_ads']`; an
   * empty array queues nothing.
   */
  platforms?: readonly string[] | undefined;
  /** The number of attempts after which an entry becomes a dead letter. Default 5. */
  max_retries?: number | undefined;
}

/** Which entries to lease. */
export interface ClaimConversionsArguments {
  /** Default `google_ads`. */
  platform?: string | undefined;
  /** The maximum number of entries, from 1 to 10,000. Default 100. */
  limit?: number | undefined;
  /** How long the entries are leased, at most one day. Default `5 minutes`. */
  lease?: Interval | undefined;
}

/** Entries that were uploaded. */
export interface CompleteConversionsArguments {
  /** The ids of the entries. */
  ids: readonly string[];
  /**
   * The platform's id of the upload request, for platforms that report its result later. `ids` are
   * then all entries of the request, in the order of its events. At most 512 characters.
   */
  request_id?: string | null | undefined;
}

/** Entries whose upload failed. */
export interface FailConversionsArguments {
  /** The ids of the entries. */
  ids: readonly string[];
  /** The lease id of the claim. A failure of an older claim changes nothing. */
  lease_id: string;
  /** The error message of the platform. */
  error: string;
  /** When to retry. Default: after 5 minutes for the first failure, four times that for each further one, at most 6 hours. */
  retry_at?: Timestamp | null | undefined;
  /** Makes the entry a dead letter without further retries. Default `false`. */
  permanent?: boolean | undefined;
  /** The error code of the platform. */
  error_code?: string | null | undefined;
}

/** Which upload requests to lease for a check of their result. */
export interface ClaimUploadRequestsArguments {
  /** Default `google_ads`. */
  platform?: string | undefined;
  /** The maximum number of requests, from 1 to 1,000. Default 10. */
  limit?: number | undefined;
  /** How long the requests are leased, at most one day. Default `5 minutes`. */
  lease?: Interval | undefined;
}

/** What a platform reports about rejected entries of a request. */
export interface UploadRejection {
  /** The place of the entry in the request, from 0. Without `index` and `id`, it is unknown which entries are meant. */
  index?: number | null | undefined;
  /** The id of the entry, instead of `index`. */
  id?: string | null | undefined;
  /** `complete`: the platform has the conversion. `retry_later`: retry after six hours. */
  outcome: 'complete' | 'permanent' | 'retry_later' | 'retry';
  /** The error code of the platform. */
  code?: string | null | undefined;
  /** The error message of the platform. */
  message?: string | null | undefined;
  /** How many entries, if it is unknown which. */
  count?: number | null | undefined;
}

/** The result of an upload request. */
export interface SettleUploadRequestArguments {
  /** The platform of the request. */
  platform: string;
  /** The platform's id of the request, as it was passed to `completeConversions`. */
  request_id: string;
  /** `processing`: there is no result yet. The others are final. */
  status: Exclude<UploadRequestStatus, 'expired'>;
  /** Default: none; with `failed`, all entries. */
  rejected?: readonly UploadRejection[] | undefined;
  /** The lease id of the claim. `processing` that comes after another claim changes nothing. */
  lease_id?: string | null | undefined;
}

/** Which dead letters to requeue. Default: all. */
export interface RequeueDeadLettersArguments {
  /** Only those of this platform. */
  platform?: string | null | undefined;
  /** Only the entries with these ids. */
  ids?: readonly string[] | null | undefined;
  /** Only those with this error code. */
  error_code?: string | null | undefined;
  /** The maximum number of entries, oldest first. Default 1000. */
  limit?: number | undefined;
}

/** Which part of the queue to report on. */
export interface QueueHealthArguments {
  /** Default: every platform that has entries. */
  platform?: string | null | undefined;
}

/**
 * A visit. Values may come from a request as they are. Empty strings and objects count as null, and of
 * an array the first value is taken, as Express has one for a repeated query parameter.
 */
export interface UpsertVisitorArguments {
  /** The id in the browser's cookie. Cut to 512 characters; the result has the id that was stored. */
  visitor_id: string;
  /**
   * Replaces the recorded click id, unless this visit is older than the last recorded one. More than
   * 512 characters count as null: a part of a click id is worth nothing.
   */
  gclid?: RequestValue;
  /** The five utm values are kept together: those of the first visit that has any. */
  utm_source?: RequestValue;
  /** See `utm_source`. */
  utm_medium?: RequestValue;
  /** See `utm_source`. */
  utm_campaign?: RequestValue;
  /** See `utm_source`. */
  utm_term?: RequestValue;
  /** See `utm_source`. */
  utm_content?: RequestValue;
  /** The hash of the address, as {@link hashIp} returns it. The first value is kept. */
  ip_hash?: string | null | undefined;
  /** The header `User-Agent`. The first value is kept. */
  user_agent?: RequestValue;
  /** The address of the visited page. The first value is kept. */
  landing_page?: RequestValue;
  /** The header `Referer`. The first value is kept. */
  referrer?: RequestValue;
  /** The time of the visit. Default: now. */
  seen_at?: Timestamp | null | undefined;
}

/** An event of a visitor. */
export interface TrackingEventInput {
  /** Such as `page_view` or `generate_lead`. At most 512 characters. */
  event_name: string;
  /** The cookie id. An event of an unknown visitor is recorded without a visitor. */
  visitor_id?: string | null | undefined;
  /** For deduplication with GA4. */
  event_id?: string | null | undefined;
  /** Further values of the event. Must not contain names or addresses. */
  params?: Readonly<Record<string, unknown>> | null | undefined;
  /** The address of the page. */
  page_url?: string | null | undefined;
  /** The time of the event. Default: now. */
  created_at?: Timestamp | null | undefined;
}

/** Which data to delete. */
export interface PurgeTrackingDataArguments {
  /** The minimum age of events, of a visitor's last visit, and of a request's result. At least one day. */
  older_than: Interval;
  /** The maximum number of rows per call. Default 10,000. */
  limit?: number | undefined;
}
