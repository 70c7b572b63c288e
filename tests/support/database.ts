import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { withClient } from '../../scripts/with-client.ts';
import { runMigrations } from '../../src/index.ts';
import { afterFile } from './after-file.ts';

export { withClient };

/** A database that is dropped when its test file is done. */
export interface TestDatabase {
  readonly name: string;
  /** As a superuser, or as the role given. */
  readonly url: string;
  /** The same database as another role. */
  urlFor(role: string, password: string): string;
  /** Runs SQL on a kept connection that no other query uses at that time. */
  query<Row extends object = Record<string, unknown>>(
    sql: string,
    values?: unknown[],
  ): Promise<Row[]>;
}

const created: TestDatabase[] = [];

/** Runs SQL on the server's maintenance database. */
export async function onServer(sql: string): Promise<void> {
  await keptPool(inject('serverUrl')).query(sql);
}

/** Creates an empty database where the lower case of I is not i; undefined before PostgreSQL 15 or without ICU. */
export async function createTurkishDatabase(): Promise<TestDatabase | undefined> {
  const { rows } = await keptPool(inject('serverUrl')).query(
    `SELECT FROM pg_collation WHERE collprovider = 'i' AND current_setting('server_version_num')::int >= 150000 LIMIT 1`,
  );
  if (rows.length === 0) return undefined;
  return create(
    "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR' LOCALE 'C' ENCODING 'UTF8'",
  );
}

/** A name that no other test uses. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`;
}

/** Creates an empty database, or a copy of another. */
export async function createDatabase(template?: TestDatabase): Promise<TestDatabase> {
  // A database with sessions in it cannot be copied.
  if (template) await endKeptPool(template.url);
  return create(template ? `TEMPLATE ${template.name}` : '');
}

/** Creates a database with all migrations applied: a copy of one that is migrated once a run. */
export async function createMigratedDatabase(): Promise<TestDatabase> {
  migrated ??= migratedTemplate();
  return create(`TEMPLATE ${await migrated}`);
}

async function create(options: string): Promise<TestDatabase> {
  const db = database(uniqueName('test'));
  await onServer(`CREATE DATABASE ${db.name} ${options} ${inject('copyStrategy')}`);
  created.push(db);
  return db;
}

let migrated: Promise<string> | undefined;

/** Test files run at the same time: the first one that asks migrates, the others wait. */
async function migratedTemplate(): Promise<string> {
  const name = inject('template');
  await withClient(inject('serverUrl'), async (client) => {
    await client.query('SELECT pg_advisory_lock(1)');
    const { rows } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rows.length > 0) return;
    // The one before may have failed half-way.
    await client.query(`DROP DATABASE IF EXISTS ${name}_new`);
    await client.query(`CREATE DATABASE ${name}_new`);
    await runMigrations({ databaseUrl: urlOf(`${name}_new`) });
    await client.query(`ALTER DATABASE ${name}_new RENAME TO ${name}`);
  });
  return name;
}

function database(name: string): TestDatabase {
  const url = urlOf(name);
  return {
    name,
    url,
    urlFor: (role, password) => urlOf(name, role, password),
    query: (sql, values) => keptQuery(url, sql, values),
  };
}

const pools = new Map<string, pg.Pool>();

/** Runs SQL on a connection that is kept for the next time, unless the SQL fails. */
export async function keptQuery<Row extends object>(
  url: string,
  sql: string,
  values?: unknown[],
): Promise<Row[]> {
  return (await keptPool(url).query<Row>(sql, values)).rows;
}

function keptPool(url: string): pg.Pool {
  let pool = pools.get(url);
  if (!pool) {
    pool = new pg.Pool({ connectionString: url, idleTimeoutMillis: 3_000 });
    // A test may end the session while it is idle; the next query opens another one.
    pool.on('error', () => {});
    pools.set(url, pool);
  }
  return pool;
}

/** Closes the connections that are kept to a database: to copy it, drop it, or stop its server. */
export async function endKeptPool(url: string): Promise<void> {
  const pool = pools.get(url);
  pools.delete(url);
  if (!pool) return;
  // end() does not wait for the server to close them.
  let open = pool.totalCount;
  const closed = new Promise<void>((resolve) => {
    if (open === 0) resolve();
    pool.on('remove', () => {
      open -= 1;
      if (open === 0) resolve();
    });
  });
  await pool.end();
  await closed;
}

function urlOf(name: string, role?: string, password?: string): string {
  return urlOn(inject('serverUrl'), name, role, password);
}

/** The URL of a database on any server: as the role given, else as the server's own says. */
export function urlOn(serverUrl: string, name: string, role?: string, password?: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  if (role !== undefined) url.username = encodeURIComponent(role);
  if (password !== undefined) url.password = encodeURIComponent(password);
  return url.href;
}

/** Creates a role for one test file, dropped with its databases. */
export async function createRole(options = 'LOGIN'): Promise<{ name: string; password: string }> {
  const name = uniqueName('role');
  const password = 'a role of the tests';
  await onServer(`CREATE ROLE ${name} ${options} PASSWORD '${password}'`);
  roles.push(name);
  return { name, password };
}

const roles: string[] = [];

afterFile(async () => {
  for (const db of created.splice(0)) {
    await endKeptPool(db.url);
    // The server waits up to 5 s for sessions that are about to end.
    await onServer(`DROP DATABASE IF EXISTS ${db.name}`).catch(() =>
      onServer(`DROP DATABASE IF EXISTS ${db.name} WITH (FORCE)`),
    );
  }
  for (const name of roles.splice(0)) await onServer(`DROP ROLE IF EXISTS ${name}`);
  await endKeptPool(inject('serverUrl'));
});
