import { inspect } from 'node:util';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  type PreflightError,
  type RunMigrationsOptions,
  runMigrations,
  TrackingSchemaError,
} from '../../src/index.ts';
import { CONTRACT_MIGRATIONS, migrations } from '../../src/schema/migrations.ts';
import { createDatabase, createRole, type TestDatabase } from '../support/database.ts';

/** Not the server's own password, which may be a word that stands in any message. */
const SECRET = 's3cret-of-the-tests';

/** The error of a call that must fail. It names what to do, and gives no password away. */
async function failureOf(
  options: RunMigrationsOptions,
  secret: string,
): Promise<TrackingSchemaError> {
  const error = await runMigrations(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TrackingSchemaError)) throw new Error(`not typed: ${inspect(error)}`);
  expect(error.message.endsWith(error.hint)).toBe(true);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret);
  return error;
}

afterEach(() => {
  vi.unstubAllEnvs();
});

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});

async function relations(): Promise<number> {
  const rows = await db.query(
    "SELECT FROM pg_class WHERE relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)",
  );
  return rows.length;
}

describe('options are refused by name before anything is touched', () => {
  const cases: readonly [string, object, string][] = [
    ['an unknown option', { dryrun: true }, 'dryrun'],
    ['an empty schema', { schema: '' }, 'schema'],
    ['no schema at all', { schema: [] }, 'schema'],
    ['a schema twice', { schema: ['a', 'a'] }, 'schema'],
    ['a schema with a double quote', { schema: 'a"b' }, 'schema'],
    ['a schema with a single quote', { schema: "a'b" }, 'schema'],
    ['a schema of 64 bytes', { schema: 'ü'.repeat(32) }, 'schema'],
    ['a schema with a null character', { schema: 'a\0b' }, 'schema'],
    ['a schema of the server', { schema: 'pg_catalog' }, 'schema'],
    ['a lone surrogate', { schema: '\ud800' }, 'schema'],
    ['a migrations table of 64 bytes', { migrationsTable: 'x'.repeat(64) }, 'migrationsTable'],
    ['a migrations table called visitors', { migrationsTable: 'visitors' }, 'migrationsTable'],
    ['a direction of its own', { direction: 'sideways' }, 'direction'],
    ['down without an end', { direction: 'down' }, 'count'],
    ['a count of 0', { direction: 'down', count: 0 }, 'count'],
    ['a count of 1.5', { count: 1.5 }, 'count'],
    ['a target that does not exist', { target: 'nowhere' }, 'target'],
    ['count and target', { count: 1, target: '20261128100000000_require-leads' }, 'target'],
    ['a dryRun that is no boolean', { dryRun: 'yes' }, 'dryRun'],
    ['allowDataLoss upwards', { allowDataLoss: true }, 'allowDataLoss'],
    ['a negative budget', { migrationLockTimeoutMs: -1 }, 'migrationLockTimeoutMs'],
    ['no lock budget', { lockTimeoutMs: 0 }, 'lockTimeoutMs'],
    ['a budget beyond 2^31', { timeoutMs: 2 ** 31 }, 'timeoutMs'],
    ['a logger without methods', { logger: {} }, 'logger'],
    ['an onEvent that is no function', { onEvent: 'x' }, 'onEvent'],
    ['a signal that is none', { signal: {} }, 'signal'],
    ['both databases', { dbClient: {} }, 'dbClient'],
    ['a client without query', { databaseUrl: undefined, dbClient: {} }, 'dbClient'],
    ['a client without events', { databaseUrl: undefined, dbClient: { query() {} } }, 'dbClient'],
    ['a count that is an object', { count: Object.create(null) }, 'count'],
    ['a URL object', { databaseUrl: new URL('postgres://u:p@host/db') }, 'databaseUrl'],
  ];
  test.each(cases)('%s', async (_, options, option) => {
    const url = new URL(db.url);
    url.password = SECRET;
    const given: object = { databaseUrl: url.href, ...options };
    const error = await failureOf(given, SECRET);
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option });
    expect(await relations()).toBe(0);
  });

  test('no database anywhere', async () => {
    for (const name of ['DATABASE_URL', 'PGHOST', 'PGPORT', 'PGUSER', 'PGDATABASE']) {
      vi.stubEnv(name, undefined);
    }
    vi.stubEnv('DATABASE_URL', '');
    const error = await failureOf({}, 'nothing');
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option: 'databaseUrl' });
    expect(error.hint).toContain('DATABASE_URL=postgres://');
  });

  test.each([
    'not a url',
    'mysql://u:s3cret@host/db',
    'postgres://u:s3cret@[::1/db',
    'postgres://u:s3cret@host:99999/db',
    'postgresql:u:s3cret',
    'postgres://u:a@b/s3cret@127.0.0.1/db',
    'postgres://u:12#s3cret@127.0.0.1/db',
    'postgres://u:12?s3cret@127.0.0.1/db',
  ])('a malformed URL: %s', async (databaseUrl) => {
    const error = await failureOf({ databaseUrl }, 's3cret');
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option: 'databaseUrl' });
  });
});

describe('a database that cannot be reached', () => {
  test('a URL with an @ in a parameter is a URL', async () => {
    const databaseUrl = 'postgres://u:s3cret@127.0.0.1:1?application_name=a@b';
    expect(await failureOf({ databaseUrl }, 's3cret')).toMatchObject({ code: 'CONNECTION_FAILED' });
  });

  test('a wrong password', async () => {
    const url = new URL(db.url);
    url.password = 'a wrong one';
    expect(await failureOf({ databaseUrl: url.href }, 'a wrong one')).toMatchObject({
      code: 'AUTHENTICATION_FAILED',
      sqlState: '28P01',
    });
  });

  test('no password where the server asks for one', async () => {
    const role = await createRole();
    const url = new URL(db.urlFor(role.name, role.password));
    url.password = '';
    vi.stubEnv('PGPASSWORD', '');
    expect(await failureOf({ databaseUrl: url.href }, role.password)).toMatchObject({
      code: 'AUTHENTICATION_FAILED',
      retryable: false,
    });
  });

  test('no such database', async () => {
    const role = await createRole();
    const url = new URL(db.urlFor(role.name, role.password));
    url.pathname = '/nowhere';
    expect(await failureOf({ databaseUrl: url.href }, role.password)).toMatchObject({
      code: 'DATABASE_NOT_FOUND',
      sqlState: '3D000',
    });
  });

  test('no server', async () => {
    const error = await failureOf({ databaseUrl: 'postgres://u:s3cret@127.0.0.1:1/db' }, 's3cret');
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', retryable: true });
  });
});

describe('names that are in the way', () => {
  test('are all found before the first change, with what fixes it', async () => {
    const own = await createDatabase();
    await own.query(`
      CREATE TABLE mine (gclid text);
      CREATE INDEX idx_visitors_gclid ON mine (gclid);
      CREATE TYPE leads AS ENUM ('a');
      CREATE FUNCTION tracking_set_updated_at() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`);
    const error = await failureOf({ databaseUrl: own.url }, 'nothing');
    expect(error).toMatchObject({
      failures: [{ code: 'NAME_CONFLICT' }, { code: 'NAME_CONFLICT' }, { code: 'NAME_CONFLICT' }],
    });
    await own.query(error.hint.replaceAll('Run: ', ''));
    expect((await runMigrations({ databaseUrl: own.url })).alreadyApplied).toEqual([]);
  });

  test('are found where an upgrade adds to tables that are there', async () => {
    const own = await createDatabase();
    const names = migrations.map(({ name }) => name);
    await runMigrations({ databaseUrl: own.url, count: CONTRACT_MIGRATIONS });
    await own.query(`
      ALTER TABLE conversions ADD COLUMN converted_at date;
      ALTER TABLE conversion_queue ADD COLUMN lease_id int;
      CREATE INDEX idx_queue_due ON conversion_queue (platform);
      CREATE FUNCTION claim_conversions(text, integer, interval) RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE FUNCTION claim_conversions(text) RETURNS int LANGUAGE sql AS 'SELECT 1'`);
    const error = await failureOf({ databaseUrl: own.url }, 'nothing');
    expect((error as unknown as PreflightError).failures.map(({ fix }) => fix).sort()).toEqual([
      'Run: ALTER FUNCTION public.claim_conversions(text) RENAME TO "claim_conversions_old";',
      'Run: ALTER FUNCTION public.claim_conversions(text,integer,interval) RENAME TO "claim_conversions_old";',
      'Run: ALTER INDEX public.idx_queue_due RENAME TO "idx_queue_due_old";',
      'Run: ALTER TABLE "public"."conversion_queue" RENAME COLUMN "lease_id" TO "lease_id_old";',
      'Run: ALTER TABLE "public"."conversions" RENAME COLUMN "converted_at" TO "converted_at_old";',
    ]);
    await own.query(error.hint.replaceAll('Run: ', ''));
    const { ran } = await runMigrations({ databaseUrl: own.url });
    expect(ran.map(({ name }) => name)).toEqual(names.slice(CONTRACT_MIGRATIONS));
  });
});

describe('a role without the rights', () => {
  test('to look into a schema of the array is told so, and gets no placeholder for what it cannot see', async () => {
    const role = await createRole();
    const own = await createDatabase();
    await own.query(`
      CREATE SCHEMA tracking AUTHORIZATION ${role.name};
      CREATE SCHEMA app;
      CREATE TABLE app.leads (id uuid PRIMARY KEY);
      GRANT REFERENCES (id) ON app.leads TO ${role.name}`);
    const databaseUrl = own.urlFor(role.name, role.password);
    const error = await failureOf({ databaseUrl, schema: ['tracking', 'app'] }, role.password);
    expect(error).toMatchObject({ failures: [{ code: 'NO_USAGE_ON_SCHEMA' }] });
    await own.query(error.hint.replaceAll('Run: ', ''));
    expect((await runMigrations({ databaseUrl, schema: ['tracking', 'app'] })).ran).not.toEqual([]);
    expect(await own.query("SELECT to_regclass('tracking.leads') AS placeholder")).toEqual([
      { placeholder: null },
    ]);
  });

  test('is told every grant that it needs', async () => {
    const role = await createRole();
    const own = await createDatabase();
    await own.query(`
      REVOKE CREATE ON SCHEMA public FROM PUBLIC;
      CREATE TABLE leads (id bigint PRIMARY KEY);
      REVOKE ALL ON leads FROM PUBLIC`);
    const databaseUrl = own.urlFor(role.name, role.password);
    const error = await failureOf({ databaseUrl }, role.password);
    expect(error).toMatchObject({
      code: 'PREFLIGHT_FAILED',
      failures: [
        {
          code: 'NO_CREATE_ON_SCHEMA',
          fix: `Run: GRANT USAGE, CREATE ON SCHEMA "public" TO ${role.name};`,
        },
        { code: 'LEADS_MISMATCH' },
        {
          code: 'NO_REFERENCES_ON_LEADS',
          fix: `Run: GRANT REFERENCES (id) ON public.leads TO ${role.name};`,
        },
      ],
    });
    expect(await own.query("SELECT FROM pg_class WHERE relname = 'tracking_migrations'")).toEqual(
      [],
    );
  });

  test('and the grants named in the error are enough', async () => {
    const role = await createRole();
    const own = await createDatabase();
    await own.query(`
      REVOKE CREATE ON SCHEMA public FROM PUBLIC;
      CREATE TABLE leads (id uuid PRIMARY KEY);
      REVOKE ALL ON leads FROM PUBLIC`);
    const databaseUrl = own.urlFor(role.name, role.password);
    const error = await failureOf({ databaseUrl }, role.password);
    expect(error.hint).toMatch(/^(Run: [^;]+; ?)+$/);
    await own.query(error.hint.replaceAll('Run: ', ''));
    expect((await runMigrations({ databaseUrl })).alreadyApplied).toEqual([]);
  });
});
