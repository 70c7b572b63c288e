import type { Socket } from 'node:net';
import type { ClientBase } from 'pg';

/** What clients of pg have and its types leave out. Older releases lack some of it. */
interface Internals {
  readonly pipeline?: boolean;
  readonly connectionParameters?: { readonly query_timeout?: number | false };
  readonly connection?: { readonly stream?: ServerSocket };
}

/** The socket to the server. Its remote address is unknown for a Unix socket. */
interface ServerSocket extends Partial<Pick<Socket, 'remoteAddress' | 'remotePort'>> {
  destroy(error?: Error): void;
}

/** Returns whether the client sends a statement while it waits for the answer to another. */
export function isPipelined(client: ClientBase & Internals): boolean {
  return client.pipeline === true && !hasQueryTimeout(client);
}

/**
 * Returns whether pg ends a statement after a time of its own. It counts from the moment of sending,
 * so that a statement behind others in a pipeline would time out too soon.
 */
export function hasQueryTimeout(client: ClientBase & Internals): boolean {
  return Boolean(client.connectionParameters?.query_timeout);
}

/** Returns the socket to the server. */
export function socketOf(client: ClientBase & Internals): ServerSocket | undefined {
  return client.connection?.stream;
}
