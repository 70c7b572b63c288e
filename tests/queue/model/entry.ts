import type { UpdatedEntry } from '../../../src/queue/index.ts';

/** Microseconds since 1970, as exactly as PostgreSQL keeps a time. */
export type Micros = number;

export const MINUTE: Micros = 60_000_000;

/** A row as pg gives it, its times in microseconds. */
export type InMicros<Row> = {
  [Column in keyof Row]: Row[Column] extends Date
    ? Micros
    : Row[Column] extends Date | null
      ? Micros | null
      : Row[Column];
};

export type Status = UpdatedEntry['status'];

/** A row of conversion_queue, without updated_at. */
export interface Entry {
  readonly id: string;
  readonly conversion_id: string;
  readonly platform: string;
  readonly status: Status;
  readonly retry_count: number;
  readonly max_retries: number;
  readonly next_retry_at: Micros | null;
  readonly last_error: string | null;
  readonly error_code: string | null;
  readonly request_id: string | null;
  readonly uploaded_at: Micros | null;
  readonly created_at: Micros;
  readonly leased_until: Micros | null;
  readonly lease_id: string | null;
  readonly send_alone: boolean | null;
}

export type Entries = ReadonlyMap<string, Entry>;

/** Since when it is due. */
export function dueSince(entry: Entry): Micros {
  return entry.next_retry_at ?? entry.created_at;
}

/** Whether it is still to be uploaded. */
export function isOpen({ status }: Entry): boolean {
  return status === 'pending' || status === 'failed';
}

/** The times of a row, as they are after the clock has moved on. */
export function ago(entry: Entry, by: Micros): Entry {
  const earlier = (time: Micros | null) => (time === null ? null : time - by);
  return {
    ...entry,
    created_at: entry.created_at - by,
    next_retry_at: earlier(entry.next_retry_at),
    leased_until: earlier(entry.leased_until),
  };
}
