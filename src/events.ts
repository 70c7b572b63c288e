import type { LockHolder } from './errors.ts';

/** What `onEvent` receives. */
export type MigrationEvent =
  /** Another process holds the migration lock. Sent after 2 s, then every 5 s, and at the timeout. */
  | { readonly type: 'waiting'; readonly waitedMs: number; readonly holder: LockHolder | undefined }
  /** A statement hit `lockTimeoutMs` (55P03) or a deadlock (40P01). Rolled back; retries after `delayMs`. */
  | {
      readonly type: 'retrying';
      readonly attempt: number;
      readonly delayMs: number;
      readonly sqlState: string;
      readonly migration: string | undefined;
    }
  /** A migration begins. */
  | {
      readonly type: 'applying';
      readonly name: string;
      readonly direction: 'up' | 'down';
      /** From 1. */
      readonly index: number;
      readonly total: number;
    }
  /** A migration has run. It is not committed before `done`. */
  | {
      readonly type: 'applied';
      readonly name: string;
      readonly direction: 'up' | 'down';
      readonly index: number;
      readonly total: number;
      readonly durationMs: number;
    }
  /** The schema is not what the application probably expects, such as a `leads` table of the package's beside a table `Lead`. */
  | { readonly type: 'warning'; readonly message: string }
  /** The transaction is committed, or nothing was pending. */
  | {
      readonly type: 'done';
      readonly ran: number;
      readonly adopted: number;
      /** With `dryRun`: the number of migrations that would run. */
      readonly wouldRun: number;
      readonly durationMs: number;
    };

/** Receives log lines: `console`, or any logger with these methods. Same as node-pg-migrate's `logger`. */
export interface Logger {
  debug?(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** Returns an event as a log line. */
function describe(event: MigrationEvent): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  switch (event.type) {
    case 'waiting': {
      const { holder } = event;
      const who = holder
        ? `pid ${holder.pid} (${holder.applicationName || 'no application_name'}, user ${holder.user}${holder.since ? `, since ${holder.since.toISOString()}` : ''}): ${holder.statement}`
        : 'already released';
      return `waiting for the migration lock for ${seconds(event.waitedMs)}, holder: ${who}`;
    }
    case 'retrying':
      return `a table is locked${event.migration ? ` in ${event.migration}` : ''} (${event.sqlState}): rolled back, attempt ${event.attempt + 1} in ${seconds(event.delayMs)}`;
    case 'applying':
      return `${event.direction} ${event.name} (${event.index} of ${event.total})`;
    case 'applied':
      return `${event.direction} ${event.name}: ${event.durationMs.toFixed(0)} ms`;
    case 'warning':
      return event.message;
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

/** Returns a function that passes events to the caller's callbacks. Errors of the callbacks are ignored. */
export function emitTo(
  onEvent: ((event: MigrationEvent) => unknown) | undefined,
  logger: Logger | undefined,
): (event: MigrationEvent) => void {
  const level = {
    waiting: 'warn',
    retrying: 'warn',
    warning: 'warn',
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
