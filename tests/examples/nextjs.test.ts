import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../scripts/free-port.ts';
import { verifySchema } from '../../src/index.ts';
import { hashIp } from '../../src/queue/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { createDatabase, withClient } from '../support/database.ts';
import { blocks, copyExample, type Example, INSTALL_WITHIN_MS } from './example.ts';
import { eventually, type Running, start } from './running.ts';

const IP_HASH_KEY = 'a key of the tests, of 16 bytes';
const QUEUE_TOKEN = 'a token of the monitoring';
const QUIET = { NEXT_TELEMETRY_DISABLED: '1' };
/** node-pg-migrate's key, which every migrator locks. */
const LOCK = '7241865325823964';

let example: Example;
beforeAll(async () => {
  example = await copyExample('nextjs');
  const [install = ''] = example.commands;
  expect(install).toBe('npm install');
  await example.succeed(install);
}, INSTALL_WITHIN_MS);

async function build(): Promise<void> {
  const [, command = ''] = example.commands;
  expect(command).toBe('npx next build');
  await example.succeed(command, { ...QUIET, DATABASE_URL: '' });
}

async function launch(databaseUrl: string): Promise<{ url: string; server: Running }> {
  const port = await freePort();
  const server = start(example.commands[2] ?? '', example.folder, {
    ...QUIET,
    DATABASE_URL: databaseUrl,
    IP_HASH_KEY,
    QUEUE_TOKEN,
    HOSTNAME: '127.0.0.1',
    PORT: String(port),
  });
  await server.says(/Ready in/);
  return { url: `http://127.0.0.1:${port}`, server };
}

/** Moves the package and its engine out of reach, and back. */
async function withoutPackages(work: () => Promise<void>): Promise<void> {
  const folder = join(example.folder, 'node_modules');
  const packages = ['conversion-tracking-schema', 'node-pg-migrate'];
  const move = (from: (name: string) => string, to: (name: string) => string) => {
    for (const name of packages) renameSync(join(folder, from(name)), join(folder, to(name)));
  };
  const away = (name: string) => `.${name}-away`;
  move(String, away);
  try {
    await work();
  } finally {
    move(away, String);
  }
}

/** Starts, lets requests come before it has migrated, and goes through all routes. */
async function expectToServe(): Promise<void> {
  const db = await createDatabase();
  await withClient(db.url, async (other) => {
    await other.query(`SELECT pg_advisory_lock(${LOCK})`);
    const { url, server } = await launch(db.url);
    let answered = false;
    const askQueue = (authorization: string) =>
      fetch(`${url}/api/queue`, { headers: { authorization } });
    const early = askQueue(`Bearer ${QUEUE_TOKEN}`).then((response) => {
      answered = true;
      return response;
    });
    await eventually(
      () => db.query("SELECT FROM pg_stat_activity WHERE query ~ 'pg_try_advisory_xact_lock'"),
      (rows) => rows.length > 0,
    );
    expect(answered).toBe(false);
    await other.query(`SELECT pg_advisory_unlock(${LOCK})`);
    const queue = await early;
    expect(queue.status).toBe(200);
    expect(await queue.json()).toEqual(
      ['pending', 'failed', 'dead_letter', 'uploaded'].map((status) => ({
        status,
        entries: 0,
        overdue: 0,
      })),
    );
    for (const strange of ['', 'Bearer ', 'Bearer another token', QUEUE_TOKEN]) {
      expect((await askQueue(strange)).status).toBe(401);
    }
    expect(server.output()).toContain(`Migrated: ${migrations.length} applied, 0 were there.`);
    expect(await verifySchema({ databaseUrl: db.url })).toMatchObject({ ok: true, findings: [] });

    const page = await fetch(url);
    expect(await page.text()).toContain('This page reports its visit');
    const visit = (page_url: string, cookie = '', referrer = 'https://www.google.com/') =>
      fetch(`${url}/api/visits`, {
        method: 'POST',
        body: JSON.stringify({ page_url, referrer }),
        headers: {
          'content-type': 'application/json',
          'x-forwarded-for': '203.0.113.7, 198.51.100.4',
          cookie,
        },
      });
    const first = await visit(`${url}/?gclid=EAIaIQobChMI-next-gclid-0001&utm_source=google`);
    expect(first.status).toBe(204);
    const [cookie = ''] = first.headers.getSetCookie();
    expect(cookie).toMatch(/HttpOnly/i);
    const [pair = ''] = cookie.split(';');
    expect((await visit(`${url}/pricing`, pair)).status).toBe(204);
    const long = randomBytes(3_000).toString('base64url');
    const refusals: [page: string, cookie?: string, referrer?: string][] = [
      ['no address'],
      [`${url}/${long}`],
      [url, pair, `https://example.com/${long}`],
    ];
    for (const refused of refusals) {
      expect([refused, (await visit(...refused)).status]).toEqual([refused, 400]);
    }
    const visitors = await db.query(
      `SELECT v.visitor_id, v.gclid, v.ip_hash, count(e.id)::int AS events
         FROM visitors v LEFT JOIN tracking_events e ON e.visitor_id = v.id GROUP BY v.id`,
    );
    expect(visitors).toEqual([
      {
        visitor_id: pair.replace('visitor=', ''),
        gclid: 'EAIaIQobChMI-next-gclid-0001',
        ip_hash: hashIp('198.51.100.4', IP_HASH_KEY),
        events: 2,
      },
    ]);
    // A click id that is too long is ignored, and the visit recorded.
    expect((await visit(`${url}/?gclid=${long.slice(0, 3_500)}`)).status).toBe(204);
    expect(await db.query('SELECT FROM visitors WHERE gclid IS NULL')).toHaveLength(1);
    // A NUL, which text cannot hold, becomes U+FFFD.
    expect((await visit(`${url}/?gclid=a%00b`)).status).toBe(204);
    expect(await db.query("SELECT FROM visitors WHERE gclid = 'a\uFFFDb'")).toHaveLength(1);
    server.stop();
    await server.exited;
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });
}

describe('the Next.js app', () => {
  test('is built with the migrations in the bundle, and serves without the package at hand', async () => {
    await build();
    await withoutPackages(expectToServe);
  });

  test('ends where it cannot migrate, instead of answering everything with 500', async () => {
    const { server } = await launch('postgres://nobody:secret@127.0.0.1:1/none');
    expect(await server.exited).toBe(1);
    expect(server.output()).toContain('Could not connect to the database');
    expect(server.output()).not.toContain('secret');
  });

  test('serves with the package outside of the bundle, every migration among the traced files', async () => {
    const [config = ''] = blocks(example.read('README.md'), 'ts');
    expect(config).not.toBe(example.read('next.config.ts'));
    writeFileSync(join(example.folder, 'next.config.ts'), config);
    await build();
    const server = join(example.folder, '.next', 'server');
    const trace = readFileSync(join(server, 'instrumentation.js.nft.json'), 'utf8');
    const { files }: { files: string[] } = JSON.parse(trace);
    const ours = files
      .filter((file) => file.includes('/conversion-tracking-schema/dist/'))
      .map((file) => readFileSync(join(server, file), 'utf8'))
      .join('\n');
    for (const { name } of migrations) expect(ours).toContain(`// migrations/${name}.ts`);
    await expectToServe();
    await withoutPackages(async () => {
      const { server } = await launch('postgres://nobody:secret@127.0.0.1:1/none');
      await server.says(/Cannot find (module|package) 'conversion-tracking-schema/);
    });
  });
});
