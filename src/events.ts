import type { LockHolder } from './errors.ts';

/** What `onEvent` is told, in the order in which it happens. */
export type MigrationEvent =
  /** Another migrator has the lock; told after two seconds of waiting, then every five, and when the wait is over. */
  | { readonly type: 'waiting'; readonly waitedMs: number; readonly holder: LockHolder | undefined }
  /** A table was locked (55P03) or the run lost a deadlock (40P01): rolled back, to be retried. */
  | {
      readonly type: 'retrying';
      readonly attempt: number;
      readonly delayMs: number;
      readonly sqlState: string;
      readonly migration: string | undefined;
    }
  | {
      readonly type: 'applying';
      readonly name: string;
      readonly direction: 'up' | 'down';
      /** Counts from 1. */
      readonly index: number;
      readonly total: number;
    }
  | {
      readonly type: 'applied';
      readonly name: string;
      readonly direction: 'up' | 'down';
      readonly index: number;
      readonly total: number;
      readonly durationMs: number;
    }
  /** Committed, or nothing was pending. */
  | {
      readonly type: 'done';
      readonly ran: number;
      readonly adopted: number;
      /** With `dryRun`: how many migrations would run. */
      readonly wouldRun: number;
      readonly durationMs: number;
    };

/** Where log lines go: `console` will do. As node-pg-migrate's `logger`. */
export interface Logger {
  debug?(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** An event as a line of a log. */
function describe(event: MigrationEvent): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  switch (event.type) {
    case 'waiting': {
      const { holder } = event;
      const who = holder
        ? `pid ${holder.pid} (${holder.applicationName || 'no application_name'}, user ${holder.user}${holder.since ? `, since ${holder.since.toISOString()}` : ''}): ${holder.statement}`
        : 'which has just ended';
      return `waiting for another migrator (${seconds(event.waitedMs)}), ${who}`;
    }
    case 'retrying':
      return `locked out (${event.sqlState})${event.migration ? ` in ${event.migration}` : ''}: try ${event.attempt + 1} in ${seconds(event.delayMs)}`;
    case 'applying':
      return `${event.direction} ${event.name} (${event.index} of ${event.total})`;
    case 'applied':
      return `${event.direction} ${event.name}: ${event.durationMs.toFixed(0)} ms`;
    case 'done':
      return [
        event.ran > 0 && `${event.ran} migrations`,
        event.adopted > 0 && `${event.adopted} adopted`,
        event.wouldRun > 0 && `${event.wouldRun} would run`,
      ]
        .filter(Boolean)
        .join(', ')
        .concat(` in ${event.durationMs.toFixed(0)} ms`)
        .replace(/^ in/, 'nothing to do, in');
  }
}

/** Tells the caller of an event. Whatever its callbacks throw or reject with is their own affair. */
export function emitTo(
  onEvent: ((event: MigrationEvent) => unknown) | undefined,
  logger: Logger | undefined,
): (event: MigrationEvent) => void {
  const level = {
    waiting: 'warn',
    retrying: 'warn',
    applying: 'debug',
    applied: 'info',
    done: 'info',
  } as const;
  return (event) => {
    try {
      Promise.resolve(onEvent?.(event)).catch(() => {});
    } catch {}
    try {
      const line = `conversion-tracking-schema: ${describe(event)}`;
      Promise.resolve(logger?.[level[event.type]]?.(line)).catch(() => {});
    } catch {}
  };
}
