import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ConnectionLostError } from '../../src/errors.ts';
import {
  type AcceptedEntries,
  type ClaimedConversion,
  type RejectedEntries,
  type RunUploadsOptions,
  runUploads,
  type TrackingQueue,
  type UploadEvent,
} from '../../src/queue/index.ts';
import { emptyQueueDatabase, type QueueDatabase } from '../support/queue.ts';

/** Runs uploads until nothing is due, and returns the batches by deal, and the events. */
async function runUntilIdle(
  { queue }: QueueDatabase,
  options: Partial<RunUploadsOptions> & Pick<RunUploadsOptions, 'upload'>,
) {
  const stop = new AbortController();
  const batches: (string | null)[][] = [];
  const events: UploadEvent[] = [];
  const idle = { claimConversions: false, claimUploadRequests: options.checkRequest === undefined };
  await runUploads({
    queue: watched(queue, async (name, call) => {
      const result = await call();
      if (name === 'claimConversions' || name === 'claimUploadRequests') {
        idle[name] = Array.isArray(result) && result.length === 0;
        if (idle.claimConversions && idle.claimUploadRequests) stop.abort();
      }
      return result;
    }),
    signal: stop.signal,
    pollMs: 5,
    onEvent: (event) => events.push(event),
    ...options,
    upload: (entries) => {
      batches.push(entries.map(({ crm_deal_id }) => crm_deal_id));
      return options.upload(entries);
    },
  });
  return { batches, events };
}

type Call = () => Promise<unknown>;

/** The queue, with something around each call. */
function watched(
  queue: TrackingQueue,
  around: (name: keyof TrackingQueue, call: Call) => Promise<unknown>,
): TrackingQueue {
  return new Proxy(queue, {
    get: (target, name: keyof TrackingQueue) => (argument: never) =>
      around(name, () => target[name](argument)),
  });
}

const idsOf = (entries: readonly ClaimedConversion[]) => entries.map(({ id }) => id);

/** Accepts entries in one request, named for the first of them. */
const acceptAll = async (
  entries: readonly ClaimedConversion[],
  prefix = 'R',
): Promise<AcceptedEntries[]> => [
  { ids: idsOf(entries), request_id: `${prefix}-${entries[0]?.crm_deal_id}` },
];

const hoursFromNow = (time: Date | null | undefined) =>
  Math.round(((time?.getTime() ?? 0) - Date.now()) / 3_600_000);

describe('runUploads()', () => {
  test('records what the platform accepts and rejects, with the outcome of each code', async () => {
    const database = await emptyQueueDatabase();
    await database.record(7);
    const codes = ['', 'DUPLICATE_GCLID', 'EVENT_TOO_OLD', 'NO_CONSENT', 'INTERNAL_ERROR', 'NEW'];
    const { batches, events } = await runUntilIdle(database, {
      upload: async (entries) =>
        entries.slice(0, 6).map(({ id }, place): AcceptedEntries | RejectedEntries => {
          const error_code = codes[place];
          if (!error_code) return { ids: [id], request_id: 'R-1' };
          return {
            ids: [id],
            error: 'refused',
            error_code,
            retry_at: place === 5 ? '2100-01-01' : null,
          };
        }),
    });
    expect(batches).toEqual([['D-1', 'D-2', 'D-3', 'D-4', 'D-5', 'D-6', 'D-7']]);
    const entries = await database.entries();
    expect(entries).toMatchObject([
      { status: 'uploaded', request_id: 'R-1' },
      { status: 'uploaded', request_id: null },
      { status: 'dead_letter', error_code: 'EVENT_TOO_OLD', last_error: 'refused' },
      { status: 'failed', error_code: 'NO_CONSENT' },
      { status: 'failed', error_code: 'INTERNAL_ERROR' },
      { status: 'failed', error_code: 'NEW', next_retry_at: new Date('2100-01-01') },
      { status: 'failed', error_code: 'NO_RESULT' },
    ]);
    expect(entries.slice(3, 5).map((one) => hoursFromNow(one.next_retry_at))).toEqual([6, 0]);
    expect(events.map((event) => [event.type, 'outcome' in event && event.outcome])).toEqual([
      ['accepted', false],
      ['rejected', 'complete'],
      ['rejected', 'permanent'],
      ['rejected', 'retry_later'],
      ['rejected', 'retry'],
      ['rejected', 'retry'],
      ['rejected', 'retry'],
    ]);
  });

  test('claims batches of batchSize, until nothing is due', async () => {
    const database = await emptyQueueDatabase();
    await database.record(5);
    const { batches } = await runUntilIdle(database, { upload: acceptAll, batchSize: 2 });
    expect(batches).toEqual([['D-1', 'D-2'], ['D-3', 'D-4'], ['D-5']]);
  });

  test('uploads entries of unlocated rejections alone, and the others together', async () => {
    const database = await emptyQueueDatabase();
    await database.record(5);
    await database.db.query(
      `UPDATE conversion_queue q SET send_alone = true
         FROM conversions c WHERE c.id = q.conversion_id AND c.crm_deal_id IN ('D-2', 'D-4')`,
    );
    const { batches } = await runUntilIdle(database, { upload: acceptAll });
    expect(batches).toEqual([['D-1', 'D-3', 'D-5'], ['D-2'], ['D-4']]);
    expect(await database.db.query('SELECT request_id FROM upload_requests ORDER BY 1')).toEqual(
      ['R-D-1', 'R-D-2', 'R-D-4'].map((request_id) => ({ request_id })),
    );
  });

  test('retries all entries of an upload that throws, and continues', async () => {
    const database = await emptyQueueDatabase();
    await database.record(4);
    const { batches, events } = await runUntilIdle(database, {
      batchSize: 2,
      upload: async (entries) => {
        if (entries[0]?.crm_deal_id === 'D-1') throw new Error('Google is down');
        return acceptAll(entries);
      },
    });
    expect(batches).toHaveLength(2);
    expect(await database.entries()).toMatchObject([
      { status: 'failed', error_code: 'UPLOAD_FAILED', last_error: 'Google is down' },
      { status: 'failed', error_code: 'UPLOAD_FAILED', retry_count: 1 },
      { status: 'uploaded' },
      { status: 'uploaded' },
    ]);
    expect(events[0]).toMatchObject({ type: 'failed', call: 'upload' });
  });

  test.each<[string, (entries: ClaimedConversion[]) => unknown]>([
    ['nothing', () => undefined],
    ['null among the results', (entries) => [{ ids: idsOf(entries) }, null]],
    ['a result without ids', () => [{ request_id: 'R' }]],
    ['ids that are no list', ([first]) => [{ ids: first?.id }]],
  ])(
    'retries the entries of an upload that returns %s, and uploads the others',
    async (_, wrong) => {
      const database = await emptyQueueDatabase();
      await database.record(3);
      await database.db.query(
        `UPDATE conversion_queue q SET send_alone = true
         FROM conversions c WHERE c.id = q.conversion_id AND c.crm_deal_id <> 'D-1'`,
      );
      const { events } = await runUntilIdle(database, {
        upload: async (entries) =>
          entries[0]?.crm_deal_id === 'D-1' ? (wrong([...entries]) as never) : acceptAll(entries),
      });
      expect(await database.entries()).toMatchObject([
        { status: 'failed', error_code: 'UPLOAD_FAILED', lease_id: null },
        { status: 'uploaded', request_id: 'R-D-2' },
        { status: 'uploaded', request_id: 'R-D-3' },
      ]);
      expect(events.filter(({ type }) => type === 'failed')).toMatchObject([{ call: 'upload' }]);
    },
  );

  test('records results even if the uploader empties its list, and has errors that are no texts', async () => {
    const database = await emptyQueueDatabase();
    await database.record(2);
    await runUntilIdle(database, {
      upload: async (entries) => {
        const taken = (entries as ClaimedConversion[]).splice(0);
        return taken.slice(1).map(({ id }) => ({
          ids: [id],
          error: new Error('busy') as never,
          error_code: 500 as never,
        }));
      },
    });
    expect(await database.entries()).toMatchObject([
      { status: 'failed', error_code: 'NO_RESULT' },
      { status: 'failed', error_code: '500', last_error: 'busy' },
    ]);
  });

  test('retries six hours later by the clock of the server', async () => {
    const database = await emptyQueueDatabase();
    await database.record(1);
    vi.useFakeTimers({ now: Date.now() - 86_400_000, toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    await runUntilIdle(database, {
      upload: async ([first]) => [
        { ids: [first?.id ?? ''], error: 'x', error_code: 'CLICK_NOT_FOUND' },
      ],
    });
    vi.useRealTimers();
    expect(hoursFromNow((await database.entries())[0]?.next_retry_at)).toBe(6);
  });

  test('records a result again within seconds, however rarely it polls', async () => {
    const database = await emptyQueueDatabase();
    await database.record(1);
    let failures = 1;
    const queue = watched(database.queue, async (name, call) => {
      if (name === 'completeConversions' && failures-- > 0) throw new Error('unreachable');
      return call();
    });
    const stop = new AbortController();
    const run = runUploads({
      queue,
      upload: acceptAll,
      signal: stop.signal,
      pollMs: 2_000_000_000,
      onEvent: () => stop.abort(),
    });
    await run;
    expect(await database.entries()).toMatchObject([{ status: 'uploaded' }]);
  }, 12_000);

  test('does not repeat a call whose arguments are refused', async () => {
    const database = await emptyQueueDatabase();
    await database.record(1);
    await runUntilIdle(database, { upload: acceptAll });
    await database.pass('31 minutes');
    let settled = 0;
    const { events } = await runUntilIdle(
      {
        ...database,
        queue: watched(database.queue, (name, call) => {
          if (name === 'settleUploadRequest') settled += 1;
          return call();
        }),
      },
      {
        upload: acceptAll,
        checkRequest: async () => ({ requestStatusPerDestination: [] }) as never,
      },
    );
    expect(settled).toBe(1);
    expect(events).toMatchObject([
      { type: 'failed', call: 'record', error: { code: 'INVALID_OPTION' } },
    ]);
  });

  test.each<[keyof RunUploadsOptions, unknown]>([
    ['queue', undefined],
    ['upload', undefined],
    ['checkRequest', {}],
    ['signal', undefined],
    ['signal', new AbortController()],
    ['pollMs', 0],
    ['pollMs', -1],
    ['pollMs', Number.NaN],
    ['pollMs', '5000'],
    ['pollMs', 2 ** 31],
    ['pollMs', Number.POSITIVE_INFINITY],
    ['onEvent', 'log'],
  ])('refuses %s: %s, and claims nothing', async (option, value) => {
    const database = await emptyQueueDatabase();
    await database.record(1);
    const options = { queue: database.queue, upload: acceptAll, signal: AbortSignal.timeout(50) };
    await expect(runUploads({ ...options, [option]: value })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      option,
    });
    expect(await database.entries()).toMatchObject([{ status: 'pending', lease_id: null }]);
  });

  test('checks requests that are due, and records their results', async () => {
    const database = await emptyQueueDatabase();
    await database.record(3);
    await runUntilIdle(database, { upload: acceptAll, batchSize: 1 });
    await database.pass('31 minutes');
    const { events } = await runUntilIdle(database, {
      upload: acceptAll,
      checkRequest: async ({ request_id }) => {
        if (request_id === 'R-D-1') throw new Error('Google is down');
        if (request_id === 'R-D-2') return { status: 'processing' };
        return { status: 'failed', rejected: [{ outcome: 'permanent', code: 'INVALID_GCLID' }] };
      },
    });
    expect(
      (await database.entries()).map(({ status, error_code }) => [status, error_code]),
    ).toEqual([
      ['uploaded', null],
      ['uploaded', null],
      ['dead_letter', 'INVALID_GCLID'],
    ]);
    expect(events).toEqual(
      expect.arrayContaining([
        { type: 'failed', call: 'check', error: expect.any(Error), request_id: 'R-D-1' },
        { type: 'checked', request: expect.objectContaining({ status: 'processing' }) },
        {
          type: 'checked',
          request: expect.objectContaining({ status: 'failed', rejected_count: 1 }),
        },
      ]),
    );
    const requests =
      'SELECT request_id, lease_id IS NOT NULL AS leased FROM upload_requests ORDER BY 1';
    expect(await database.db.query(requests)).toEqual([
      { request_id: 'R-D-1', leased: true },
      { request_id: 'R-D-2', leased: false },
      { request_id: 'R-D-3', leased: false },
    ]);
  });

  test('records a result again that the database did not take', async () => {
    const database = await emptyQueueDatabase();
    await database.record(2);
    const lost = new ConnectionLostError('lost', { hint: 'again', retryable: true });
    const failing = new Map<string, number>([
      ['completeConversions', 3],
      ['failConversions', 3],
    ]);
    const { events } = await runUntilIdle(
      {
        ...database,
        queue: watched(database.queue, async (name, call) => {
          const left = failing.get(name) ?? 0;
          failing.set(name, left - 1);
          if (left > 1) throw lost;
          const result = await call();
          // It took effect, and nobody heard of it.
          if (left === 1) throw lost;
          return result;
        }),
      },
      {
        upload: async ([first, second]) => [
          { ids: [first?.id ?? ''], request_id: 'R' },
          { ids: [second?.id ?? ''], error: 'refused', error_code: 'EVENT_TOO_OLD' },
        ],
      },
    );
    expect(events.map(({ type }) => type)).toEqual(['accepted', 'rejected']);
    expect(await database.entries()).toMatchObject([
      { status: 'uploaded', request_id: 'R' },
      { status: 'dead_letter', retry_count: 1 },
    ]);
  });

  test('continues after errors of the database, and of onEvent', async () => {
    const database = await emptyQueueDatabase();
    await database.record(1);
    let failures = 3;
    const events: UploadEvent[] = [];
    await runUntilIdle(
      {
        ...database,
        queue: watched(database.queue, async (name, call) => {
          if (name === 'claimConversions' && failures-- > 0) throw new Error('unreachable');
          return call();
        }),
      },
      {
        upload: acceptAll,
        onEvent: (event) => {
          events.push(event);
          throw new Error('of the application');
        },
      },
    );
    expect(events).toMatchObject([
      ...Array(3).fill({ type: 'failed', call: 'claim' }),
      { type: 'accepted' },
    ]);
  });

  test.each([
    ['batchSize', { batchSize: 0 }],
    ['lease', { lease: '5' }],
    ['platform', { platform: null as never }],
  ])('ends with an error if %s is refused, even with an uploader that waits', async (_, wrong) => {
    const { queue } = await emptyQueueDatabase();
    const run = runUploads({
      queue,
      upload: acceptAll,
      checkRequest: async () => ({ status: 'processing' }),
      signal: new AbortController().signal,
      ...wrong,
    });
    await expect(run).rejects.toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  test('stops at any point, and leaves no entry leased and no result unrecorded', async () => {
    const points: number[] = [];
    for (let point = 0; points.at(-1) !== -1; point += 1) {
      const database = await emptyQueueDatabase();
      await database.record(4);
      await runUntilIdle(database, { upload: acceptAll, batchSize: 1 });
      await database.pass('31 minutes');
      await database.db.query(
        `UPDATE conversion_queue q SET status = 'pending', request_id = NULL, uploaded_at = NULL, send_alone = true
           FROM conversions c WHERE c.id = q.conversion_id AND c.crm_deal_id <> 'D-1'`,
      );
      points.push(await stopAt(database, point));
      const entries = await database.entries();
      expect(entries.filter(({ leased_until }) => leased_until !== null)).toEqual([]);
      const statuses = entries.map(({ status }) => status);
      expect(['pending', 'uploaded']).toEqual(expect.arrayContaining(statuses));
      expect(
        await database.db.query('SELECT FROM upload_requests WHERE lease_id IS NOT NULL'),
      ).toEqual([]);
    }
    // Each of claim, upload, record, check and settle was reached, before and after it.
    expect(points.length).toBeGreaterThan(20);
  });
});

/** Aborts before or after the call number `point`, of the queue and of the platform. Returns -1 if there was none. */
async function stopAt({ queue }: QueueDatabase, point: number): Promise<number> {
  const stop = new AbortController();
  let calls = 0;
  let idle = 0;
  const pass = () => {
    if (calls++ === point) stop.abort();
  };
  const around = async <T>(call: () => Promise<T>): Promise<T> => {
    pass();
    const result = await call();
    pass();
    return result;
  };
  await runUploads({
    queue: watched(queue, async (_, call) => {
      const result = await around(call);
      if (Array.isArray(result) && result.length === 0 && ++idle > 3) stop.abort();
      return result;
    }),
    signal: stop.signal,
    pollMs: 1,
    batchSize: 3,
    upload: (entries) => around(() => acceptAll(entries, 'S')),
    checkRequest: () => around(async () => ({ status: 'succeeded' })),
  });
  return calls > point ? calls : -1;
}
