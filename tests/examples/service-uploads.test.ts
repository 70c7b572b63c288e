import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { GOOGLE_TOKEN, startGoogle } from './google.ts';
import { eventually } from './running.ts';
import { AS_CRM, entryOf, example, GCLID, launchTwo } from './service.ts';

/** What the service is built to. */
interface Uploader {
  uploadConversions(settings: object, entries: readonly object[]): Promise<readonly object[]>;
}

describe('the upload worker of the service', () => {
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
    expect(results).toMatchObject([{ error_code: 'EVENT_TOO_OLD' }, { request_id: 'R-2' }]);
    expect(google.requests).toHaveLength(2);
    expect(timeout.mock.calls).toEqual([[20_000]]);
    google.hold();
    const late = uploader.uploadConversions(settings, entries);
    stop.abort(new Error('out of time'));
    await expect(late).rejects.toThrow('out of time');
  });

  test('checks what became of a request until Google says so, and keeps the reason', async () => {
    const { db, google, lead } = await launchTwo();
    google.reject('D-2:closed', 'INVALID_GCLID');
    google.reject('D-3:closed', 'INTERNAL_ERROR');
    google.report('processing');
    await recordDeals(db, lead, 3);
    const statuses = () => statusesOf(db, 3);
    await eventually(statuses, (found) => found.every((status) => status === 'uploaded null'));
    await makeDue(db);
    const checked = 'SELECT status, check_count FROM upload_requests WHERE lease_id IS NULL';
    await eventually(
      () => db.query<{ check_count: number }>(checked),
      ([row]) => row?.check_count === 1,
    );
    expect(await statuses()).toEqual(['uploaded null', 'uploaded null', 'uploaded null']);
    google.report('places');
    await makeDue(db);
    await eventually(statuses, (found) => found[1] !== 'uploaded null');
    expect(await statuses()).toEqual([
      'uploaded null',
      'dead_letter INVALID_GCLID',
      'failed INTERNAL_ERROR',
    ]);
    expect(await db.query(checked)).toEqual([{ check_count: 2, status: 'partially_succeeded' }]);
  });

  test('uploads alone what a result may mean, and recognizes duplicates', async () => {
    const { db, google, lead } = await launchTwo();
    google.reject('D-2:closed', 'INVALID_GCLID');
    google.report('counts');
    await recordDeals(db, lead, 3);
    const statuses = () => statusesOf(db, 3);
    await eventually(statuses, (found) => found.every((status) => status === 'uploaded null'));
    await makeDue(db);
    await eventually(statuses, (found) => found.every((status) => /UNLOCATED/.test(status)));
    await db.query('UPDATE conversion_queue SET next_retry_at = now()');
    await eventually(statuses, (found) => found.every((status) => /^uploaded/.test(status)));
    expect(google.requests.map(({ body }) => body.events.length)).toEqual([3, 1, 1, 1]);
    await makeDue(db);
    await eventually(
      () => db.query("SELECT FROM upload_requests WHERE status = 'processing'"),
      (left) => left.length === 0,
    );
    expect(await statuses()).toEqual([
      expect.stringMatching(/^uploaded/),
      'dead_letter INVALID_GCLID',
      expect.stringMatching(/^uploaded/),
    ]);
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
});

/** Records deals D-1 and so on in one transaction, so that one claim takes them all. */
async function recordDeals(db: TestDatabase, lead: string, count: number): Promise<void> {
  await db.query(
    `SELECT record_conversion($1, 'closed', 'D-' || n, gclid => $2) FROM generate_series(1, $3) n`,
    [lead, GCLID, count],
  );
}

/** Status and error code of each deal. */
function statusesOf(db: TestDatabase, count: number): Promise<string[]> {
  const deals = Array.from({ length: count }, (_, n) => entryOf(db, `D-${n + 1}`));
  return Promise.all(
    deals.map(async (entry) => `${(await entry)?.status} ${(await entry)?.error_code}`),
  );
}

/** Lets the next checks be due. */
async function makeDue(db: TestDatabase): Promise<void> {
  await db.query(
    `UPDATE upload_requests SET next_check_at = now() WHERE status = 'processing' AND lease_id IS NULL`,
  );
}
