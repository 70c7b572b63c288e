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

/** Unlike the server's own password, no word of any message. */
const SECRET = 's3cret-of-the-tests';

/** Returns the error of a call, and checks that it ends with its hint and contains no password. */
async function failureOf(
  options: RunMigrationsOptions,
  secret: string,
  showHidden = true,
): Promise<TrackingSchemaError> {
  const error = await runMigrations(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TrackingSchemaError)) throw new Error(`not typed: ${inspect(error)}`);
  expect(error.message.endsWith(error.hint)).toBe(true);
  expect(inspect(error, { depth: 9, showHidden })).not.toContain(secret);
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

describe('throws INVALID_OPTION for', () => {
  const cases: readonly [string, object, string][] = [
    ['an unknown option', { dryrun: true }, 'dryrun'],
    ['an empty schema', { schema: '' }, 'schema'],
    ['no schema at all', { schema: [] }, 'schema'],
    ['a schema twice', { schema: ['a', 'a'] }, 'schema'],
    ['a schema with a double quote', { schema: 'a"b' }, 'schema'],
    ['a schema with a single quote', { schema: "a'b" }, 'schema'],
    ['a schema of 64 bytes', { schema: 'ü'.repeat(32) }, 'schema'],
    ['a schema with a null character', { schema: 'a\0b' }, 'schema'],
    ['a reserved schema', { schema: 'pg_catalog' }, 'schema'],
    ['a lone surrogate', { schema: '\ud800' }, 'schema'],
    ['a migrations table of 64 bytes', { migrationsTable: 'x'.repeat(64) }, 'migrationsTable'],
    ['a migrations table called visitors', { migrationsTable: 'visitors' }, 'migrationsTable'],
    ['an unknown direction', { direction: 'sideways' }, 'direction'],
    ['down without count or target', { direction: 'down' }, 'count'],
    ['a count of 0', { direction: 'down', count: 0 }, 'count'],
    ['a count of 1.5', { count: 1.5 }, 'count'],
    ['a target that does not exist', { target: 'nowhere' }, 'target'],
    ['count and target', { count: 1, target: '20261128100000000_require-leads' }, 'target'],
    ['a dryRun that is not a boolean', { dryRun: 'yes' }, 'dryRun'],
    ['allowDataLoss upwards', { allowDataLoss: true }, 'allowDataLoss'],
    ['a negative timeout', { migrationLockTimeoutMs: -1 }, 'migrationLockTimeoutMs'],
    ['a lock timeout of 0', { lockTimeoutMs: 0 }, 'lockTimeoutMs'],
    ['a timeout beyond 2^31', { timeoutMs: 2 ** 31 }, 'timeoutMs'],
    ['a logger without methods', { logger: {} }, 'logger'],
    ['an onEvent that is not a function', { onEvent: 'x' }, 'onEvent'],
    ['a signal that is not an AbortSignal', { signal: {} }, 'signal'],
    ['both databaseUrl and dbClient', { dbClient: {} }, 'dbClient'],
    ['a client without query', { databaseUrl: undefined, dbClient: {} }, 'dbClient'],
    ['a client without on', { databaseUrl: undefined, dbClient: { query() {} } }, 'dbClient'],
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

  test('a long value or name: the message shows 80 characters of it', async () => {
    const long = 'x'.repeat(5_000);
    const cases: readonly object[] = [{ [long]: 1 }, { target: long }, { direction: long }];
    for (const options of cases) {
      const error: unknown = await runMigrations(options).catch((reason: unknown) => reason);
      const message = String(error);
      expect(message).toContain('x'.repeat(80));
      expect(message).not.toContain('x'.repeat(81));
    }
  });

  test('no database at all', async () => {
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

describe('conflicting objects', () => {
  test('are all reported before the first change, with their fixes', async () => {
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

  test('are reported where an upgrade adds to existing tables', async () => {
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

describe('a role without privileges', () => {
  test('on a schema of the array: throws NO_USAGE_ON_SCHEMA, and creates no placeholder', async () => {
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

  test('gets every GRANT that it needs in one error', async () => {
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

  test('succeeds after the GRANTs of the error', async () => {
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

describe('values of rows', () => {
  const fail = (statement: string) => `
    CREATE TABLE people (email text UNIQUE);
    INSERT INTO people VALUES ('jane@example.com');
    CREATE FUNCTION audit() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN ${statement}; END $$;
    CREATE EVENT TRIGGER audit ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION audit()`;

  test('are neither in the message nor in what loggers print, but in the detail of the cause', async () => {
    const own = await createDatabase();
    await own.query(fail("INSERT INTO public.people VALUES ('jane@' || 'example.com')"));
    const error = await failureOf({ databaseUrl: own.url }, 'jane@example.com', false);
    expect(error).toMatchObject({ code: 'MIGRATION_FAILED', sqlState: '23505' });
    expect(JSON.stringify([error, error.cause])).not.toContain('jane@example.com');
    expect(error.cause).toHaveProperty('detail', expect.stringContaining('jane@example.com'));
  });

  test('are not in the message of a data exception, which quotes them', async () => {
    const own = await createDatabase();
    await own.query(fail("PERFORM email::uuid FROM public.people WHERE email LIKE '%@%'"));
    const error = await runMigrations({ databaseUrl: own.url }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'MIGRATION_FAILED', sqlState: '22P02' });
    expect(String(error)).toContain('invalid input syntax for type uuid: "…"');
  });
});
