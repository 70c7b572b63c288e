import type { Client, ClientBase, ClientConfig, Pool, PoolClient, QueryResult } from 'pg';
import { ClientInTransactionError, InvalidOptionError } from '../errors.ts';
import { cancelStatement } from './cancel.ts';
import { isPipelined, socketOf } from './client-internals.ts';
import { type ConnectingClient, connectError } from './connect-error.ts';
import { lostError } from './connection-errors.ts';
import type { Deadline } from './deadline.ts';
import { connectTimeoutMs, newClient } from './new-client.ts';

/** Which database to connect to: the options of the same names. */
export interface ConnectionInput {
  readonly databaseUrl: string | ClientConfig | undefined;
  readonly dbClient: Client | PoolClient | Pool | undefined;
}

/** One client for the length of a call, owned by this package or by the caller. */
export interface Connection {
  /** Whether the caller may have left the client inside a transaction, which pg does not report. */
  readonly mayBeInTransaction: boolean;
  /** Whether the client sends a statement while it waits for the answer to another. */
  readonly pipelined: boolean;
  /** Runs SQL in one round trip. Returns the rows of the last statement. */
  query<Row extends object>(sql: string): Promise<Row[]>;
  /**
   * Cancels the running statement and breaks the connection, also a caller's, so that the server rolls
   * back: a client inside a transaction of this package must not be used again.
   */
  destroy(): void;
}

/** How long to wait for the server to close the connection, in milliseconds. */
const CLOSE_TIMEOUT_MS = 1_000;

/** A client, and how to release it. */
interface Acquired {
  readonly client: ClientBase;
  readonly owned: boolean;
  /** Never rejects: it must not hide the error of the call. */
  readonly release: (broken: boolean) => Promise<void>;
}

/**
 * Runs `work` on a new client, a client of the caller's pool, or the caller's client, and releases
 * it afterwards. Meanwhile an `error` event of the client does not become an uncaught exception:
 * the running statement rejects instead.
 *
 * @throws {InvalidOptionError | AuthenticationFailedError | DatabaseNotFoundError |
 *   PermissionDeniedError | TlsFailedError | ConnectionFailedError | ConnectionLostError |
 *   ClientInTransactionError | CallTimeoutError | AbortedError}
 */
export async function withConnection<T>(
  input: ConnectionInput,
  deadline: Deadline,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { client, owned, release } = await acquire(input, deadline);
  deadline.connected = true;
  let broken = false;
  let destroyed: Promise<void> | undefined;
  const onError = () => {
    broken = true;
  };
  client.on('error', onError);
  try {
    if (!owned) refuseUnfitClient(client);
    return await work({
      mayBeInTransaction: !owned && client.getTransactionStatus === undefined,
      pipelined: isPipelined(client),
      async query<Row extends object>(sql: string) {
        try {
          const results: QueryResult<Row> | QueryResult<Row>[] = await client.query<Row>(sql);
          const last = Array.isArray(results) ? results.at(-1) : results;
          return last?.rows ?? [];
        } catch (error) {
          const lost = lostError(error);
          broken ||= lost !== undefined;
          throw lost ?? error;
        }
      },
      destroy() {
        broken = true;
        // In this order: a connection pooler forgets the statement of a client that is gone.
        destroyed ??= cancelStatement(client)
          .catch(() => {})
          .finally(() => socketOf(client)?.destroy());
      },
    });
  } finally {
    await destroyed;
    await release(broken);
    // An error may still follow end(), so the listener stays on a client of this package.
    if (!owned) client.removeListener('error', onError);
  }
}

async function acquire(input: ConnectionInput, deadline: Deadline): Promise<Acquired> {
  const { databaseUrl, dbClient } = input;
  if (dbClient === undefined) return connect(databaseUrl, deadline);
  if (typeof dbClient?.query !== 'function' || typeof dbClient.on !== 'function') {
    throw new InvalidOptionError(
      'dbClient',
      'dbClient is not a client of pg.',
      'Pass a connected pg Client, a PoolClient or a Pool.',
    );
  }
  if (isPool(dbClient)) return borrow(dbClient, deadline);
  return { client: dbClient, owned: false, release: async () => {} };
}

async function connect(
  databaseUrl: ConnectionInput['databaseUrl'],
  deadline: Deadline,
): Promise<Acquired> {
  const client = newClient(databaseUrl);
  client.on('error', () => {});
  const ms = connectTimeoutMs(databaseUrl);
  const noAnswer = Object.assign(new Error(`no answer within ${ms} ms`), { code: 'ETIMEDOUT' });
  const timer = ms > 0 ? setTimeout(() => socketOf(client)?.destroy(noAnswer), ms) : undefined;
  try {
    await untilDeadline(deadline, client.connect(), () => endAtOnce(client), client);
  } catch (error) {
    endAtOnce(client);
    throw error;
  } finally {
    clearTimeout(timer);
  }
  const release = async (broken: boolean) => (broken ? endAtOnce(client) : end(client));
  return { client, owned: true, release };
}

async function borrow(pool: Pool, deadline: Deadline): Promise<Acquired> {
  if (pool.ending) {
    throw new InvalidOptionError(
      'dbClient',
      'dbClient is a pool that has ended.',
      'Pass an open pool.',
    );
  }
  const connecting = pool.connect();
  const client = await untilDeadline(deadline, connecting, () => {
    connecting.then((late) => late.release()).catch(() => {});
  });
  const release = async (broken: boolean) => {
    try {
      client.release(broken);
    } catch {
      // A listener of the pool, or the caller, who has released the client before.
    }
  };
  return { client, owned: false, release };
}

function isPool(dbClient: Client | PoolClient | Pool): dbClient is Pool {
  return 'totalCount' in dbClient && typeof dbClient.connect === 'function';
}

/**
 * Waits for a client until the deadline.
 *
 * @param onTimeout - called when the deadline passes first
 */
async function untilDeadline<T>(
  deadline: Deadline,
  connecting: Promise<T>,
  onTimeout: () => void,
  client?: ConnectingClient,
): Promise<T> {
  try {
    return await deadline.guard(connecting, 0, onTimeout);
  } catch (error) {
    throw deadline.error ?? connectError(error, client);
  }
}

/**
 * Refuses a client inside a transaction, which the call would commit or lose. Where pg does not
 * report the state, the first statement does.
 */
function refuseUnfitClient(client: ClientBase): void {
  const status = client.getTransactionStatus?.();
  if (status === null) {
    throw new InvalidOptionError(
      'dbClient',
      'dbClient is not connected.',
      'Call await client.connect() first, or pass a pool.',
    );
  }
  if (status === 'T' || status === 'E') throw clientInTransaction();
}

/** Returns the error for a client that the caller has left inside a transaction. */
export function clientInTransaction(cause?: unknown): ClientInTransactionError {
  return new ClientInTransactionError('dbClient is inside a transaction.', {
    hint: 'Commit or roll it back first, or pass a pool.',
    cause,
  });
}

/** Waits until the server has ended the session, which counts against its connection limits. */
async function end(client: Client): Promise<void> {
  const timer = setTimeout(() => socketOf(client)?.destroy(), CLOSE_TIMEOUT_MS);
  await client.end().catch(() => {});
  clearTimeout(timer);
}

function endAtOnce(client: Client): void {
  socketOf(client)?.destroy();
  client.end().catch(() => {});
}
