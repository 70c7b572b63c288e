import type { Conversion, ConversionQueueEntry, QueueStatus, Visitor } from '../types/rows.ts';

/** A conversion as it is recorded. */
export interface RecordedConversion extends Conversion {
  /** False: an earlier call had recorded it, and this is what that one said. */
  readonly is_new: boolean;
}

/** Of an entry that is out, what its row says. */
type Claimed = Pick<
  ConversionQueueEntry,
  | 'id'
  | 'conversion_id'
  | 'retry_count'
  | 'max_retries'
  | 'request_id'
  | 'error_code'
  | 'last_error'
>;

/** Of its conversion, what the row says. */
type Uploadable = Omit<Conversion, 'id' | 'converted_at' | 'created_at' | 'updated_at'>;

/** An entry that is out with the caller, and all that its upload needs. Its `id` is what answers want. */
export interface ClaimedConversion extends Claimed, Uploadable {
  /** The same for all entries of one call. */
  readonly lease_id: string;
  readonly leased_until: Date;
  /** When it happened, or else was recorded. */
  readonly converted_at: Date;
}

/** What an answer has left of an entry. An id without an entry has no row. */
export interface AnsweredEntry
  extends Pick<ConversionQueueEntry, 'id' | 'status' | 'retry_count' | 'next_retry_at'> {
  /** False: it had been uploaded, given up, or claimed again, and this answer changed nothing. */
  readonly applied: boolean;
}

/** A dead letter that has all its tries again. */
export type RequeuedEntry = Pick<ConversionQueueEntry, 'id' | 'conversion_id'>;

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
export interface UpsertedVisitor extends Visitor {
  /** Whether this visit is the first. */
  readonly is_new: boolean;
}

/** What a purge has deleted. */
export interface Purged {
  readonly deleted_events: number;
  readonly deleted_visitors: number;
  /** Nothing that old was left but what another transaction holds. */
  readonly done: boolean;
}
