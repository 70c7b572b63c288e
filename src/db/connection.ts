import type { Client, ClientBase, ClientConfig, Pool, PoolClient, QueryResult } from 'pg';
import pg from 'pg';
import { ClientInTransactionError, InvalidOptionError } from '../errors.ts';
import type { Settings } from '../settings.ts';
import { connectError, lostError, malformedUrl, passwordMissing } from './connection-errors.ts';
import type { Deadline } from './deadline.ts';

/** One client for the length of a run, whoever owns it. */
export interface Connection {
  /** Whether it may be inside a transaction of the caller's without our knowing. */
  readonly mayBeInTransaction: boolean;
  /** Whether the client sends a statement while it waits for the answer to another. */
  readonly pipelined: boolean;
  /** Runs SQL as one simple query: several statements make one round trip, the last one answers. */
  query<Row extends object>(sql: string): Promise<Row[]>;
  /**
   * Breaks the connection, the caller's too, so that the server rolls back: a client that is still
   * inside a transaction of ours must not be used on.
   */
  destroy(): void;
}

/** How long the server may take to close a connection at the end. */
const GOODBYE_MS = 1_000;

/** Where a client comes from, and how it goes back. */
interface Source {
  readonly client: ClientBase;
  readonly owned: boolean;
  readonly giveBack: (broken: boolean) => void;
}

/**
 * Runs `work` on a client of our own, of a pool, or on the caller's, and gives it back as it was.
 * While it runs, an `error` event of the client is not an uncaught exception: the statement under
 * way rejects instead.
 *
 * @throws {InvalidOptionError | AuthenticationFailedError | DatabaseNotFoundError |
 *   ConnectionFailedError | ConnectionLostError | ClientInTransactionError | RunTimeoutError |
 *   AbortedError}
 */
export async function withConnection<T>(
  settings: Settings,
  clock: Deadline,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const source = await openSource(settings, clock);
  const { client, owned } = source;
  let broken = false;
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
        socketOf(client)?.destroy();
      },
    });
  } finally {
    source.giveBack(broken);
    // An error may still be on its way after end(); a listener on a client of ours can stay.
    if (!owned) client.removeListener('error', onError);
  }
}

async function openSource(settings: Settings, clock: Deadline): Promise<Source> {
  const { dbClient } = settings;
  if (dbClient === undefined) {
    const client = newClient(settings.databaseUrl ?? (process.env.DATABASE_URL || undefined));
    client.on('error', () => {});
    await withinRun(clock, client.connect(), () => endSoon(client)).catch((error: unknown) => {
      endSoon(client);
      throw passwordMissing(client, error) ?? error;
    });
    return {
      client,
      owned: true,
      giveBack: (broken) => (broken ? endSoon(client) : terminate(client, GOODBYE_MS)),
    };
  }
  if (typeof dbClient?.query !== 'function' || typeof dbClient.on !== 'function') {
    throw new InvalidOptionError(
      'dbClient',
      'dbClient is no client of pg.',
      'Pass a connected pg Client, a PoolClient or a Pool.',
    );
  }
  if (isPool(dbClient)) {
    if (dbClient.ending) {
      const hint = 'Pass a pool that is open.';
      throw new InvalidOptionError('dbClient', 'dbClient is a pool that has ended.', hint);
    }
    const connecting = dbClient.connect();
    const client = await withinRun(clock, connecting, () => {
      connecting.then((late) => late.release()).catch(() => {});
    });
    return { client, owned: false, giveBack: (broken) => client.release(broken) };
  }
  return { client: dbClient, owned: false, giveBack: () => {} };
}

function isPool(dbClient: Client | PoolClient | Pool): dbClient is Pool {
  return 'totalCount' in dbClient && typeof dbClient.connect === 'function';
}

/** A client for a URL, a configuration, or the PG* variables. */
function newClient(databaseUrl: string | ClientConfig | undefined): Client {
  const url = typeof databaseUrl === 'string' ? databaseUrl : databaseUrl?.connectionString;
  const isUrl = url === undefined || /^(postgres(ql)?:\/\/|socket:|\/)/.test(url);
  // An unescaped /, # or ? in a password would pass for the end of an application that is named in errors.
  const cut = url !== undefined && /^postgres(ql)?:\/\/[^/?#]*(\/[^?]*|#.*|\?[^=]*)@/.test(url);
  if (!isUrl || cut || databaseUrl instanceof URL) throw malformedUrl();
  const { PGHOST, PGPORT, PGUSER, PGDATABASE } = process.env;
  if (databaseUrl === undefined && !PGHOST && !PGPORT && !PGUSER && !PGDATABASE) {
    throw new InvalidOptionError(
      'databaseUrl',
      'No database is given: neither databaseUrl nor dbClient, and neither DATABASE_URL nor a PG* variable is set.',
      'Set DATABASE_URL=postgres://user:password@host:5432/database.',
    );
  }
  if (
    databaseUrl !== undefined &&
    typeof databaseUrl !== 'string' &&
    typeof databaseUrl !== 'object'
  ) {
    throw malformedUrl();
  }
  try {
    const client = new pg.Client(databaseUrl);
    const given = typeof databaseUrl === 'object' ? databaseUrl.pipeline : undefined;
    // Set afterwards: a copy of a configuration lacks what it hides, as pg's own hide the password.
    if (given === undefined && 'pipeline' in client && !hasQueryTimeout(client)) {
      Object.assign(client, { pipeline: true });
    }
    return client;
  } catch {
    // The original names the URL, and so the password: it is not passed on as the cause.
    throw malformedUrl();
  }
}

/**
 * Waits for a connection, but not beyond the end of the run.
 *
 * @param giveUp - called when the run has to end first
 */
async function withinRun<T>(
  clock: Deadline,
  connecting: Promise<T>,
  giveUp: () => void,
): Promise<T> {
  try {
    return await clock.guard(connecting, 0, giveUp);
  } catch (error) {
    throw clock.end ?? connectError(error);
  }
}

/**
 * A transaction of the caller's would be committed or lost by ours. Releases of pg that do not
 * tell the state are served by the first statement, which does.
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

/** The error for a client that the caller has left inside a transaction. */
export function clientInTransaction(cause?: unknown): ClientInTransactionError {
  return new ClientInTransactionError('dbClient is inside a transaction.', {
    hint: 'Commit or roll it back first, or pass a pool.',
    cause,
  });
}

/**
 * Says goodbye to the server, and leaves it to close the connection, as a pool does: waiting for that
 * would cost each call a round trip. A server that does not is left after `ms`.
 */
function terminate(client: Client, ms: number): void {
  const timer = setTimeout(() => socketOf(client)?.destroy(), ms);
  const done = () => clearTimeout(timer);
  client.end().then(done, done);
}

function endSoon(client: Client): void {
  socketOf(client)?.destroy();
  client.end().catch(() => {});
}

/** Releases of pg from before the pipeline have no such property. */
function isPipelined(client: ClientBase & { readonly pipeline?: boolean }): boolean {
  return client.pipeline === true && !hasQueryTimeout(client);
}

/** It runs from where a statement is sent: behind others it would be over too soon. */
function hasQueryTimeout(client: ClientBase): boolean {
  const { connectionParameters } = client as ClientBase & {
    readonly connectionParameters?: { readonly query_timeout?: number | false };
  };
  return Boolean(connectionParameters?.query_timeout);
}

/** pg's types leave the socket out. */
function socketOf(client: ClientBase): { destroy(error?: Error): void } | undefined {
  const { connection } = client as ClientBase & {
    readonly connection?: { readonly stream?: { destroy(error?: Error): void } };
  };
  return connection?.stream;
}
