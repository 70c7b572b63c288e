import { describe, expect, test } from 'vitest';
import { type TrackingQueue, trackingQueue } from '../../src/queue/index.ts';
import { emptyQueueDatabase } from '../support/queue.ts';

const UNSENT = trackingQueue({ query: () => Promise.reject(new Error('The call was sent.')) });

/** Calls a method with arguments that its type forbids. */
function call(name: keyof TrackingQueue, args: unknown): Promise<unknown> {
  return (UNSENT[name] as (args: unknown) => Promise<unknown>)(args);
}

describe('an interval without a unit is refused', () => {
  test.each([
    ['purgeTrackingData', { older_than: 13 }, 'older_than'],
    ['purgeTrackingData', { older_than: '13' }, 'older_than'],
    ['purgeTrackingData', { older_than: ' -1.5 ' }, 'older_than'],
    ['claimConversions', { lease: 300_000 }, 'lease'],
  ] as const)('%s(%o)', async (name, args, argument) => {
    await expect(call(name, args)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(new RegExp(`: ${argument} has no unit\\. Pass a duration`)),
    });
  });

  test.each(['5 minutes', 'PT5M', '00:05', '0 days 02:00:00'])('%s has one', async (lease) => {
    const { queue } = await emptyQueueDatabase();
    expect(await queue.claimConversions({ lease })).toEqual([]);
  });
});

describe('an invalid argument is refused before it is sent', () => {
  const event = { event_name: 'page_view' };
  test.each([
    ['upsertVisitor', { visitor_id: 'v', seen_at: new Date('soon') }, 'seen_at is an invalid Date'],
    [
      'recordEvents',
      [event, { ...event, created_at: new Date('soon') }],
      'events[1].created_at is an invalid Date',
    ],
    [
      'recordEvents',
      [event, { ...event, visitorId: 'v' }],
      'events[1] has no field "visitorId". Did you mean visitor_id?',
    ],
    ['recordEvents', [{ ...event, value: 1 }], 'Its fields are event_name, visitor_id'],
    ['recordEvents', [event, null], 'events[1] is not an object'],
    ['recordEvents', event, 'events is not an array'],
    ['upsertVisitor', { visitorId: 'v' }, 'Did you mean visitor_id?'],
    ['upsertVisitor', null, 'the arguments are not an object'],
    ['failConversions', undefined, 'lease_id is missing'],
  ] as const)('%s(%o): %s', async (name, args, message) => {
    await expect(call(name, args)).rejects.toMatchObject({
      code: expect.stringMatching(/^INVALID_/),
      message: expect.stringContaining(message),
    });
  });
});

test('characters that PostgreSQL cannot store are replaced in every text', async () => {
  const { db, queue, lead, record } = await emptyQueueDatabase();
  const [bad, good] = ['a\0b\ud800c😀\\u0000', 'a\ufffdb\ufffdc😀\\u0000'];
  expect((await queue.upsertVisitor({ visitor_id: bad, referrer: bad })).referrer).toBe(good);
  await queue.recordEvents([{ event_name: bad, visitor_id: bad, params: { [bad]: [bad] } }]);
  expect(
    await db.query(
      'SELECT event_name, params, visitor_id IS NOT NULL AS known FROM tracking_events',
    ),
  ).toEqual([{ event_name: good, params: { [good]: [good] }, known: true }]);
  const conversion = { lead_id: lead, conversion_type: 'closed', crm_deal_id: 'D-9' } as const;
  await queue.recordConversion({ ...conversion, platforms: [bad] });
  await record(1);
  const [entry] = await queue.claimConversions();
  const { id = '', lease_id = '' } = entry ?? {};
  await queue.failConversions({ ids: [id], lease_id, error: bad });
  expect(
    await db.query('SELECT platform, last_error FROM conversion_queue ORDER BY platform'),
  ).toEqual([
    { platform: good, last_error: null },
    { platform: 'google_ads', last_error: good },
  ]);
});

test('events that JSON cannot represent are refused', async () => {
  const params = { n: 1n };
  await expect(call('recordEvents', [{ event_name: 'a', params }])).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('events cannot be serialized'),
  });
});
