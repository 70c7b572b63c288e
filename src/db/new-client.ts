import type { Client, ClientConfig } from 'pg';
import pg from 'pg';
import { InvalidOptionError } from '../errors.ts';
import { hasQueryTimeout } from './client-internals.ts';
import { malformedUrl } from './connection-errors.ts';

const URL_FORM = /^(postgres(ql)?:\/\/|socket:|\/)/;

/** An unescaped /, # or ? in a password would end the host, which error messages name. */
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
    return client;
  } catch {
    // The original error contains the URL and so the password: it does not become the cause.
    throw malformedUrl();
  }
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
