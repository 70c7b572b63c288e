import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../scripts/embedded-server.ts';
import { connectError } from '../../src/db/connect-error.ts';
import {
  migrationStatus,
  type RunMigrationsOptions,
  runMigrations,
  TrackingSchemaError,
} from '../../src/index.ts';
import {
  createDatabase,
  createRole,
  onServer,
  type TestDatabase,
  urlOn,
  withClient,
} from '../support/database.ts';
import { readGuide } from '../support/guide.ts';

/** Returns the error of a call, and checks that it ends with its hint. */
async function failureOf(options: RunMigrationsOptions): Promise<TrackingSchemaError> {
  const error = await runMigrations(options).catch((reason: unknown) => reason);
  if (!(error instanceof TrackingSchemaError)) throw new Error(`not typed: ${inspect(error)}`);
  expect(error.message.endsWith(error.hint)).toBe(true);
  return error;
}

/** The address of a TCP server that treats every connection alike; it is gone with the test. */
async function useListener(onConnection: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const cleanups: (() => void)[] = [];
let db: TestDatabase;

beforeAll(async () => {
  db = await createDatabase();
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const cleanup of cleanups.splice(0)) cleanup();
});

describe('a server with TLS and pg_hba.conf', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracking-schema-tls-'));
  const ca = join(folder, 'server.crt');
  let server: EmbeddedServer;

  beforeAll(async () => {
    const key = join(folder, 'server.key');
    const hba = join(folder, 'pg_hba.conf');
    execFileSync(
      'openssl',
      `req -x509 -newkey rsa:2048 -nodes -days 2 -keyout ${key} -out ${ca} -subj /CN=localhost -addext subjectAltName=DNS:localhost`.split(
        ' ',
      ),
      { stdio: 'ignore' },
    );
    writeFileSync(hba, 'hostssl all postgres all scram-sha-256\n');
    chmodSync(folder, 0o755);
    const dataFolder = join(folder, 'data');
    server = await startEmbeddedServer({ dataFolder });
    const { uid, gid } = statSync(dataFolder);
    for (const file of [key, ca, hba]) chownSync(file, uid, gid);
    await withClient(server.url, async (client) => {
      const settings = { ssl: 'on', ssl_cert_file: ca, ssl_key_file: key, hba_file: hba };
      for (const [name, value] of Object.entries(settings)) {
        await client.query(`ALTER SYSTEM SET ${name} = '${value}'`);
      }
    });
    await server.crashAndRestart();
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const at = (query: string, host = 'localhost') => {
    const url = new URL(server.url);
    url.hostname = host;
    return `${url.href}?${query}`;
  };

  test('connects with sslrootcert', async () => {
    const databaseUrl = at(`sslmode=verify-full&sslrootcert=${ca}`);
    expect((await runMigrations({ databaseUrl, dryRun: true })).wouldRun).not.toEqual([]);
  });

  test('cancels a statement over TLS when the call times out', async () => {
    const databaseUrl = at(`sslmode=verify-full&sslrootcert=${ca}`);
    await withClient(databaseUrl, async (client) => {
      await client.query('CREATE TABLE tracking_migrations (id int, name text, run_on timestamp)');
      await client.query('BEGIN; LOCK TABLE tracking_migrations');
      const waiting = async () =>
        (await client.query("SELECT FROM pg_locks WHERE NOT granted AND locktype = 'relation'"))
          .rowCount;
      const call = migrationStatus({ databaseUrl, timeoutMs: 1_000 });
      const ended = expect(call).rejects.toMatchObject({ code: 'CALL_TIMEOUT' });
      await expect.poll(waiting).toBe(1);
      await ended;
      await expect.poll(waiting).toBe(0);
      await client.query('DROP TABLE tracking_migrations; COMMIT');
    });
  });

  test.each([
    ['without TLS', '', 'localhost', 'AUTHENTICATION_FAILED', 'sslmode=verify-full'],
    [
      'with an untrusted certificate',
      'sslmode=verify-full',
      'localhost',
      'TLS_FAILED',
      'sslrootcert=',
    ],
  ])('%s', async (_, query, host, code, hint) => {
    const error = await failureOf({ databaseUrl: at(query, host) });
    expect(error).toMatchObject({ code, retryable: false });
    expect(error.hint).toContain(hint);
  });

  test('with a host name that the certificate lacks', async () => {
    const databaseUrl = at(`sslmode=verify-full&sslrootcert=${ca}`, '127.0.0.1');
    const error = await failureOf({ databaseUrl });
    expect(error).toMatchObject({ code: 'TLS_FAILED', retryable: false });
    expect(error.hint).toContain('host name');
  });

  test('with a role that pg_hba.conf does not allow, over TLS', async () => {
    const url = new URL(at('sslmode=no-verify'));
    url.username = 'nobody';
    const error = await failureOf({ databaseUrl: url.href });
    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', sqlState: '28000' });
    expect(error.hint).toMatch(/^Allow the role.* in pg_hba.conf\.$/);
  });

  test('with a file that is no certificate', async () => {
    const file = join(folder, 'not-a.crt');
    writeFileSync(file, '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n');
    const error = await failureOf({ databaseUrl: at(`sslrootcert=${file}`) });
    expect(error).toMatchObject({ code: 'TLS_FAILED', retryable: false });
  });
});

describe('the settings of the client', () => {
  test.each(['sslrootcert', 'sslcert', 'sslkey'])('a missing %s', async (parameter) => {
    const databaseUrl = `${db.url}?${parameter}=/nowhere.pem`;
    const error = await failureOf({ databaseUrl });
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option: 'databaseUrl' });
    expect(error.message).toContain('/nowhere.pem (ENOENT)');
  });

  test('TLS with a server without TLS', async () => {
    const error = await failureOf({ databaseUrl: `${db.url}?sslmode=verify-full` });
    expect(error).toMatchObject({ code: 'TLS_FAILED', retryable: false });
    expect(error.hint).toContain('Remove sslmode');
  });

  test('an unknown server parameter', async () => {
    const databaseUrl = `${db.url}?options=-c%20nonsense%3D1`;
    const error = await failureOf({ databaseUrl });
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', retryable: false });
    expect(error.hint).toContain('PGOPTIONS');
  });

  test.each([
    '//u:s3cret@host/x',
    '/u:s3cret@host/x',
    'socket:/u:s3cret@host/x',
    'socket://u:s3cret@/u:s3cret@host?db=x',
    'postgres:u:s3cret@host/x',
    'postgres:/u:s3cret@host/x',
    'postgres:///u:s3cret@host/x',
  ])('a password in the host does not appear in the error: %s', async (databaseUrl) => {
    const error = await failureOf({ databaseUrl });
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option: 'databaseUrl' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret');
  });

  test('a URL in PGHOST does not appear in the error', async () => {
    vi.stubEnv('DATABASE_URL', undefined);
    vi.stubEnv('PGHOST', 'postgres://u:s3cret@host/x');
    const error = await failureOf({});
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret');
  });

  test.each([
    ['host', { host: 'nowhere.invalid' }, 'CONNECTION_FAILED', true, 'Correct the host'],
    ['port', { host: '127.0.0.1', port: 1 }, 'CONNECTION_FAILED', true, 'host and port'],
    ['socket', { host: '/nowhere' }, 'CONNECTION_FAILED', true, 'socket folder'],
    ['port number', { host: '127.0.0.1', port: 99_999 }, 'INVALID_OPTION', false, '65535'],
  ])('a wrong %s', async (_, databaseUrl, code, retryable, hint) => {
    const error = await failureOf({ databaseUrl: { user: 'u', database: 'd', ...databaseUrl } });
    expect(error).toMatchObject({ code, retryable });
    expect(error.hint).toContain(hint);
  });
});

describe('what the server refuses', () => {
  test('CONNECT is revoked: the hint is the GRANT that fixes it', async () => {
    const role = await createRole();
    const own = await createDatabase();
    await own.query(`REVOKE CONNECT ON DATABASE ${own.name} FROM PUBLIC`);
    const databaseUrl = own.urlFor(role.name, role.password);
    const error = await failureOf({ databaseUrl });
    expect(error).toMatchObject({ code: 'PERMISSION_DENIED', retryable: false });
    await own.query(error.hint.replace('Run: ', ''));
    const { wouldRun } = await runMigrations({ databaseUrl, dryRun: true }).catch(() => ({
      wouldRun: ['PREFLIGHT_FAILED'],
    }));
    expect(wouldRun).not.toEqual([]);
  });

  test('the role may not log in', async () => {
    const role = await createRole('NOLOGIN');
    const error = await failureOf({ databaseUrl: db.urlFor(role.name, role.password) });
    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', sqlState: '28000' });
    expect(error.hint).toContain('LOGIN');
  });

  test('too many connections', async () => {
    const role = await createRole('LOGIN CONNECTION LIMIT 1');
    const databaseUrl = db.urlFor(role.name, role.password);
    const error = await withClient(databaseUrl, () => failureOf({ databaseUrl }));
    expect(error).toMatchObject({
      code: 'CONNECTION_FAILED',
      sqlState: '53300',
      retryable: true,
    });
    expect(error.hint).toContain('raise the limit');
  });

  test('the database does not allow connections', async () => {
    const own = await createDatabase();
    await onServer(`ALTER DATABASE ${own.name} ALLOW_CONNECTIONS false`);
    const error = await failureOf({ databaseUrl: own.url });
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', sqlState: '55000', retryable: false });
    await onServer(`ALTER DATABASE ${own.name} ALLOW_CONNECTIONS true`);
  });

  test('through a pool as well', async () => {
    const url = new URL(db.url);
    url.password = 'wrong';
    const pool = new pg.Pool({ connectionString: url.href });
    const error = await failureOf({ dbClient: pool });
    await pool.end();
    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', sqlState: '28P01' });
  });
});

describe('a server that closes', () => {
  test.each([
    ['accepts and closes', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ])('%s: a retry can help, whether or not a password is given', async (_, close) => {
    const address = await useListener(close);
    vi.stubEnv('PGPASSWORD', '');
    for (const user of ['u', 'u:p']) {
      expect(await failureOf({ databaseUrl: `postgres://${user}@${address}/d` })).toMatchObject({
        code: 'CONNECTION_FAILED',
        retryable: true,
      });
    }
  });
});

describe('a silent server', () => {
  test('connect_timeout and PGCONNECT_TIMEOUT end the wait', async () => {
    const databaseUrl = `postgres://u:p@${await useListener(() => {})}/d`;
    const timedOut = { code: 'CONNECTION_FAILED', retryable: true };
    const options = { timeoutMs: 20_000 };
    const fromUrl = await failureOf({
      databaseUrl: `${databaseUrl}?connect_timeout=1`,
      ...options,
    });
    expect(fromUrl).toMatchObject(timedOut);
    expect(fromUrl.message).toContain('no answer within 1000 ms');
    vi.stubEnv('PGCONNECT_TIMEOUT', '1');
    expect(await failureOf({ databaseUrl, ...options })).toMatchObject(timedOut);
    const fromConfig = { connectionString: databaseUrl, connectionTimeoutMillis: 300 };
    expect(await failureOf({ databaseUrl: fromConfig, ...options })).toMatchObject(timedOut);
  });

  test('timeoutMs and signal do not claim that anything was rolled back', async () => {
    const databaseUrl = `postgres://u:p@${await useListener(() => {})}/d`;
    for (const options of [{ timeoutMs: 200 }, { signal: AbortSignal.timeout(200) }]) {
      const error = await migrationStatus({ databaseUrl, ...options }).catch(
        (reason: unknown) => reason,
      );
      expect(String(error)).toContain('Nothing was changed.');
      expect(String(error)).not.toContain('rolled back');
    }
  });
});

test('a call ends after its session: CONNECTION LIMIT 1 is enough for one call after another', async () => {
  await runMigrations({ databaseUrl: db.url });
  const role = await createRole('LOGIN CONNECTION LIMIT 1');
  await db.query(`GRANT SELECT ON tracking_migrations TO ${role.name}`);
  const databaseUrl = urlOn(db.url, db.name, role.name, role.password);
  for (let call = 0; call < 200; call += 1) {
    expect((await runMigrations({ databaseUrl })).ran).toEqual([]);
  }
});

/** An error as each source throws it, from a row of the guide. */
function asThrown(source: string, shown: string): Error {
  const [, code, message = ''] = /^`(\w+)` ?(.*)$/.exec(shown) ?? [undefined, undefined, shown];
  const error = new Error(message || code);
  if (code !== undefined) Object.assign(error, { code });
  return Object.assign(error, source !== 'Node' && code !== undefined && { severity: 'FATAL' });
}

describe('docs/errors.md', () => {
  const rows = readGuide('docs/errors.md').table('Connection errors');
  test.each(rows)('%s: %s', (source = '', shown = '', code, retryable) => {
    const error = connectError(asThrown(source, shown));
    expect(`\`${error.code}\``).toBe(code);
    expect(error.retryable).toBe(retryable === 'yes');
    expect(error.message.endsWith(error.hint)).toBe(true);
  });
});
