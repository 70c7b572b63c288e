import { describe, expect, onTestFinished, test } from 'vitest';
import { hashEmail } from '../../src/queue/index.ts';
import { emptyQueueDatabase } from '../support/queue.ts';

const HASH = hashEmail('jane@example.com');

test('a conversion is recorded and queued once for each platform, and returned', async () => {
  const { db, queue, lead } = await emptyQueueDatabase();
  const recorded = await queue.recordConversion({
    lead_id: lead,
    conversion_type: 'qualified',
    crm_deal_id: 'D-1',
    conversion_value: 12.345,
    conversion_currency: 'CHF',
    gclid: 'click',
    email_hash: HASH,
    utm_source: 'google',
    converted_at: new Date('2026-11-20T10:00:00Z'),
    consent_ad_user_data: 'granted',
    consent_ad_personalization: 'denied',
    platforms: ['google_ads', 'another', 'google_ads'],
    max_retries: 3,
  });
  const [row] = await db.query('SELECT * FROM conversions');
  expect(recorded).toEqual({ ...row, is_new: true });
  expect(recorded).toMatchObject({
    lead_id: lead,
    conversion_type: 'qualified',
    crm_deal_id: 'D-1',
    conversion_value: '12.35',
    conversion_currency: 'CHF',
    idempotency_key: 'D-1:qualified',
    gclid: 'click',
    email_hash: HASH,
    utm_source: 'google',
    utm_medium: null,
    converted_at: new Date('2026-11-20T10:00:00Z'),
    consent_ad_user_data: 'granted',
    consent_ad_personalization: 'denied',
  });
  expect(
    await db.query(
      'SELECT conversion_id, platform, status, retry_count, max_retries, next_retry_at FROM conversion_queue ORDER BY platform',
    ),
  ).toEqual(
    ['another', 'google_ads'].map((platform) => ({
      conversion_id: recorded.id,
      platform,
      status: 'pending',
      retry_count: 0,
      max_retries: 3,
      next_retry_at: null,
    })),
  );
});

test('what is left out has the defaults of the contract', async () => {
  const { db, queue, lead } = await emptyQueueDatabase();
  const { conversion_currency, conversion_value } = await queue.recordConversion({
    lead_id: lead,
    conversion_type: 'closed',
    idempotency_key: 'of my own',
  });
  expect([conversion_currency, conversion_value]).toEqual(['EUR', null]);
  expect(await db.query('SELECT platform, max_retries FROM conversion_queue')).toEqual([
    { platform: 'google_ads', max_retries: 5 },
  ]);
});

test('a repeated call returns what the first one recorded, whatever it says', async () => {
  const { db, queue, lead } = await emptyQueueDatabase();
  const call = { lead_id: lead, conversion_type: 'closed', crm_deal_id: 'D-1' } as const;
  const first = await queue.recordConversion({ ...call, conversion_value: 10 });
  const second = await queue.recordConversion({ ...call, conversion_value: 20, gclid: 'late' });
  expect(second).toEqual({ ...first, is_new: false });
  expect(await db.query('SELECT conversion_value FROM conversions')).toEqual([
    { conversion_value: '10.00' },
  ]);
  expect(await db.query('SELECT count(*)::int AS entries FROM conversion_queue')).toEqual([
    { entries: 1 },
  ]);
});

test('a repeated call queues for platforms that lack an entry, and for them alone', async () => {
  const { queue, lead, entries } = await emptyQueueDatabase();
  const call = { lead_id: lead, conversion_type: 'closed', crm_deal_id: 'D-1' } as const;
  await queue.recordConversion({ ...call, platforms: [] });
  expect(await entries()).toEqual([]);
  await queue.recordConversion(call);
  const [claimed] = await queue.claimConversions();
  await queue.completeConversions({ ids: [claimed?.id ?? ''] });
  await queue.recordConversion({ ...call, platforms: ['google_ads', 'another'] });
  expect((await entries()).map(({ platform, status }) => [platform, status])).toEqual([
    ['another', 'pending'],
    ['google_ads', 'uploaded'],
  ]);
});

test('a repeated call queues where a trigger suppresses updates of conversions', async () => {
  const { db, queue, lead } = await emptyQueueDatabase();
  const conversion = { lead_id: lead, conversion_type: 'closed', crm_deal_id: 'D-1' } as const;
  const { id } = await queue.recordConversion({ ...conversion, platforms: [] });
  await db.query(`
    CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER keep BEFORE UPDATE ON conversions FOR EACH ROW EXECUTE FUNCTION keep()`);
  onTestFinished(() => db.query('DROP FUNCTION keep() CASCADE').then(() => {}));
  expect(await queue.recordConversion(conversion)).toMatchObject({ id, is_new: false });
  expect(await db.query('SELECT platform FROM conversion_queue')).toEqual([
    { platform: 'google_ads' },
  ]);
});

test('of callers at the same time one is new, and each platform has one entry', async () => {
  const { db, queue, lead } = await emptyQueueDatabase();
  await queue.recordConversion({ lead_id: lead, conversion_type: 'closed', crm_deal_id: 'old' });
  const calls = Array.from({ length: 24 }, (_, n) =>
    queue.recordConversion({
      lead_id: lead,
      conversion_type: 'closed',
      crm_deal_id: n % 2 === 0 ? 'new' : 'old',
      platforms: ['google_ads', 'another', 'third'],
    }),
  );
  const recorded = await Promise.all(calls);
  expect(recorded.filter(({ is_new }) => is_new)).toHaveLength(1);
  expect(new Set(recorded.map(({ id }) => id)).size).toBe(2);
  expect(
    await db.query(
      'SELECT count(*)::int AS entries, count(DISTINCT (conversion_id, platform))::int AS pairs FROM conversion_queue',
    ),
  ).toEqual([{ entries: 6, pairs: 6 }]);
});

test("what is not given is copied from the lead's visitor", async () => {
  const { queue, lead } = await emptyQueueDatabase();
  await queue.upsertVisitor({
    visitor_id: 'cookie',
    gclid: 'click',
    utm_source: 'google',
    utm_campaign: 'autumn',
  });
  const call = { lead_id: lead, conversion_type: 'closed', visitor_id: 'cookie' } as const;
  expect(await queue.recordConversion({ ...call, crm_deal_id: 'D-1', gclid: '' })).toMatchObject({
    gclid: 'click',
    utm_source: 'google',
    utm_medium: null,
    utm_campaign: 'autumn',
  });
  expect(
    await queue.recordConversion({ ...call, crm_deal_id: 'D-2', gclid: 'own', utm_medium: 'mail' }),
  ).toMatchObject({ gclid: 'own', utm_source: null, utm_medium: 'mail', utm_campaign: null });
  expect(
    await queue.recordConversion({ ...call, crm_deal_id: 'D-3', visitor_id: 'purged' }),
  ).toMatchObject({ is_new: true, gclid: null });
});

describe('nothing is recorded, and the error says why, for', () => {
  const FAULTS = {
    'a lead that is not there': [
      { lead_id: '99999999-0000-4000-8000-000000000000' },
      'LEAD_NOT_FOUND',
      /There is no lead 99999999-/,
    ],
    'no lead': [{ lead_id: null }, 'INVALID_ARGUMENT', /lead_id is missing/],
    'a lead that is no uuid': [{ lead_id: '7' }, 'INVALID_ARGUMENT', /uuid/],
    'another type': [
      { conversion_type: 'won' },
      'INVALID_ARGUMENT',
      /conversion_type is 'won' and must be qualified or closed/,
    ],
    'no type': [{ conversion_type: null }, 'INVALID_ARGUMENT', /conversion_type is NULL/],
    'an empty deal': [{ crm_deal_id: '' }, 'INVALID_ARGUMENT', /crm_deal_id is empty/],
    'neither deal nor key': [
      { crm_deal_id: null },
      'INVALID_ARGUMENT',
      /crm_deal_id and idempotency_key are both missing/,
    ],
    'a key that does not fit the deal': [
      { idempotency_key: 'D-2:closed' },
      'INVALID_ARGUMENT',
      /idempotency_key is 'D-2:closed' and must be crm_deal_id:conversion_type, 'D-1:closed'/,
    ],
    'an empty key': [
      { crm_deal_id: null, idempotency_key: '' },
      'INVALID_ARGUMENT',
      /idempotency_key is empty/,
    ],
    'a key that is too long': [
      { crm_deal_id: null, idempotency_key: 'k'.repeat(513) },
      'INVALID_ARGUMENT',
      /idempotency_key has 513 characters and may have at most 512/,
    ],
    'an address for its hash': [
      { email_hash: 'jane@example.com' },
      'INVALID_ARGUMENT',
      /email_hash is an e-mail address and must be the hash of one/,
    ],
    'a name for a hash': [
      { email_hash: 'john doe, Berlin' },
      'INVALID_ARGUMENT',
      /email_hash is no SHA-256 and must be one: 64 hex digits, or 43 or 44 characters of Base64/,
    ],
    'a text with a space, as long as a hash': [
      { email_hash: `john doe${'-'.repeat(56)}` },
      'INVALID_ARGUMENT',
      /email_hash is no SHA-256/,
    ],
    'too many platforms': [
      { platforms: Array(101).fill('p') },
      'INVALID_ARGUMENT',
      /platforms has 101 names of 101 characters and may have at most 100 names of 512 characters/,
    ],
    'a platform with a name that is too long': [
      { platforms: ['google_ads', 'p'.repeat(503)] },
      'INVALID_ARGUMENT',
      /platforms has 2 names of 513 characters/,
    ],
    'platforms of two dimensions': [
      { platforms: [['a'], ['b']] },
      'INVALID_ARGUMENT',
      /platforms must be an array of platform names/,
    ],
    'a currency in lower case': [
      { conversion_currency: 'eur' },
      'INVALID_ARGUMENT',
      /conversion_currency is 'eur' and must be an ISO 4217 code/,
    ],
    'a value that is no number': [
      { conversion_value: 'NaN' },
      'INVALID_ARGUMENT',
      /conversion_value is not a number/,
    ],
    'a value that is too large': [
      { conversion_value: 1e8 },
      'INVALID_ARGUMENT',
      /at most eight digits before the decimal point/,
    ],
    'a value that rounds to one': [
      { conversion_value: '-99999999.995' },
      'INVALID_ARGUMENT',
      /at most eight digits before the decimal point/,
    ],
    'another consent': [
      { consent_ad_user_data: 'yes' },
      'INVALID_ARGUMENT',
      /consent_ad_user_data is 'yes'/,
    ],
    'another consent to personalisation': [
      { consent_ad_personalization: '' },
      'INVALID_ARGUMENT',
      /consent_ad_personalization is ''/,
    ],
    'no time': [
      { converted_at: 'infinity' },
      'INVALID_ARGUMENT',
      /converted_at is not a finite time/,
    ],
    'a platform without a name': [
      { platforms: ['google_ads', ''] },
      'INVALID_ARGUMENT',
      /platforms must be an array of platform names/,
    ],
    'a platform that is null': [
      { platforms: [null] },
      'INVALID_ARGUMENT',
      /platforms must be an array of platform names/,
    ],
    'no platforms': [
      { platforms: null },
      'INVALID_ARGUMENT',
      /platforms must be an array of platform names/,
    ],
    'no tries': [{ max_retries: 0 }, 'INVALID_ARGUMENT', /max_retries is 0 and must be at least 1/],
    'an argument that there is not': [
      { value: 1 },
      'INVALID_OPTION',
      /record_conversion has no argument "value"/,
    ],
  } as const;

  test.each(Object.keys(FAULTS) as (keyof typeof FAULTS)[])('%s', async (name) => {
    const [fault, code, message] = FAULTS[name];
    const { db, queue, lead } = await emptyQueueDatabase();
    const call = { lead_id: lead, conversion_type: 'closed', crm_deal_id: 'D-1', ...fault };
    const recording = queue.recordConversion(call as Parameters<typeof queue.recordConversion>[0]);
    await expect(recording).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    await expect(recording).rejects.toMatchObject({
      message: expect.stringMatching(/(call again|Its arguments are .*)\.$/),
    });
    expect(await db.query('SELECT id FROM conversions')).toEqual([]);
  });
});

test.each(['hex', 'base64', 'base64url'] as const)(
  'accepts an email_hash in %s',
  async (encoding) => {
    const { queue, lead } = await emptyQueueDatabase();
    const email_hash = Buffer.from(HASH, 'hex').toString(encoding);
    const call = { lead_id: lead, conversion_type: 'closed', crm_deal_id: 'D-1' } as const;
    expect(await queue.recordConversion({ ...call, email_hash })).toMatchObject({ email_hash });
  },
);

test.each([
  'conversion_type',
  'idempotency_key',
  'crm_deal_id',
  'conversion_currency',
  'conversion_value',
  'consent_ad_user_data',
  'consent_ad_personalization',
])('cuts the value in a message at 80 characters: %s', async (name) => {
  const { queue, lead } = await emptyQueueDatabase();
  const call = { lead_id: lead, conversion_type: 'closed', crm_deal_id: 'D-1' };
  const key = name === 'crm_deal_id' ? { idempotency_key: 'D-1:closed' } : {};
  const long = { ...call, ...key, [name]: '1'.repeat(1000) };
  await expect(
    queue.recordConversion(long as Parameters<typeof queue.recordConversion>[0]),
  ).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(/(?<!1)1{80}(?!1)/),
  });
});
