import { DateStyleError } from '../errors.ts';
import type { FunctionName } from './functions.ts';
import type { ClaimedConversion, QueueHealth, UpdatedEntry } from './results.ts';

/** The rows of a function, and whether a time that is not null in SQL could not be read. */
const IS_UNREAD: Partial<Record<FunctionName, (row: never) => boolean>> = {
  claim_conversions: ({ leased_until }: ClaimedConversion) => isUnread(leased_until),
  complete_conversions: hasUnreadRetry,
  conversion_queue_health: ({ overdue, oldest_due }: QueueHealth) =>
    Number(overdue) > 0 && isUnread(oldest_due),
  fail_conversions: hasUnreadRetry,
  record_conversion: hasUnreadCreation,
  upsert_visitor: hasUnreadCreation,
};

function hasUnreadRetry({ applied, status, next_retry_at }: UpdatedEntry): boolean {
  return applied && status === 'failed' && isUnread(next_retry_at);
}

function hasUnreadCreation({ created_at }: { readonly created_at: unknown }): boolean {
  return isUnread(created_at);
}

function isUnread(time: unknown): boolean {
  return time === null || (time instanceof Date && Number.isNaN(time.getTime()));
}

/**
 * Refuses rows whose times the client could not read: the server sends them as text, in the DateStyle of
 * the session, and pg reads ISO alone. Looks at rows that are there already: no call pays for it.
 *
 * @throws {DateStyleError}
 */
export function refuseUnreadTimes(name: FunctionName, rows: readonly unknown[]): void {
  const isUnreadRow = IS_UNREAD[name] as ((row: unknown) => boolean) | undefined;
  if (!isUnreadRow || !rows.some(isUnreadRow)) return;
  throw new DateStyleError(
    `${name} took effect, but its times cannot be read: the DateStyle of the session is not ISO.`,
    {
      hint: "Run: ALTER DATABASE … SET datestyle = 'ISO'; or ALTER ROLE … SET datestyle = 'ISO'; or connect with options=-c datestyle=ISO.",
    },
  );
}
