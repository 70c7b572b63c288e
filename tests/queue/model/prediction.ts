import { AssertionError } from 'node:assert';
import type { Entries, Entry, Micros } from './entry.ts';
import type { Request, Requests } from './request.ts';

/** When the server read its clock: some time from one to the other. */
export interface Window {
  readonly from: Micros;
  readonly to: Micros;
}

/** What a call finds. */
export interface Situation {
  /** As its session sees them before the call. */
  readonly entries: Entries;
  readonly requests: Requests;
  /** Entries by their ids and requests by their keys that another transaction has locked. */
  readonly locked: ReadonlySet<string>;
  readonly window: Window;
  /**
   * As its session sees them after the call. A prediction takes from it only what is the server's to
   * choose, and only within what it may choose: ids, the clock, chance, and an order among equals.
   */
  readonly seen: Entries;
  readonly seenRequests: Requests;
}

/** What a call does. */
export interface Prediction {
  /** The rows that it returns, as far as they come from the queue. */
  readonly answer?: readonly Readonly<Record<string, unknown>>[];
  readonly changed: readonly Entry[];
  readonly requests?: readonly Request[];
  /** All that it locks, changed or not. */
  readonly locks: readonly string[];
}

/** The time that the server has chosen, if it was free to choose it. */
export function chosen(time: Micros | null | undefined, { from, to }: Window): Micros {
  if (time == null || time < from || time > to) {
    throw new AssertionError({ message: `a time between ${from} and ${to}, not ${time}` });
  }
  return time;
}

/** A window so much later. */
export function later({ from, to }: Window, by: Micros, byAtMost = by): Window {
  return { from: from + by, to: to + byAtMost };
}

/** Entries with these ids: each once, unknown ids left out. */
export function named(entries: Entries, ids: readonly string[]): Entry[] {
  return [...new Set(ids)].flatMap((id) => entries.get(id) ?? []);
}
