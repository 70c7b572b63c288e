import { describe, expect, test } from 'vitest';
import type { SettleUploadRequestArguments, UploadRejection } from '../../src/queue/index.ts';
import { emptyQueueDatabase, type QueueDatabase } from '../support/queue.ts';

/** Uploads `count` entries in one request, and returns their ids in its order. */
async function upload({ queue, record }: QueueDatabase, count: number, request_id = 'R') {
  await record(count);
  const ids = (await queue.claimConversions({ limit: count })).map(({ id }) => id);
  await queue.completeConversions({ ids, request_id });
  return ids;
}

/** Settles the request R, and returns what became of the entries, in its order. */
async function settle(
  { queue, entries }: QueueDatabase,
  status: SettleUploadRequestArguments['status'],
  rejected: readonly UploadRejection[] = [],
) {
  const result = { platform: 'google_ads', request_id: 'R', status, rejected };
  const { confirmed_count, rejected_count } = await queue.settleUploadRequest(result);
  expect((confirmed_count ?? 0) + (rejected_count ?? 0)).toBe((await entries()).length);
  return (await entries()).map((one) => [one.status, one.error_code]);
}

const UPLOADED = ['uploaded', null];

describe('recording a request', () => {
  test('records the entries in the order of the ids, to be checked after 30 minutes', async () => {
    const database = await emptyQueueDatabase();
    await database.record(3);
    const ids = (await database.queue.claimConversions()).map(({ id }) => id).reverse();
    await database.queue.completeConversions({ ids, request_id: 'R' });
    expect(
      await database.db.query('SELECT *, next_check_at - accepted_at AS wait FROM upload_requests'),
    ).toEqual([
      {
        platform: 'google_ads',
        request_id: 'R',
        entry_ids: ids,
        entry_count: 3,
        status: 'processing',
        check_count: 0,
        next_check_at: expect.any(Date),
        lease_id: null,
        accepted_at: expect.any(Date),
        settled_at: null,
        rejected_count: null,
        wait: expect.objectContaining({ minutes: 30 }),
      },
    ]);
  });
});

describe('rejected entries', () => {
  test.each<[string, Parameters<typeof settle>[1], UploadRejection[], unknown[]]>([
    ['none', 'succeeded', [], [UPLOADED, UPLOADED, UPLOADED]],
    [
      'by index',
      'partially_succeeded',
      [{ index: 1, outcome: 'retry', code: 'INTERNAL_ERROR' }],
      [UPLOADED, ['failed', 'INTERNAL_ERROR'], UPLOADED],
    ],
    [
      'one of unknown place',
      'partially_succeeded',
      [{ outcome: 'permanent', code: 'INVALID_GCLID', count: 1 }],
      Array(3).fill(['failed', 'UNLOCATED_REJECTION']),
    ],
    ['all', 'failed', [], Array(3).fill(['failed', 'REQUEST_FAILED'])],
    [
      'all for one reason',
      'failed',
      [{ outcome: 'permanent', code: 'INVALID_GCLID' }],
      Array(3).fill(['dead_letter', 'INVALID_GCLID']),
    ],
  ])('%s', async (_, status, rejected, expected) => {
    const database = await emptyQueueDatabase();
    await upload(database, 3);
    expect(await settle(database, status, rejected)).toEqual(expected);
  });
});
