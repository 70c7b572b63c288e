import { describe, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { trackingQueue } from '../../src/queue/index.ts';
import { createTurkishDatabase, withClient } from '../support/database.ts';
import { emptyQueueDatabase } from '../support/queue.ts';

const at = (time: string) => new Date(`2026-11-20T${time.padEnd(8, ':00')}Z`);

describe('a visitor', () => {
  test('is remembered as it comes', async () => {
    const { db, queue } = await emptyQueueDatabase();
    const visit = {
      visitor_id: 'cookie',
      gclid: 'click',
      utm_source: 'google',
      utm_medium: 'cpc',
      utm_campaign: 'autumn',
      utm_term: 'shoes',
      utm_content: 'banner',
      ip_hash: 'a'.repeat(64),
      user_agent: 'browser',
      landing_page: '/pricing',
      referrer: 'https://example.com/',
    };
    const visitor = await queue.upsertVisitor(visit);
    expect(visitor).toMatchObject({ is_new: true, ...visit });
    const [row] = await db.query('SELECT * FROM visitors');
    expect(visitor).toEqual({ ...row, is_new: true });
  });

  test('who comes again keeps what was known first, and the latest click', async () => {
    const { queue } = await emptyQueueDatabase();
    const first = await queue.upsertVisitor({
      visitor_id: 'cookie',
      gclid: 'one',
      landing_page: '/first',
      utm_source: 'google',
      seen_at: at('10:00'),
    });
    const second = await queue.upsertVisitor({
      visitor_id: 'cookie',
      gclid: 'two',
      landing_page: '/second',
      referrer: 'https://example.com/',
      user_agent: 'browser',
      utm_source: 'newsletter',
      utm_medium: 'mail',
      seen_at: at('11:00'),
    });
    expect(second).toEqual({
      ...first,
      is_new: false,
      gclid: 'two',
      referrer: 'https://example.com/',
      user_agent: 'browser',
      last_seen_at: at('11:00'),
    });
    expect(second).toMatchObject({
      landing_page: '/first',
      utm_source: 'google',
      utm_medium: null,
    });
    const third = await queue.upsertVisitor({
      visitor_id: 'cookie',
      gclid: '',
      seen_at: at('12:00'),
    });
    expect(third).toEqual({ ...second, last_seen_at: at('12:00') });
  });

  test('who came without utm values gets those of the first visit that has any', async () => {
    const { queue } = await emptyQueueDatabase();
    await queue.upsertVisitor({ visitor_id: 'cookie', utm_source: '' });
    await queue.upsertVisitor({ visitor_id: 'cookie', utm_source: 'google', utm_term: 'shoes' });
    expect(
      await queue.upsertVisitor({ visitor_id: 'cookie', utm_source: 'mail', utm_medium: 'mail' }),
    ).toMatchObject({ utm_source: 'google', utm_medium: null, utm_term: 'shoes' });
  });

  test('does not go back in time by a visit that is reported late', async () => {
    const { queue } = await emptyQueueDatabase();
    const visit = { visitor_id: 'cookie' };
    await queue.upsertVisitor({ ...visit, gclid: 'late', seen_at: at('12:00') });
    expect(
      await queue.upsertVisitor({ ...visit, gclid: 'early', seen_at: at('11:00') }),
    ).toMatchObject({ gclid: 'late', last_seen_at: at('12:00'), first_seen_at: at('12:00') });
  });

  test('is not written by a visit within a minute that says nothing new', async () => {
    const { db, queue } = await emptyQueueDatabase();
    const written = async () => {
      const [row] = await db.query<{ version: string }>(
        'SELECT xmin::text AS version FROM visitors',
      );
      return row?.version;
    };
    const known = { gclid: 'one', utm_source: 'google', ip_hash: 'ab', landing_page: '/first' };
    const seen = { visitor_id: 'cookie', ...known, seen_at: at('12:00') };
    const first = await queue.upsertVisitor({ ...seen, user_agent: 'browser' });
    const version = await written();
    for (const visit of [
      seen,
      { ...seen, landing_page: '/second', utm_source: 'mail', seen_at: at('12:00:59') },
      { visitor_id: 'cookie', seen_at: at('12:00:59') },
      { visitor_id: 'cookie', gclid: 'early', seen_at: at('11:00') },
    ]) {
      expect(await queue.upsertVisitor(visit)).toEqual({ ...first, is_new: false });
      expect(await written()).toBe(version);
    }
    expect(await queue.upsertVisitor({ visitor_id: 'cookie', seen_at: at('12:01') })).toMatchObject(
      { last_seen_at: at('12:01') },
    );
  });

  test.each([
    { gclid: 'two' },
    { utm_term: 'shoes' },
    { ip_hash: 'ab' },
    { user_agent: 'browser' },
    { landing_page: '/first' },
    { referrer: 'https://example.com/' },
  ])('is written by a visit within a minute that says something new: %o', async (news) => {
    const { db, queue } = await emptyQueueDatabase();
    await queue.upsertVisitor({ visitor_id: 'cookie', seen_at: at('12:00') });
    const visit = { visitor_id: 'cookie', ...news, seen_at: at('12:00:01') };
    const expected = { ...news, last_seen_at: at('12:00:01') };
    expect(await queue.upsertVisitor(visit)).toMatchObject(expected);
    expect(await db.query('SELECT * FROM visitors')).toMatchObject([expected]);
  });

  test('who comes at the same time from several sides is one', async () => {
    const { db, queue } = await emptyQueueDatabase();
    const visits = Array.from({ length: 16 }, () => queue.upsertVisitor({ visitor_id: 'cookie' }));
    const visitors = await Promise.all(visits);
    expect(visitors.filter(({ is_new }) => is_new)).toHaveLength(1);
    expect(await db.query('SELECT count(*)::int AS visitors FROM visitors')).toEqual([
      { visitors: 1 },
    ]);
  });

  test.each([
    ['a click id that is too long', { gclid: 'g'.repeat(513) }, { gclid: null }],
    ['the longest click id', { gclid: 'g'.repeat(512) }, { gclid: 'g'.repeat(512) }],
    ['a repeated parameter', { gclid: ['a', 'b'], utm_term: [] }, { gclid: 'a', utm_term: null }],
    [
      'a nested parameter',
      { gclid: { x: 'a' }, referrer: [['a']] },
      { gclid: null, referrer: null },
    ],
    ['a cookie that is too long', { visitor_id: 'c'.repeat(513) }, { visitor_id: 'c'.repeat(512) }],
  ])('is remembered with %s in the request', async (_, given, kept) => {
    const { db, queue } = await emptyQueueDatabase();
    const visitor = await queue.upsertVisitor({ visitor_id: 'cookie', ...given });
    expect(visitor).toMatchObject({ is_new: true, ...kept });
    expect(await db.query('SELECT * FROM visitors')).toMatchObject([kept]);
    expect(await queue.upsertVisitor({ visitor_id: 'cookie', ...given })).toMatchObject({
      is_new: false,
    });
  });

  test('keeps its click id when a later one is too long', async () => {
    const { queue } = await emptyQueueDatabase();
    await queue.upsertVisitor({ visitor_id: 'cookie', gclid: 'click' });
    const visit = { visitor_id: 'cookie', gclid: 'g'.repeat(10_000) };
    expect((await queue.upsertVisitor(visit)).gclid).toBe('click');
  });

  test.each([
    [{ visitor_id: '' }, /visitor_id is missing/],
    [{ visitor_id: 'cookie', seen_at: '-infinity' }, /seen_at is not a finite time/],
    [
      { visitor_id: 'cookie', ip_hash: '192.0.2.7' },
      /ip_hash is an IP address and must be the hash of one/,
    ],
  ])('is not remembered as %j', async (visit, message) => {
    const { db, queue } = await emptyQueueDatabase();
    await expect(queue.upsertVisitor(visit)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(message),
    });
    expect(await db.query('SELECT id FROM visitors')).toEqual([]);
  });
});

describe('events', () => {
  test('are recorded as a batch, with their visitors as far as known', async () => {
    const { db, queue } = await emptyQueueDatabase();
    const { id } = await queue.upsertVisitor({ visitor_id: 'cookie' });
    const recorded = await queue.recordEvents([
      {
        event_name: 'page_view',
        visitor_id: 'cookie',
        event_id: 'E-1',
        params: { page: 'it\'s "1"' },
        page_url: '/a',
        created_at: at('10:00'),
      },
      { event_name: 'form_start', visitor_id: 'unknown', params: null },
    ]);
    expect(recorded).toBe(2);
    expect(
      await db.query(
        'SELECT visitor_id, event_name, event_id, params, page_url FROM tracking_events ORDER BY created_at',
      ),
    ).toEqual([
      {
        visitor_id: id,
        event_name: 'page_view',
        event_id: 'E-1',
        params: { page: 'it\'s "1"' },
        page_url: '/a',
      },
      { visitor_id: null, event_name: 'form_start', event_id: null, params: {}, page_url: null },
    ]);
    expect(await queue.recordEvents([])).toBe(0);
  });

  test.each([
    [[{ event_name: 'page_view' }, { event_id: 'E-1' }], /events\[1\] has no event_name/],
    [[{ event_name: '' }], /events\[0\] has no event_name/],
    [[{ event_name: 'a', params: [1] }], /events\[0\] has params that are not an object/],
    [[null], /events\[0\] is not an object/],
    [{ event_name: 'a' }, /events is not an array/],
    [[{ event_name: 'e'.repeat(513) }], /events\[0\] has an event_name of 513 characters/],
    [
      [{ event_name: 'a', created_at: '-infinity' }],
      /events\[0\] has a created_at that is not a finite time/,
    ],
    [
      [{ event_name: 'a' }, { event_name: 'b', created_at: 'soon' }],
      /events\[1\]\.created_at is 'soon' and must be a timestamp/,
    ],
    [
      [{ event_name: 'a', created_at: '2026-13-45' }],
      /events\[0\]\.created_at is '2026-13-45' and must be a timestamp/,
    ],
  ])('are recorded all or none: not %j', async (events, message) => {
    const { db, queue } = await emptyQueueDatabase();
    const recording = queue.recordEvents(events as Parameters<typeof queue.recordEvents>[0]);
    await expect(recording).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(message),
    });
    expect(await db.query('SELECT id FROM tracking_events')).toEqual([]);
  });
});

test('record_events refuses an infinite created_at in any locale', async () => {
  const db = await createTurkishDatabase();
  if (!db) return;
  await runMigrations({ databaseUrl: db.url });
  await withClient(db.url, async (client) => {
    for (const created_at of ['INFINITY', '-Infinity', 'infinity']) {
      const recording = trackingQueue(client).recordEvents([{ event_name: 'a', created_at }]);
      await expect(recording).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/created_at that is not a finite time/),
      });
    }
  });
});
