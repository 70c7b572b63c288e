import { beforeAll, expect } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { copyExample, type Example, INSTALL_WITHIN_MS } from './example.ts';
import { GOOGLE_TOKEN, type Google, startGoogle } from './google.ts';
import { type Running, start } from './running.ts';

export const IP_HASH_KEY = 'a key of the tests, of 16 bytes';
export const CRM_TOKEN = 'a token of the CRM';
export const GCLID = 'EAIaIQobChMI-service-gclid-0001';

/** The example, built once for the tests of a file. */
export let example: Example;
beforeAll(async () => {
  example = await copyExample('service');
  const [install = '', build = ''] = example.commands;
  expect(example.commands).toEqual(['npm install', 'npm run build', 'node dist/main.js']);
  await example.succeed(install);
  await example.succeed(build);
}, INSTALL_WITHIN_MS);

/** A replica that listens. */
interface Replica extends Running {
  post(path: string, body: object, headers?: Readonly<Record<string, string>>): Promise<Response>;
  get(path: string): Promise<{ status: number; body: unknown }>;
}

/** A replica that is starting. */
export function launch(
  databaseUrl: string,
  google: Google,
  changed: NodeJS.ProcessEnv = {},
): Running {
  return start(example.commands[2] ?? '', example.folder, {
    DATABASE_URL: databaseUrl,
    HOST: '127.0.0.1',
    PORT: '0',
    IP_HASH_KEY,
    CRM_TOKEN,
    UPLOAD_INTERVAL_MS: '50',
    DATA_MANAGER_URL: google.url,
    GOOGLE_ACCESS_TOKEN: GOOGLE_TOKEN,
    GOOGLE_ADS_ACCOUNT_ID: '1234567890',
    GOOGLE_ADS_ACTION_QUALIFIED: '111',
    GOOGLE_ADS_ACTION_CLOSED: '222',
    ...changed,
  });
}

/** Waits until it listens. */
export async function listening(running: Running): Promise<Replica> {
  const [, url] = await running.says(/Server listening at (http:\/\/[\d.:]+)/);
  return {
    ...running,
    post: (path, body, headers = {}) =>
      fetch(url + path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    get: async (path) => {
      const response = await fetch(url + path);
      return { status: response.status, body: await response.json() };
    },
  };
}

/** Two replicas that were started at once on an empty database, and a lead. */
export async function launchTwo() {
  const [db, google] = await Promise.all([createDatabase(), startGoogle()]);
  const started = [launch(db.url, google), launch(db.url, google)];
  const [first, second] = await Promise.all(started.map(listening));
  if (!first || !second) throw new Error('There are two.');
  const [lead] = await db.query<{ id: string }>('INSERT INTO leads DEFAULT VALUES RETURNING id');
  return { db, google, first, second, lead: lead?.id ?? '' };
}

export const AS_CRM = { authorization: `Bearer ${CRM_TOKEN}` };

/** What the queue says of a deal. */
export async function entryOf(db: TestDatabase, deal: string) {
  const rows = await db.query<{
    status: string;
    retry_count: number;
    error_code: string | null;
    last_error: string | null;
    request_id: string | null;
    lease_id: string | null;
  }>(
    `SELECT q.status, q.retry_count, q.error_code, q.last_error, q.request_id, q.lease_id
       FROM conversion_queue q JOIN conversions c ON c.id = q.conversion_id WHERE c.crm_deal_id = $1`,
    [deal],
  );
  return rows[0];
}
