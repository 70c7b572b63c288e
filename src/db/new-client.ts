import type { Client, ClientConfig } from 'pg';
import pg from 'pg';
import { InvalidOptionError } from '../errors.ts';
import { hasQueryTimeout } from './client-internals.ts';
import { malformedUrl } from './connection-errors.ts';

const URL_FORM = /^(postgres(ql)?:\/\/|socket:|\/)/;

/** setTimeout fires at once for longer delays. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * An unescaped /, # or ? in a password: the part before it would be parsed as part of the host name,
 * which appears in error messages.
 */
const CUT_PASSWORD = /^postgres(ql)?:\/\/[^/?#]*(\/[^?]*|#.*|\?[^=]*)@/;

/**
 * Creates a client, not yet connected, for a URL or a configuration, else for `DATABASE_URL` or the
 * `PG*` variables.
 *
 * @throws {InvalidOptionError}
 */
export function newClient(given: string | ClientConfig | undefined): Client {
  const database = given ?? (process.env.DATABASE_URL || undefined);
  if (database === undefined) refuseEmptyEnvironment();
  else refuseMalformed(database);
  try {
    const client = new pg.Client(database);
    const pipeline = typeof database === 'object' ? database.pipeline : undefined;
    // Set afterwards: a copy of a configuration would lack its hidden properties, such as pg's password.
    if (pipeline === undefined && 'pipeline' in client && !hasQueryTimeout(client)) {
      Object.assign(client, { pipeline: true });
    }
    // Errors of the network contain the host.
    if (/:.*@/s.test(client.host)) throw malformedUrl();
    return client;
  } catch (error) {
    throw unreadableFile(error) ?? malformedUrl();
  }
}

/**
 * Returns how long to wait for the server, in milliseconds; 0 for no limit. As in libpq:
 * `connect_timeout` of the URL, else PGCONNECT_TIMEOUT, in seconds. Enforced by pg itself:
 * `connectionTimeoutMillis` of a configuration.
 */
export function connectTimeoutMs(given: string | ClientConfig | undefined): number {
  const database = given ?? process.env.DATABASE_URL;
  if (typeof database === 'object' && database.connectionTimeoutMillis !== undefined) return 0;
  const url = (typeof database === 'object' ? database.connectionString : database) ?? '';
  const [, fromUrl] = /[?&]connect_timeout=([^&]*)/.exec(url) ?? [];
  const seconds = Number(fromUrl ?? process.env.PGCONNECT_TIMEOUT ?? 0);
  return seconds > 0 ? Math.min(seconds * 1_000, LONGEST_TIMER_MS) : 0;
}

/** The error for a file that the URL names. Any other error of pg may contain the URL, and the password. */
function unreadableFile(error: unknown): InvalidOptionError | undefined {
  if (!(error instanceof Error) || !('path' in error && 'code' in error)) return undefined;
  return new InvalidOptionError(
    'databaseUrl',
    `A file of the database URL cannot be read: ${error.path} (${error.code}).`,
    'Correct sslrootcert, sslcert or sslkey in the database URL.',
  );
}

function refuseMalformed(database: unknown): void {
  if (database instanceof URL) throw malformedUrl();
  if (typeof database !== 'string' && (typeof database !== 'object' || database === null)) {
    throw malformedUrl();
  }
  const url = typeof database === 'string' ? database : (database as ClientConfig).connectionString;
  if (url !== undefined && (!URL_FORM.test(url) || CUT_PASSWORD.test(url))) throw malformedUrl();
}

function refuseEmptyEnvironment(): void {
  const { PGHOST, PGPORT, PGUSER, PGDATABASE } = process.env;
  if (PGHOST || PGPORT || PGUSER || PGDATABASE) return;
  throw new InvalidOptionError(
    'databaseUrl',
    'No database is given: neither databaseUrl nor dbClient, and neither DATABASE_URL nor a PG* variable is set.',
    'Set DATABASE_URL=postgres://user:password@host:5432/database.',
  );
}
