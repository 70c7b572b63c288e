import { describe, expect, test } from 'vitest';
import type { SettleUploadRequestArguments, UploadRejection } from '../../src/queue/index.ts';
import { emptyQueueDatabase, type QueueDatabase } from '../support/queue.ts';

const COUNT = 3;
const UNKNOWN = '00000000-0000-4000-8000-00000000dead';

type Status = SettleUploadRequestArguments['status'];

/** Uploads three entries in the request R. */
async function uploaded(): Promise<QueueDatabase & { readonly ids: readonly string[] }> {
  const database = await emptyQueueDatabase();
  await database.record(COUNT);
  const ids = (await database.queue.claimConversions()).map(({ id }) => id);
  await database.queue.completeConversions({ ids, request_id: 'R' });
  return { ...database, ids };
}

/** Settles the request R. */
function settle(
  { queue }: QueueDatabase,
  status: Status,
  rejected: readonly UploadRejection[] = [],
) {
  return queue.settleUploadRequest({ platform: 'google_ads', request_id: 'R', status, rejected });
}

/** What became of each entry. */
async function outcomes({ entries }: QueueDatabase) {
  return (await entries()).map(
    ({ status, error_code, send_alone }) =>
      `${status} ${error_code ?? ''}${send_alone ? ' alone' : ''}`,
  );
}

const CONFIRMED = 'uploaded ';
const ALONE = 'failed UNLOCATED_REJECTION alone';
const ALL = <T>(one: T) => Array.from({ length: COUNT }, () => one);

const busy = { outcome: 'retry', code: 'BUSY' } as const;
const invalid = { outcome: 'permanent', code: 'INVALID' } as const;
const duplicate = { outcome: 'complete', code: 'DUPLICATE' } as const;

type Case = readonly [
  what: string,
  status: Status,
  rejected: readonly UploadRejection[],
  after: readonly string[],
];

const CASES: readonly Case[] = [
  ['succeeded', 'succeeded', [], ALL(CONFIRMED)],
  ['succeeded with a duplicate', 'succeeded', [{ ...duplicate, index: 0 }], ALL(CONFIRMED)],
  [
    'each outcome by index',
    'partially_succeeded',
    [
      { ...duplicate, index: 0 },
      { ...invalid, index: 1 },
      { ...busy, index: 2 },
    ],
    [CONFIRMED, 'dead_letter INVALID', 'failed BUSY'],
  ],
  [
    'entries that are not named',
    'partially_succeeded',
    [{ ...busy, index: 1 }],
    [CONFIRMED, 'failed BUSY', CONFIRMED],
  ],
  [
    'an entry named twice: complete, permanent, retry_later, retry',
    'partially_succeeded',
    [
      { ...busy, index: 0 },
      { ...duplicate, index: 0 },
      { ...busy, index: 1 },
      { ...invalid, index: 1 },
      { ...busy, index: 2 },
      { outcome: 'retry_later', code: 'RECENT', index: 2 },
    ],
    [CONFIRMED, 'dead_letter INVALID', 'failed RECENT'],
  ],
  ['failed without a reason', 'failed', [], ALL('failed REQUEST_FAILED')],
  ['failed for one reason', 'failed', [invalid], ALL('dead_letter INVALID')],
  ['failed as duplicates', 'failed', [duplicate], ALL(CONFIRMED)],
  ['failed for several reasons of unknown place', 'failed', [busy, invalid], ALL(ALONE)],
  [
    'failed, one of them named',
    'failed',
    [{ ...invalid, index: 0 }],
    ['dead_letter INVALID', 'failed REQUEST_FAILED', 'failed REQUEST_FAILED'],
  ],
  ['a rejection of unknown place', 'partially_succeeded', [{ ...invalid, count: 1 }], ALL(ALONE)],
  ['no rejection at all', 'partially_succeeded', [], ALL(ALONE)],
  ['duplicates of unknown place', 'partially_succeeded', [duplicate], ALL(CONFIRMED)],
  [
    'one reason for all entries',
    'partially_succeeded',
    [{ ...invalid, count: 3 }],
    ALL('dead_letter INVALID'),
  ],
  [
    'a named entry and one of unknown place',
    'partially_succeeded',
    [{ ...invalid, index: 1 }, busy],
    [ALONE, 'dead_letter INVALID', ALONE],
  ],
  [
    'a rejection of unknown place for the one entry left',
    'partially_succeeded',
    [{ ...invalid, index: 0 }, { ...duplicate, index: 1 }, busy],
    ['dead_letter INVALID', CONFIRMED, 'failed BUSY'],
  ],
];

test.each(CASES)('settles %s', async (_, status, rejected, after) => {
  const database = await uploaded();
  const rejected_count = after.filter((one) => one !== CONFIRMED).length;
  expect(await settle(database, status, rejected)).toEqual({
    platform: 'google_ads',
    request_id: 'R',
    status,
    confirmed_count: COUNT - rejected_count,
    rejected_count,
    applied: true,
  });
  expect(await outcomes(database)).toEqual(after);
  const [request] = await database.db.query('SELECT * FROM upload_requests');
  expect(request).toMatchObject({ status, rejected_count, next_check_at: null, lease_id: null });
});

test('finds rejected entries by their id', async () => {
  const database = await uploaded();
  await settle(database, 'partially_succeeded', [
    { ...invalid, id: database.ids[1]?.toUpperCase() },
  ]);
  expect(await outcomes(database)).toEqual([CONFIRMED, 'dead_letter INVALID', CONFIRMED]);
});

test('a rejection counts as an attempt, and is retried with backoff or after six hours', async () => {
  const database = await uploaded();
  await settle(database, 'partially_succeeded', [
    { ...busy, index: 0, message: 'try again' },
    { outcome: 'retry_later', code: 'RECENT', index: 1 },
  ]);
  const [first, second, third] = await database.entries();
  const minutes = ({ next_retry_at }: { next_retry_at: Date | null }) =>
    ((next_retry_at?.getTime() ?? 0) - Date.now()) / 60_000;
  expect(first).toMatchObject({
    retry_count: 1,
    last_error: 'try again',
    uploaded_at: null,
    request_id: 'R',
  });
  expect(first && minutes(first)).toSatisfy((wait: number) => wait > 3.5 && wait <= 5);
  expect(second).toMatchObject({ retry_count: 1, last_error: 'RECENT' });
  expect(second && minutes(second)).toSatisfy((wait: number) => wait > 359 && wait <= 360);
  expect(third).toMatchObject({ retry_count: 0, uploaded_at: expect.any(Date) });
});

test('the last attempt makes a dead letter', async () => {
  const database = await uploaded();
  await database.db.query('UPDATE conversion_queue SET retry_count = 4');
  await settle(database, 'failed', [busy]);
  expect(await outcomes(database)).toEqual(ALL('dead_letter BUSY'));
  expect(await database.entries()).toMatchObject(ALL({ retry_count: 5, next_retry_at: null }));
});

describe('entries that are sent alone', () => {
  const partly = [
    { ...invalid, count: 1 },
    { ...busy, count: 1 },
  ];

  test('are claimed with the mark, and keep it whatever happens to them', async () => {
    const database = await uploaded();
    await settle(database, 'partially_succeeded', partly);
    expect((await database.entries())[0]?.last_error).toBe(
      'The platform rejected entries of the request R without saying which: INVALID (1), BUSY (1).',
    );
    await database.pass('5 minutes');
    const claimed = await database.queue.claimConversions({ lease: '1 minute' });
    expect(claimed.map(({ send_alone }) => send_alone)).toEqual(ALL(true));
    await database.pass('2 minutes');
    const [again] = await database.queue.claimConversions({ limit: 1 });
    expect(again).toMatchObject({ send_alone: true, error_code: 'LEASE_EXPIRED' });
    const ids = [again?.id ?? ''];
    await database.queue.failConversions({ ids, lease_id: again?.lease_id ?? '', error: 'down' });
    await database.pass('7 hours');
    expect((await database.queue.claimConversions()).map(({ send_alone }) => send_alone)).toEqual(
      ALL(true),
    );
  });

  test.each([1, 2, 5])(
    'end after %i attempts, though a worker ignores the mark',
    async (max_retries) => {
      const database = await uploaded();
      await database.db.query('UPDATE conversion_queue SET max_retries = $1', [max_retries]);
      let rounds = 0;
      for (let ids = database.ids; ids.length > 0; rounds += 1) {
        const request_id = `R${rounds}`;
        await database.queue.completeConversions({ ids, request_id });
        const request = { platform: 'google_ads', request_id: rounds === 0 ? 'R' : request_id };
        await database.queue.settleUploadRequest({
          ...request,
          status: 'partially_succeeded',
          rejected: partly,
        });
        await database.pass('7 hours');
        ids = (await database.queue.claimConversions()).map(({ id }) => id);
      }
      expect(rounds).toBe(Math.max(2, max_retries));
      expect(await database.entries()).toMatchObject(
        ALL({ status: 'dead_letter', retry_count: max_retries }),
      );
    },
  );

  test('are spared their last attempt once, even where all were used up', async () => {
    const database = await uploaded();
    await database.db.query('UPDATE conversion_queue SET retry_count = max_retries');
    await settle(database, 'partially_succeeded');
    await database.pass('7 hours');
    expect(await database.queue.claimConversions()).toHaveLength(COUNT);
  });
});

describe('a result that does not concern an entry', () => {
  test('leaves an entry that another request has uploaded', async () => {
    const database = await uploaded();
    await database.queue.completeConversions({ ids: database.ids, request_id: 'late' });
    const late = { platform: 'google_ads', request_id: 'late', status: 'failed' } as const;
    expect(await database.queue.settleUploadRequest(late)).toMatchObject({ rejected_count: 3 });
    expect(await outcomes(database)).toEqual(ALL(CONFIRMED));
    await settle(database, 'failed', [busy]);
    expect(await outcomes(database)).toEqual(ALL('failed BUSY'));
  });

  test('leaves an entry that was requeued or deleted in between', async () => {
    const database = await uploaded();
    const { db } = database;
    await db.query(`UPDATE conversion_queue SET status = 'pending' WHERE id = $1`, [
      database.ids[0],
    ]);
    await db.query('DELETE FROM conversion_queue WHERE id = $1', [database.ids[1]]);
    await settle(database, 'failed', [busy]);
    expect(await outcomes(database)).toEqual(['pending ', 'failed BUSY']);
  });
});

describe('a repeated result', () => {
  test.each(CASES)('changes nothing: %s', async (_, status, rejected) => {
    const database = await uploaded();
    const first = await settle(database, status, rejected);
    const before = [await database.entries(), await database.db.query('TABLE upload_requests')];
    expect(await settle(database, status, rejected)).toEqual({ ...first, applied: false });
    const now = [await database.entries(), await database.db.query('TABLE upload_requests')];
    expect(now).toEqual(before);
  });

  test.each<[string, Status, UploadRejection[]]>([
    ['another status', 'succeeded', []],
    [
      'other counts',
      'partially_succeeded',
      [
        { ...busy, index: 0 },
        { ...busy, index: 1 },
      ],
    ],
  ])('is refused with %s', async (_, status, rejected) => {
    const database = await uploaded();
    await settle(database, 'partially_succeeded', [{ ...busy, index: 0 }]);
    const before = [await database.entries(), await database.db.query('TABLE upload_requests')];
    await expect(settle(database, status, rejected)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      sqlState: '22023',
      message: expect.stringContaining('settled as partially_succeeded with 1 rejected entries'),
    });
    const now = [await database.entries(), await database.db.query('TABLE upload_requests')];
    expect(now).toEqual(before);
  });
});

describe('processing', () => {
  const claimed = async () => {
    const database = await uploaded();
    await database.pass('31 minutes');
    const [request] = await database.queue.claimUploadRequests();
    return { database, lease_id: request?.lease_id ?? '' };
  };
  const processing = { platform: 'google_ads', request_id: 'R', status: 'processing' } as const;
  const UNSETTLED = { confirmed_count: null, rejected_count: null };

  test('gives the lease back, and only the claim that has it does', async () => {
    const { database, lease_id } = await claimed();
    const { queue } = database;
    const other = { ...processing, lease_id: UNKNOWN };
    expect(await queue.settleUploadRequest(other)).toEqual({
      ...processing,
      ...UNSETTLED,
      applied: false,
    });
    const report = { ...processing, lease_id };
    expect(await queue.settleUploadRequest(report)).toMatchObject({ applied: true });
    expect(await queue.settleUploadRequest(report)).toMatchObject({ applied: false });
  });

  test('comes too late for a request that is settled', async () => {
    const { database } = await claimed();
    await settle(database, 'succeeded');
    expect(await settle(database, 'processing')).toMatchObject({
      status: 'succeeded',
      confirmed_count: COUNT,
      applied: false,
    });
  });

  test('makes a request of 24 hours expire, which a final result still settles', async () => {
    const database = await uploaded();
    await database.pass('24 hours');
    const expired = { status: 'expired', ...UNSETTLED };
    expect(await settle(database, 'processing')).toMatchObject({ ...expired, applied: true });
    expect(await settle(database, 'processing')).toMatchObject({ ...expired, applied: false });
    expect(await settle(database, 'failed', [busy])).toMatchObject({
      status: 'failed',
      applied: true,
    });
    expect(await outcomes(database)).toEqual(ALL('failed BUSY'));
  });
});

test('an entry that its request has twice is counted once', async () => {
  const database = await emptyQueueDatabase();
  await database.record(2);
  const [a = '', b = ''] = (await database.queue.claimConversions()).map(({ id }) => id);
  await database.queue.completeConversions({ ids: [a, b, a], request_id: 'R' });
  expect(
    await settle(database, 'partially_succeeded', [
      { ...busy, index: 1 },
      { ...busy, count: 1 },
    ]),
  ).toMatchObject({ confirmed_count: 0, rejected_count: 2 });
  expect(await outcomes(database)).toEqual(['failed BUSY', 'failed BUSY']);
});

describe('bad input changes nothing', () => {
  const good = { platform: 'google_ads', request_id: 'R', status: 'partially_succeeded' };
  const rejected = (one: object) => ({ ...good, rejected: [{ ...busy, index: 0 }, one] });
  const cases: readonly [object, string, string?][] = [
    [{ ...good, request_id: 'S' }, "There is no upload request 'S' of 'google_ads'", 'P0002'],
    [{ ...good, platform: 'another' }, "There is no upload request 'R' of 'another'", 'P0002'],
    [{ ...good, platform: null }, 'platform is missing'],
    [{ ...good, request_id: null }, 'request_id is missing'],
    [{ ...good, status: 'expired' }, "status is 'expired' and must be"],
    [{ ...good, status: null }, 'status is NULL and must be'],
    [{ ...good, status: 'processing', rejected: [busy] }, 'must be empty while'],
    [{ ...good, status: 'succeeded', rejected: [busy] }, 'rejected[0] rejects an entry of a'],
    [rejected({}), 'rejected[1] has the outcome NULL'],
    [rejected({ outcome: 'lost' }), "rejected[1] has the outcome 'lost'"],
    [rejected({ ...busy, index: 3 }), 'rejected[1] has the index 3, but the request has 3 entries'],
    [rejected({ ...busy, index: -1 }), "rejected[1] has the index '-1'"],
    [rejected({ ...busy, index: 1.5 }), "rejected[1] has the index '1.5'"],
    [rejected({ ...busy, index: 1e20 }), 'rejected[1] has the index'],
    [rejected({ ...busy, id: UNKNOWN }), 'which is not in the request'],
    [rejected({ ...busy, id: 'nobody' }), 'which is not in the request'],
    [rejected({ ...busy, id: UNKNOWN, index: 1 }), 'rejected[1] has an index and an id'],
    [rejected({ ...busy, count: 'many' }), "rejected[1] has the count 'many'"],
  ];

  test.each([...cases])('%j', async (given, message, sqlState = '22023') => {
    const database = await uploaded();
    const before = [await database.entries(), await database.db.query('TABLE upload_requests')];
    await expect(
      database.queue.settleUploadRequest(given as SettleUploadRequestArguments),
    ).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      sqlState,
      message: expect.stringContaining(message),
    });
    const now = [await database.entries(), await database.db.query('TABLE upload_requests')];
    expect(now).toEqual(before);
  });

  test.each([
    ['{}', 'rejected is not an array'],
    ['[1]', 'rejected[0] is not an object'],
    ['[[]]', 'rejected[0] is not an object'],
    ['[{"outcome": "retry", "place": 1}]', 'has another field'],
  ])('rejected => %s', async (json, message) => {
    const { db } = await uploaded();
    await expect(
      db.query(`SELECT settle_upload_request('google_ads', 'R', 'failed', $1)`, [json]),
    ).rejects.toMatchObject({ code: '22023', message: expect.stringContaining(message) });
  });
});
