import type { Conversion, ConversionQueueEntry, QueueStatus, Visitor } from '../types/rows.ts';

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
  readonly leased_until: Date;
  /** The time of the conversion; if unknown, the time of recording. */
  readonly converted_at: Date;
}

/** The state of an entry after `completeConversions` or `failConversions`. Unknown ids have no row. */
export interface UpdatedEntry
  extends Pick<ConversionQueueEntry, 'id' | 'status' | 'retry_count' | 'next_retry_at'> {
  /** False if the call changed nothing: the entry was uploaded, a dead letter or leased again. */
  readonly applied: boolean;
}

/** A dead letter that was requeued with all its retries. */
export type RequeuedEntry = Pick<ConversionQueueEntry, 'id' | 'conversion_id'>;

/** The number of entries of one platform and status. */
export interface QueueHealth {
  readonly platform: string;
  readonly status: QueueStatus;
  readonly entries: number;
  /** True if `entries` is the planner's estimate: for uploaded entries in a queue larger than 32 MB. */
  readonly estimated: boolean;
  /** Entries with a lease that has not expired. */
  readonly leased: number;
  /** Entries that are due and not leased. */
  readonly overdue: number;
  /** When the oldest overdue entry became due. */
  readonly oldest_due: Date | null;
}

/** The row of a visitor. */
export interface UpsertedVisitor extends Visitor {
  /** Whether this visit is the visitor's first. */
  readonly is_new: boolean;
}

/** The result of one batch of a purge. */
export interface PurgeResult {
  readonly deleted_events: number;
  readonly deleted_visitors: number;
  /** True if no older rows are left, apart from rows that another transaction has locked. */
  readonly done: boolean;
}
