import type { Consent, ConversionType, QueueStatus } from '../types/rows.ts';

/** Types are those that pg gives: a timestamptz is a Date, a numeric a string. */
interface Uploadable {
  readonly lead_id: string;
  readonly conversion_type: ConversionType;
  readonly conversion_value: string | null;
  readonly conversion_currency: string | null;
  /** Serves as the transaction id of the upload. */
  readonly idempotency_key: string;
  readonly crm_deal_id: string | null;
  readonly gclid: string | null;
  readonly email_hash: string | null;
  readonly consent_ad_user_data: Consent | null;
  readonly consent_ad_personalization: Consent | null;
  readonly utm_source: string | null;
  readonly utm_medium: string | null;
  readonly utm_campaign: string | null;
}

/** A conversion as it is recorded. */
export interface RecordedConversion extends Uploadable {
  readonly id: string;
  /** False: an earlier call had recorded it, and this is what that one said. */
  readonly is_new: boolean;
  readonly converted_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** An entry that is out with the caller, and all that its upload needs. */
export interface ClaimedConversion extends Uploadable {
  /** Of the entry: what complete and fail want. */
  readonly id: string;
  readonly conversion_id: string;
  /** The same for all entries of one call. */
  readonly lease_id: string;
  readonly leased_until: Date;
  /** Tries that have failed so far. */
  readonly retry_count: number;
  readonly max_retries: number;
  /** When it happened, or else was recorded. */
  readonly converted_at: Date;
  readonly request_id: string | null;
  /** Of the last failed try. */
  readonly error_code: string | null;
  readonly last_error: string | null;
}

/** What an answer has left of an entry. An id without an entry has no row. */
export interface AnsweredEntry {
  readonly id: string;
  readonly status: QueueStatus;
  readonly retry_count: number;
  readonly next_retry_at: Date | null;
  /** False: it had been uploaded, given up, or claimed again, and this answer changed nothing. */
  readonly applied: boolean;
}

/** A dead letter that has all its tries again. */
export interface RequeuedEntry {
  readonly id: string;
  readonly conversion_id: string;
}

/** How the entries of one platform and status are. */
export interface QueueHealth {
  readonly platform: string;
  readonly status: QueueStatus;
  readonly entries: number;
  /** `entries` is the planner's estimate: of uploaded ones, in a queue of more than 32 MB. */
  readonly estimated: boolean;
  /** Out with a worker. */
  readonly leased: number;
  /** Due, and not out. */
  readonly overdue: number;
  /** Since when the oldest of those is due. */
  readonly oldest_due: Date | null;
}

/** A visitor as remembered. */
export interface UpsertedVisitor {
  readonly id: string;
  readonly is_new: boolean;
  readonly visitor_id: string;
  readonly gclid: string | null;
  readonly utm_source: string | null;
  readonly utm_medium: string | null;
  readonly utm_campaign: string | null;
  readonly utm_term: string | null;
  readonly utm_content: string | null;
  readonly ip_hash: string | null;
  readonly user_agent: string | null;
  readonly landing_page: string | null;
  readonly referrer: string | null;
  readonly first_seen_at: Date;
  readonly last_seen_at: Date;
  readonly created_at: Date;
}

/** What a purge has deleted. */
export interface Purged {
  readonly deleted_events: number;
  readonly deleted_visitors: number;
  /** Nothing that old was left but what another transaction holds. */
  readonly done: boolean;
}
