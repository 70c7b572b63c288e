import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { beforeAll, beforeEach, expect, inject, onTestFinished, test } from 'vitest';
import { runMigrations, TrackingSchemaError } from '../../src/index.ts';
import { createDatabase, type TestDatabase, withClient } from '../support/database.ts';
import { findPgBouncer, PGBOUNCER_PACKAGE, startPgBouncer } from '../support/pgbouncer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const program = findPgBouncer();
let db: TestDatabase;

beforeAll(async () => {
  if (!program && process.env.CI) throw new Error(PGBOUNCER_PACKAGE);
  db = await createDatabase();
});
beforeEach((context) => {
  if (!program) context.skip(PGBOUNCER_PACKAGE);
});

/** Starts a pooler for one test. @returns the URL of the database */
async function pooled(
  options: { settings?: string; database?: string },
  serverUrl = inject('serverUrl'),
): Promise<URL> {
  const pooler = await startPgBouncer(program ?? '', serverUrl, options);
  onTestFinished(() => pooler.stop());
  return new URL(pooler.urlFor(db.name));
}

async function failureOf(url: URL): Promise<TrackingSchemaError> {
  const error = await runMigrations({ databaseUrl: url.href, timeoutMs: 20_000 }).catch(
    (reason: unknown) => reason,
  );
  if (!(error instanceof TrackingSchemaError)) throw new Error(`not typed: ${inspect(error)}`);
  return error;
}

test('an unknown database of the server', async () => {
  const url = await pooled({});
  url.pathname = '/nowhere';
  expect(await failureOf(url)).toMatchObject({ code: 'DATABASE_NOT_FOUND', retryable: false });
});

test('an unknown database of the pooler', async () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const users = join(folder, 'users.txt');
  writeFileSync(users, '"anybody" ""');
  const settings = `auth_type = trust\nauth_file = ${users}`;
  const url = await pooled({ database: 'known', settings });
  expect(await failureOf(url)).toMatchObject({ code: 'DATABASE_NOT_FOUND', retryable: false });
});

test.each(['scram-sha-256', 'md5', 'plain'])('an unknown user, with %s', async (authType) => {
  const url = await pooled({ settings: `auth_type = ${authType}` });
  url.password = 'wrong';
  const error = await failureOf(url);
  expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', retryable: false });
  expect(error.hint).toContain('Correct the user or the password');
});

test('more clients than max_client_conn', async () => {
  const url = await pooled({ settings: 'max_client_conn = 1' });
  const error = await withClient(url.href, () => failureOf(url));
  expect(error).toMatchObject({ code: 'CONNECTION_FAILED', retryable: true });
  expect(error.hint).toContain('raise the limit');
});

test('a startup parameter that the pooler does not know', async () => {
  const url = await pooled({});
  url.searchParams.set('options', '-c geqo=off');
  const error = await failureOf(url);
  expect(error).toMatchObject({ code: 'CONNECTION_FAILED', retryable: false });
  expect(error.hint).toContain('ignore_startup_parameters');
});

test('a server that is down', async () => {
  const url = await pooled(
    { settings: 'client_login_timeout = 3' },
    'postgres://u:p@127.0.0.1:1/d',
  );
  const error = await failureOf(url);
  expect(error).toMatchObject({ code: 'CONNECTION_FAILED', retryable: true });
  expect(error.hint).toContain('reaches its server');
});

test('statement pooling: the error names pool_mode', async () => {
  const error = await failureOf(await pooled({ settings: 'pool_mode = statement' }));
  expect(error).toMatchObject({ code: 'CONNECTION_LOST', sqlState: '08P01', retryable: false });
  expect(error.message).toContain('transaction blocks not allowed');
  expect(error.hint).toContain('pool_mode');
});
