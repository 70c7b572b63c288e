import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { verifySchema } from '../../src/index.ts';
import { migrations } from '../../src/migrations.ts';
import { hashEmail, hashIp } from '../../src/queue.ts';
import { createDatabase, createRole, onServer, type TestDatabase } from '../support/database.ts';
import { copyExample, type Example, INSTALL_WITHIN_MS } from './example.ts';
import { GOOGLE_TOKEN, type Google, startGoogle } from './google.ts';
import { eventually, type Running, start } from './running.ts';

const IP_HASH_KEY = 'a key of the tests, of 16 bytes';
const CRM_TOKEN = 'a token of the CRM';
const GCLID = 'EAIaIQobChMI-service-gclid-0001';

let example: Example;
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

function launch(databaseUrl: string, google: Google, changed: NodeJS.ProcessEnv = {}): Running {
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

async function listening(running: Running): Promise<Replica> {
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
async function launchTwo() {
  const [db, google] = await Promise.all([createDatabase(), startGoogle()]);
  const started = [launch(db.url, google), launch(db.url, google)];
  const [first, second] = await Promise.all(started.map(listening));
  if (!first || !second) throw new Error('There are two.');
  const [lead] = await db.query<{ id: string }>('INSERT INTO leads DEFAULT VALUES RETURNING id');
  return { db, google, first, second, lead: lead?.id ?? '' };
}

/** What the service is built to. */
interface Uploader {
  uploadConversions(settings: object, entries: readonly object[]): Promise<readonly object[]>;
}

const AS_CRM = { authorization: `Bearer ${CRM_TOKEN}` };

/** What the queue says of a deal. */
async function entryOf(db: TestDatabase, deal: string) {
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

describe('the service', () => {
  test('migrates an empty database once where two replicas start, before either serves', async () => {
    const { db, first, second } = await launchTwo();
    const ran = [first, second].map((replica) => {
      const lines = replica.output().trim().split('\n');
      const said = lines.map((line) => JSON.parse(line));
      const migrated = said.findIndex(({ msg }) => msg === 'migrated');
      expect(migrated).toBeGreaterThanOrEqual(0);
      expect(said.findIndex(({ msg }) => /^Server listening/.test(msg))).toBeGreaterThan(migrated);
      return said[migrated].ran;
    });
    expect(ran.sort((a, b) => a - b)).toEqual([0, migrations.length]);
    expect(await verifySchema({ databaseUrl: db.url })).toMatchObject({ ok: true, findings: [] });
    for (const replica of [first, second]) {
      expect(await replica.get('/healthz')).toEqual({ status: 200, body: { ok: true } });
      expect(await replica.get('/readyz')).toEqual({ status: 200, body: { verdict: 'ready' } });
    }
    await db.query(
      'DELETE FROM tracking_migrations WHERE id = (SELECT max(id) FROM tracking_migrations)',
    );
    expect(await first.get('/readyz')).toEqual({ status: 503, body: { verdict: 'pending' } });
    expect(await first.get('/healthz')).toMatchObject({ status: 200 });
  });

  test('records a visit and a deal, and uploads each conversion exactly once', async () => {
    const { db, google, first, second, lead } = await launchTwo();
    const visit = await first.post('/visits', {
      page_url: `https://shop.example.com/?gclid=${GCLID}&utm_source=google`,
      referrer: 'https://www.google.com/',
    });
    expect(visit.status).toBe(204);
    const [cookie = ''] = visit.headers.getSetCookie();
    expect(cookie).toMatch(/^visitor=[\da-f-]{36}; .*HttpOnly; Secure; SameSite=Lax$/);
    const [pair = ''] = cookie.split(';');
    const again = { page_url: 'https://shop.example.com/form', event_name: 'generate_lead' };
    expect((await second.post('/visits', again, { cookie: pair })).status).toBe(204);
    const visitor_id = pair.replace('visitor=', '');
    expect(
      await db.query(
        `SELECT v.visitor_id, v.gclid, v.ip_hash, array_agg(e.event_name ORDER BY e.created_at) AS events
           FROM visitors v JOIN tracking_events e ON e.visitor_id = v.id GROUP BY v.id`,
      ),
    ).toEqual([
      {
        visitor_id,
        gclid: GCLID,
        ip_hash: hashIp('127.0.0.1', IP_HASH_KEY),
        events: ['page_view', 'generate_lead'],
      },
    ]);

    const deal = {
      deal_id: 'D-1',
      lead_id: lead,
      stage: 'closed',
      value: 1200.5,
      happened_at: '2026-11-20T10:00:00+01:00',
      email: 'Jane.Doe@example.com',
      visitor_id,
      consent: { ad_user_data: 'granted', ad_personalization: 'denied' },
    };
    expect((await first.post('/crm/deals', deal)).status).toBe(401);
    const strange = { ...deal, lead_id: randomUUID() };
    expect((await first.post('/crm/deals', strange, AS_CRM)).status).toBe(422);
    expect((await first.post('/crm/deals', { ...deal, stage: 'won' }, AS_CRM)).status).toBe(400);
    const deals = Array.from({ length: 20 }, (_, n) => ({ ...deal, deal_id: `D-${n + 1}` }));
    const answers = await Promise.all(
      deals.flatMap((one) =>
        [first, second].map(async (replica) => {
          const { status } = await replica.post('/crm/deals', one, AS_CRM);
          return `${one.deal_id} ${status}`;
        }),
      ),
    );
    expect(answers.sort()).toEqual(
      deals.flatMap(({ deal_id }) => [`${deal_id} 200`, `${deal_id} 201`]).sort(),
    );

    const uploaded =
      "SELECT count(*)::int AS count FROM conversion_queue WHERE status = 'uploaded'";
    await eventually(
      () => db.query<{ count: number }>(uploaded),
      ([row]) => row?.count === deals.length,
    );
    const taken = google.taken();
    expect(taken.map(({ transactionId }) => transactionId).sort()).toEqual(
      deals.map(({ deal_id }) => `${deal_id}:closed`).sort(),
    );
    expect(taken[0]).toEqual({
      destinationReferences: ['closed'],
      transactionId: expect.stringMatching(/^D-\d+:closed$/),
      eventTimestamp: '2026-11-20T09:00:00.000Z',
      eventSource: 'WEB',
      currency: 'EUR',
      conversionValue: 1200.5,
      adIdentifiers: { gclid: GCLID },
      userData: { userIdentifiers: [{ emailAddress: hashEmail('jane.doe@example.com') }] },
      consent: { adUserData: 'CONSENT_GRANTED', adPersonalization: 'CONSENT_DENIED' },
    });
    const [request] = google.requests;
    expect(request?.body.destinations).toContainEqual({
      reference: 'closed',
      operatingAccount: { accountType: 'GOOGLE_ADS', accountId: '1234567890' },
      productDestinationId: '222',
    });
    expect((await entryOf(db, 'D-1'))?.request_id).toMatch(/^R-\d+$/);
    const secrets = [CRM_TOKEN, GOOGLE_TOKEN, IP_HASH_KEY, new URL(db.url).password];
    for (const word of [...secrets, 'Jane', GCLID, 'remoteAddress']) {
      expect(first.output() + second.output()).not.toContain(word);
    }
  });

  test('takes what the CRM sends as null for not given, and nothing for another type', async () => {
    const { db, first, lead } = await launchTwo();
    const deal = { deal_id: 'D-1', lead_id: lead, stage: 'closed' };
    for (const wrong of [{ value: '12' }, { value: true }, { email: 7 }, { deal_id: null }]) {
      expect((await first.post('/crm/deals', { ...deal, ...wrong }, AS_CRM)).status).toBe(400);
    }
    const nulls = {
      value: null,
      currency: null,
      happened_at: null,
      email: null,
      visitor_id: null,
      consent: { ad_user_data: null, ad_personalization: null },
    };
    expect((await first.post('/crm/deals', { ...deal, ...nulls }, AS_CRM)).status).toBe(201);
    const second = { ...deal, deal_id: 'D-2', consent: null };
    expect((await first.post('/crm/deals', second, AS_CRM)).status).toBe(201);
    const recorded = { conversion_value: null, email_hash: null, consent_ad_user_data: null };
    expect(
      await db.query('SELECT conversion_value, email_hash, consent_ad_user_data FROM conversions'),
    ).toEqual([recorded, recorded]);
  });

  test('believes as many hops of X-Forwarded-For as it is told, and none by itself', async () => {
    const [db, google] = await Promise.all([createDatabase(), startGoogle()]);
    const forwarded = { 'x-forwarded-for': '203.0.113.7, 198.51.100.4' };
    const hashes: unknown[] = [];
    for (const TRUST_PROXY of [undefined, '1']) {
      const replica = await listening(launch(db.url, google, { TRUST_PROXY }));
      const page_url = 'https://shop.example.com/';
      expect((await replica.post('/visits', { page_url }, forwarded)).status).toBe(204);
      hashes.push(
        ...(await db.query('SELECT ip_hash FROM visitors ORDER BY created_at DESC LIMIT 1')),
      );
    }
    expect(hashes).toEqual(
      ['127.0.0.1', '198.51.100.4'].map((ip) => ({ ip_hash: hashIp(ip, IP_HASH_KEY) })),
    );
    const refused = launch(db.url, google, { TRUST_PROXY: 'true' });
    expect(await refused.exited).toBe(1);
    expect(refused.output()).toContain('TRUST_PROXY is not a number of proxies.');
  });

  test('tries again after a 503, when the answer says', async () => {
    const { db, google, first, lead } = await launchTwo();
    google.answerNext(503, { 'retry-after': '1' }, '<html>busy</html>');
    const deal = { deal_id: 'D-1', lead_id: lead, stage: 'qualified', email: 'a@example.com' };
    expect((await first.post('/crm/deals', deal, AS_CRM)).status).toBe(201);
    await eventually(
      () => entryOf(db, 'D-1'),
      (entry) => entry?.status === 'uploaded',
    );
    expect(google.requests.map(({ status }) => status)).toEqual([503, 200]);
    expect(await entryOf(db, 'D-1')).toMatchObject({ retry_count: 1 });
  });

  test('makes a dead letter of what never will be taken, and uploads what came with it', async () => {
    const { db, google, lead } = await launchTwo();
    google.refuse('D-2:closed', 'EVENT_TOO_OLD');
    google.refuse('D-3:closed', 'DUPLICATE_TRANSACTION_ID');
    // In one transaction, so that one claim takes them all.
    await db.query(
      `SELECT record_conversion($1, 'closed', 'D-' || n, gclid => $2) FROM generate_series(1, 4) n`,
      [lead, GCLID],
    );
    const deals = ['D-1', 'D-2', 'D-3', 'D-4'];
    const entries = await eventually(
      () => Promise.all(deals.map((deal) => entryOf(db, deal))),
      (found) => found.every((entry) => entry?.status !== 'pending'),
    );
    expect(entries).toMatchObject([
      { status: 'uploaded', request_id: 'R-2' },
      { status: 'dead_letter', error_code: 'EVENT_TOO_OLD', retry_count: 1 },
      { status: 'uploaded', request_id: null },
      { status: 'uploaded', request_id: 'R-2' },
    ]);
    expect(google.requests.map(({ body, status }) => [body.events.length, status])).toEqual([
      [4, 400],
      [2, 200],
    ]);
  });

  test('finds the one that spoils a batch without being named, and uploads the others', async () => {
    const { db, google, lead } = await launchTwo();
    google.poison('D-3:closed');
    await db.query(
      `SELECT record_conversion($1, 'closed', 'D-' || n, gclid => $2) FROM generate_series(1, 9) n`,
      [lead, GCLID],
    );
    const deals = Array.from({ length: 9 }, (_, n) => `D-${n + 1}`);
    const entries = await eventually(
      () => Promise.all(deals.map((deal) => entryOf(db, deal))),
      (found) => found.every((entry) => entry?.status === 'uploaded' || entry?.error_code),
    );
    for (const [index, entry] of entries.entries()) {
      expect(entry).toMatchObject(
        deals[index] === 'D-3'
          ? { status: 'failed', error_code: 'INVALID_ARGUMENT', retry_count: 1 }
          : { status: 'uploaded', error_code: null, retry_count: 0 },
      );
    }
    expect(google.requests.map(({ body }) => body.events.length)).toContain(9);
  });

  test('has one time limit for a batch, however many requests it takes', async () => {
    const google = await startGoogle();
    google.refuse('D-1:closed', 'EVENT_TOO_OLD');
    const uploader: Uploader = await import(join(example.folder, 'dist', 'data-manager.js'));
    const stop = new AbortController();
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(stop.signal);
    onTestFinished(() => timeout.mockRestore());
    const settings = {
      baseUrl: google.url,
      accountId: '1234567890',
      conversionActions: { qualified: '111', closed: '222' },
      accessToken: async () => GOOGLE_TOKEN,
    };
    const entries = [1, 2].map((n) => ({
      id: randomUUID(),
      conversion_type: 'closed',
      idempotency_key: `D-${n}:closed`,
      converted_at: new Date(),
      conversion_value: null,
      conversion_currency: null,
      gclid: GCLID,
      email_hash: null,
      consent_ad_user_data: null,
      consent_ad_personalization: null,
    }));
    const results = await uploader.uploadConversions(settings, entries);
    expect(results).toMatchObject([{ code: 'EVENT_TOO_OLD' }, { taken: true }]);
    expect(google.requests).toHaveLength(2);
    expect(timeout.mock.calls).toEqual([[20_000]]);
    google.hold();
    const late = uploader.uploadConversions(settings, entries);
    stop.abort(new Error('out of time'));
    await expect(late).rejects.toThrow('out of time');
  });

  test('finishes an upload that is under way when it is stopped, and ends with 0', async () => {
    const { db, google, first, second, lead } = await launchTwo();
    const release = google.hold();
    const deal = { deal_id: 'D-1', lead_id: lead, stage: 'closed', email: 'a@example.com' };
    await first.post('/crm/deals', deal, AS_CRM);
    await eventually(
      () => google.requests.length,
      (count) => count === 1,
    );
    for (const replica of [first, second]) replica.stop();
    await Promise.all([first, second].map((replica) => replica.says(/"stopping"/)));
    await expect(first.get('/healthz')).rejects.toThrow('fetch failed');
    release();
    expect(await Promise.all([first.exited, second.exited])).toEqual([0, 0]);
    expect(await entryOf(db, 'D-1')).toMatchObject({ status: 'uploaded', request_id: 'R-1' });
    for (const replica of [first, second]) expect(replica.output()).toMatch(/"stopped"}\n$/);
  });

  test('does not listen where it cannot migrate, and ends with 1 and the statement that helps', async () => {
    const [db, google, role] = await Promise.all([createDatabase(), startGoogle(), createRole()]);
    await onServer(`GRANT CONNECT ON DATABASE ${db.name} TO ${role.name}`);
    await db.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    const running = launch(db.urlFor(role.name, role.password), google);
    expect(await running.exited).toBe(1);
    expect(running.output()).toContain('GRANT USAGE, CREATE ON SCHEMA');
    expect(running.output()).not.toContain('listening');
    expect(running.output()).not.toContain(role.password);
  });
});
