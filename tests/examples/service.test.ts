import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { verifySchema } from '../../src/index.ts';
import { hashEmail, hashIp } from '../../src/queue/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { createDatabase, createRole, onServer } from '../support/database.ts';
import { GOOGLE_TOKEN, startGoogle } from './google.ts';
import { eventually } from './running.ts';
import {
  AS_CRM,
  CRM_TOKEN,
  entryOf,
  GCLID,
  IP_HASH_KEY,
  launch,
  launchTwo,
  listening,
} from './service.ts';

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
