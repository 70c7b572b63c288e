import type {
  Conversion,
  ConversionQueueEntry,
  QueueStatus,
  UploadRequest,
  Visitor,
} from '../types/rows.ts';

/** A recorded conversion. */
export interface RecordedConversion extends Conversion {
  /** False if an earlier call recorded it; the row is then that of the earlier call. */
  readonly is_new: boolean;
}

type EntryColumns = Pick<
  ConversionQueueEntry,
  | 'id'
  | 'conversion_id'
  | 'retry_count'
  | 'max_retries'
  | 'request_id'
  | 'error_code'
  | 'last_error'
>;

type ConversionColumns = Omit<Conversion, 'id' | 'converted_at' | 'created_at' | 'updated_at'>;

/** A leased entry with all that its upload needs. Pass its `id` to complete or fail it. */
export interface ClaimedConversion extends EntryColumns, ConversionColumns {
  /** The same for all entries of one claim. */
  readonly lease_id: string;
  /** When the lease expires. */
  readonly leased_until: Date;
  /** The time of the conversion; if unknown, the time of recording. */
  readonly converted_at: Date;
  /** Whether the entry must be uploaded in a request of its own, see docs/queue-functions.md. */
  readonly send_alone: boolean;
}

/** The state of an entry after `completeConversions` or `failConversions`. Unknown ids have no row. */
export interface UpdatedEntry
  extends Pick<ConversionQueueEntry, 'id' | 'status' | 'retry_count' | 'next_retry_at'> {
  /** False if the call changed nothing: the entry was uploaded, a dead letter or leased again. */
  readonly applied: boolean;
}

/** An upload request that is leased for a check of its result. */
export interface ClaimedUploadRequest
  extends Pick<UploadRequest, 'request_id' | 'entry_ids' | 'check_count' | 'accepted_at'> {
  /** The same for all requests of one claim. */
  readonly lease_id: string;
  /** When the lease expires. */
  readonly leased_until: Date;
}

/** The state of an upload request after `settleUploadRequest`. */
export interface SettledUploadRequest
  extends Pick<UploadRequest, 'platform' | 'request_id' | 'status' | 'rejected_count'> {
  /** Null until the request is settled, as `rejected_count`. */
  readonly confirmed_count: number | null;
  /** False if the call changed nothing: the same result was reported before, or another claim leased the request. */
  readonly applied: boolean;
}

/** A dead letter that was requeued with all its retries. */
export type RequeuedEntry = Pick<ConversionQueueEntry, 'id' | 'conversion_id'>;

/** The number of entries of one platform and status. */
export interface QueueHealth {
  readonly platform: string;
  readonly status: QueueStatus;
  readonly entries: number;
  /**
   * Whether `entries` is the planner's estimate: for more than 10,000 dead letters or 10,000 pending and failed
   * entries, and for uploaded ones if the platform has more than 10,000 entries.
   */
  readonly estimated: boolean;
  /** Entries with a lease that has not expired, of the 10,000 that are due first. */
  readonly leased: number;
  /** Entries that are due and not leased, of the 10,000 that are due first. */
  readonly overdue: number;
  /** When the oldest overdue entry became due: exact for the platform, whatever there is. */
  readonly oldest_due: Date | null;
  /**
   * Uploaded entries of the 10,000 oldest requests without a final result. This and the following concern
   * status `uploaded`.
   */
  readonly unconfirmed: number;
  /** When the oldest of these requests was recorded. */
  readonly oldest_unconfirmed: Date | null;
  /** Requests without a final result after a day, which are not checked again; at most 10,000 are counted. */
  readonly expired_requests: number;
}

/** The row of a visitor. */
export interface UpsertedVisitor extends Visitor {
  /** Whether this visit is the visitor's first. */
  readonly is_new: boolean;
}

/** The result of one batch of a purge. */
export interface PurgeResult {
  /** The number of deleted events. */
  readonly deleted_events: number;
  /** The number of deleted visitors. */
  readonly deleted_visitors: number;
  /** The number of deleted upload requests. */
  readonly deleted_requests: number;
  /** True if no older rows are left, apart from rows that another transaction has locked. */
  readonly done: boolean;
}
