import { describe, expect, test } from 'vitest';
import { emptyQueueDatabase, type QueueDatabase } from '../support/queue.ts';

/** One entry, and the claim that has it out. */
async function claimed(): Promise<
  QueueDatabase & { readonly id: string; readonly lease_id: string }
> {
  const one = await emptyQueueDatabase();
  await one.record(1);
  const [entry] = await one.queue.claimConversions();
  return { ...one, id: entry?.id ?? '', lease_id: entry?.lease_id ?? '' };
}

const minutesUntil = (time: Date | null | undefined) =>
  ((time?.getTime() ?? Number.NaN) - Date.now()) / 60_000;

describe('an uploaded entry', () => {
  test('is out of the queue, with the request that took it', async () => {
    const { queue, entries, id, pass } = await claimed();
    expect(await queue.completeConversions({ ids: [id], request_id: 'R-1' })).toEqual([
      { id, status: 'uploaded', retry_count: 0, next_retry_at: null, applied: true },
    ]);
    expect(await entries()).toMatchObject([
      {
        status: 'uploaded',
        request_id: 'R-1',
        uploaded_at: expect.any(Date),
        leased_until: null,
        lease_id: null,
      },
    ]);
    await pass('1 year');
    expect(await queue.claimConversions()).toEqual([]);
  });

  test('stays so, whatever is answered later', async () => {
    const { queue, entries, id, lease_id } = await claimed();
    await queue.completeConversions({ ids: [id], request_id: 'R-1' });
    const before = await entries();
    const unchanged = [
      { id, status: 'uploaded', retry_count: 0, next_retry_at: null, applied: false },
    ];
    expect(await queue.completeConversions({ ids: [id], request_id: 'R-2' })).toEqual(unchanged);
    expect(
      await queue.failConversions({ ids: [id], lease_id, error: 'late', permanent: true }),
    ).toEqual(unchanged);
    expect(await queue.requeueDeadLetters({ ids: [id] })).toEqual([]);
    expect(await entries()).toEqual(before);
  });
});

describe('a failed entry', () => {
  test('waits longer after each failure, and is a dead letter after the last', async () => {
    const { queue, entries, pass, record } = await emptyQueueDatabase();
    await record(1);
    for (const [tries, minutes] of [5, 20, 80, 320].entries()) {
      const [entry] = await queue.claimConversions();
      const { id = '', lease_id = '' } = entry ?? {};
      const [answer] = await queue.failConversions({
        ids: [id],
        lease_id,
        error: 'busy',
        error_code: 'INTERNAL_ERROR',
      });
      expect(answer).toMatchObject({ id, status: 'failed', retry_count: tries + 1, applied: true });
      expect(minutesUntil(answer?.next_retry_at)).toBeGreaterThan(minutes * 0.75 - 1);
      expect(minutesUntil(answer?.next_retry_at)).toBeLessThan(minutes + 1);
      expect(await queue.claimConversions(), 'before that').toEqual([]);
      await pass(`${minutes} minutes`);
    }
    const [entry] = await queue.claimConversions();
    expect(entry).toMatchObject({
      retry_count: 4,
      last_error: 'busy',
      error_code: 'INTERNAL_ERROR',
    });
    const { id = '', lease_id = '' } = entry ?? {};
    expect(await queue.failConversions({ ids: [id], lease_id, error: 'busy' })).toEqual([
      { id, status: 'dead_letter', retry_count: 5, next_retry_at: null, applied: true },
    ]);
    await pass('1 year');
    expect(await queue.claimConversions()).toEqual([]);
    expect(await entries()).toMatchObject([
      { status: 'dead_letter', last_error: 'busy', error_code: null },
    ]);
  });

  test('waits six hours at most', async () => {
    const { db, queue, id, lease_id } = await claimed();
    await db.query('UPDATE conversion_queue SET max_retries = 100, retry_count = 98');
    const [answer] = await queue.failConversions({ ids: [id], lease_id, error: 'busy' });
    expect(minutesUntil(answer?.next_retry_at)).toBeGreaterThan(360 * 0.75 - 1);
    expect(minutesUntil(answer?.next_retry_at)).toBeLessThan(361);
  });

  test('that failed together with others does not come back together with them', async () => {
    const { queue, record } = await emptyQueueDatabase();
    await record(20);
    const entries = await queue.claimConversions();
    const answers = await queue.failConversions({
      ids: entries.map(({ id }) => id),
      lease_id: entries[0]?.lease_id ?? '',
      error: 'busy',
    });
    const times = new Set(answers.map(({ next_retry_at }) => next_retry_at?.getTime()));
    expect(times.size).toBeGreaterThan(15);
  });

  test('is tried again when it is told to be', async () => {
    const { queue, pass, id, lease_id } = await claimed();
    const retry_at = new Date(Date.now() + 6 * 60 * 60 * 1000);
    expect(
      await queue.failConversions({ ids: [id], lease_id, error: 'too recent', retry_at }),
    ).toEqual([{ id, status: 'failed', retry_count: 1, next_retry_at: retry_at, applied: true }]);
    await pass('5 hours 59 minutes');
    expect(await queue.claimConversions()).toEqual([]);
    await pass('1 minute');
    expect(await queue.claimConversions()).toMatchObject([{ id }]);
  });

  test('is a dead letter at once where it would never succeed', async () => {
    const { queue, id, lease_id } = await claimed();
    const answer = {
      ids: [id],
      lease_id,
      error: 'expired',
      permanent: true,
      error_code: 'EXPIRED_EVENT',
    };
    expect(await queue.failConversions(answer)).toEqual([
      { id, status: 'dead_letter', retry_count: 1, next_retry_at: null, applied: true },
    ]);
  });

  test('keeps its place where the time to try again is none', async () => {
    const { queue, entries, id, lease_id } = await claimed();
    const before = await entries();
    const answer = { ids: [id], lease_id, error: 'parked', retry_at: 'infinity' };
    await expect(queue.failConversions(answer)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await entries()).toEqual(before);
  });
});

describe('an answer that comes after the lease has expired', () => {
  test('counts while nobody else has the entry', async () => {
    const { queue, pass, id, lease_id } = await claimed();
    await pass('1 hour');
    expect(await queue.failConversions({ ids: [id], lease_id, error: 'slow' })).toMatchObject([
      { status: 'failed', retry_count: 1, applied: true },
    ]);
  });

  test('changes nothing while another claim has the entry, if it is a failure', async () => {
    const { queue, entries, pass, id, lease_id } = await claimed();
    await pass('5 minutes');
    await queue.claimConversions();
    const before = await entries();
    expect(
      await queue.failConversions({ ids: [id], lease_id, error: 'late', permanent: true }),
    ).toMatchObject([{ id, status: 'failed', retry_count: 1, applied: false }]);
    expect(await entries()).toEqual(before);
    expect(await queue.claimConversions()).toEqual([]);
  });

  test('completes the entry all the same, if it is a success', async () => {
    const { queue, entries, pass, id } = await claimed();
    await pass('5 minutes');
    const [second] = await queue.claimConversions();
    expect(await queue.completeConversions({ ids: [id] })).toMatchObject([{ applied: true }]);
    expect(
      await queue.failConversions({
        ids: [id],
        lease_id: second?.lease_id ?? '',
        error: 'duplicate',
      }),
    ).toMatchObject([{ status: 'uploaded', applied: false }]);
    expect(await entries()).toMatchObject([{ status: 'uploaded' }]);
  });

  test('completes a dead letter, if it is a success', async () => {
    const { queue, id, lease_id } = await claimed();
    await queue.failConversions({ ids: [id], lease_id, error: 'given up', permanent: true });
    expect(await queue.completeConversions({ ids: [id] })).toMatchObject([
      { status: 'uploaded', applied: true },
    ]);
  });

  test('counts, but leaves the entry out, without a lease_id', async () => {
    const { db, queue, entries, pass, id } = await claimed();
    await pass('5 minutes');
    await queue.claimConversions();
    await db.query("SELECT fail_conversions($1, 'late', now() - interval '1 minute')", [[id]]);
    expect(await entries()).toMatchObject([{ status: 'failed', retry_count: 2 }]);
    expect(await queue.claimConversions(), 'within the lease of the other').toEqual([]);
    await db.query("SELECT fail_conversions($1, 'late', permanent => true)", [[id]]);
    await queue.requeueDeadLetters();
    expect(await queue.claimConversions(), 'nor as a dead letter').toEqual([]);
    await pass('5 minutes');
    expect(await queue.claimConversions()).toMatchObject([{ id, retry_count: 0 }]);
  });
});

describe('dead letters', () => {
  /** One of each of three deals, with an error code of its own. */
  async function threeDeadLetters() {
    const one = await emptyQueueDatabase();
    await one.record(3, ['google_ads', 'another']);
    const entries = await one.queue.claimConversions();
    for (const { id, lease_id, crm_deal_id } of entries) {
      await one.queue.failConversions({
        ids: [id],
        lease_id,
        error: 'no',
        permanent: true,
        error_code: `E-${crm_deal_id}`,
      });
    }
    return { ...one, ids: entries.map(({ id }) => id) };
  }

  test('have all their tries again when they are queued anew, and what they died of', async () => {
    const { queue, entries } = await threeDeadLetters();
    expect(await queue.requeueDeadLetters()).toHaveLength(3);
    expect((await entries()).filter(({ platform }) => platform === 'google_ads')).toMatchObject([
      {
        status: 'pending',
        retry_count: 0,
        next_retry_at: null,
        last_error: 'no',
        error_code: 'E-D-1',
      },
      { status: 'pending' },
      { status: 'pending' },
    ]);
    expect(await queue.claimConversions()).toHaveLength(3);
  });

  test.each([
    ['by their ids', (ids: string[]) => ({ ids: ids.slice(1) }), ['D-2', 'D-3']],
    ['by their error code', () => ({ error_code: 'E-D-2' }), ['D-2']],
    ['by their platform', () => ({ platform: 'google_ads' }), ['D-1', 'D-2', 'D-3']],
    ['of another platform', () => ({ platform: 'another' }), []],
    ['as many as asked for, the oldest first', () => ({ limit: 2 }), ['D-1', 'D-2']],
  ])('can be chosen %s', async (_, which, deals) => {
    const { queue, ids } = await threeDeadLetters();
    await queue.requeueDeadLetters(which(ids));
    expect((await queue.claimConversions()).map(({ crm_deal_id }) => crm_deal_id)).toEqual(deals);
  });

  test('are not chosen by a limit of none', async () => {
    const { queue } = await threeDeadLetters();
    await expect(queue.requeueDeadLetters({ limit: 0 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});

test('an id without an entry is no error, and has no row', async () => {
  const { queue, lease_id } = await claimed();
  const ids = ['99999999-0000-4000-8000-000000000000'];
  expect(await queue.completeConversions({ ids })).toEqual([]);
  expect(await queue.failConversions({ ids, lease_id, error: 'lost' })).toEqual([]);
  expect(await queue.completeConversions({ ids: [] })).toEqual([]);
});

test('a failure without a lease is refused before anything is sent', async () => {
  const { queue, entries, id } = await claimed();
  const before = await entries();
  const answer = { ids: [id], error: 'whose?' } as unknown as Parameters<
    typeof queue.failConversions
  >[0];
  await expect(queue.failConversions(answer)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  expect(await entries()).toEqual(before);
});
