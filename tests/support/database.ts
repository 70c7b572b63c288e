import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, inject } from 'vitest';

/** A database that is dropped when its test file is done. */
export interface TestDatabase {
  readonly name: string;
  /** As a superuser, or as the role given. */
  readonly url: string;
  /** The same database as another role. */
  urlFor(role: string, password: string): string;
  /** Runs SQL on a connection of its own. */
  query<Row extends object = Record<string, unknown>>(
    sql: string,
    values?: unknown[],
  ): Promise<Row[]>;
}

const created: string[] = [];

/** Runs SQL on the server's maintenance database. */
export async function onServer(sql: string): Promise<void> {
  await withClient(inject('serverUrl'), (client) => client.query(sql));
}

/** A name that no other test uses. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`;
}

/** Creates an empty database, or a copy of another. */
export async function createDatabase(template?: TestDatabase): Promise<TestDatabase> {
  const name = uniqueName('test');
  await onServer(`CREATE DATABASE ${name} ${template ? `TEMPLATE ${template.name}` : ''}`);
  created.push(name);
  return database(name);
}

function database(name: string): TestDatabase {
  const url = urlOf(name);
  return {
    name,
    url,
    urlFor: (role, password) => urlOf(name, role, password),
    query: (sql, values) =>
      withClient(url, async (client) => (await client.query(sql, values)).rows),
  };
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

/** A client for as long as `work` takes. */
export async function withClient<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

afterAll(async () => {
  for (const name of created.splice(0))
    await onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  for (const name of roles.splice(0)) await onServer(`DROP ROLE IF EXISTS ${name}`);
});
