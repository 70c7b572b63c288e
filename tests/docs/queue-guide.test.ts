import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../src/queue/functions.ts';
import { googleAdsFault, googleAdsOutcome } from '../../src/queue/index.ts';
import { install, type Project } from '../package/installed.ts';
import { type Act, edges } from '../queue/model/invariants.ts';
import { readGuide } from '../support/guide.ts';
import { emptyQueueDatabase, type QueueDatabase } from '../support/queue.ts';

const guide = readGuide('docs/queue.md');
const reference = readGuide('docs/queue-functions.md');

/** What the model calls the functions that change an entry. */
const ACTS: Readonly<Record<string, Act>> = {
  claim_conversions: 'claim',
  complete_conversions: 'complete',
  fail_conversions: 'fail',
  requeue_dead_letters: 'requeue',
  settle_upload_request: 'settle',
};

const [UPLOADING = '', SUPABASE = '', ...OTHERS] = guide.blocks('js');

describe('the guide to the worker, and the reference of the queue', () => {
  let project: Project;
  beforeAll(async () => {
    project = await install('pg');
    project.write('uploading.mjs', UPLOADING);
    // Stands for Google: takes what has a click id, and answers by deal.
    project.write(
      'main.mjs',
      `import pg from 'pg';
       import { hashEmail, trackingQueue } from 'conversion-tracking-schema/queue';
       import { uploadConversions } from './uploading.mjs';
       const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
       const deals = JSON.parse(process.env.DEALS);
       const recorded = [];
       for (const id of [...deals, ...deals.slice(0, 1)]) {
         const deal = { lead_id: process.env.LEAD, conversion_type: 'closed', crm_deal_id: id, email_hash: hashEmail('jane@example.com') };
         recorded.push((await trackingQueue(pool).recordConversion(deal)).is_new);
       }
       let batches = 0;
       const stop = new AbortController();
       const google = {
         async ingest(entries) {
           batches += 1;
           if (entries.some(({ crm_deal_id }) => crm_deal_id === 'down')) throw new Error('Google is down');
           const errors = entries.filter(({ crm_deal_id }) => /^[A-Z_]+$/.test(crm_deal_id)).map(({ id, crm_deal_id }) => [id, crm_deal_id]);
           return { requestId: 'R-1', errors: new Map(errors) };
         },
         async requestStatus() {
           const errorCounts = [{ reason: 'PROCESSING_ERROR_REASON_INVALID_GCLID', recordIndices: [1] }];
           return { requestStatusPerDestination: [{ requestStatus: 'PARTIAL_SUCCESS', errorInfo: { errorCounts } }] };
         },
       };
       const uploads = uploadConversions(pool, google, stop.signal);
       const due = "SELECT FROM conversion_queue WHERE status = 'pending' UNION ALL SELECT FROM upload_requests WHERE next_check_at <= now() OR lease_id IS NOT NULL";
       while ((await pool.query(due)).rowCount > 0) await new Promise((resolve) => setTimeout(resolve, 20));
       stop.abort();
       await uploads;
       await pool.end();
       console.log(JSON.stringify({ recorded, batches }));`,
    );
  }, 180_000);

  async function upload(deals: readonly string[], within?: QueueDatabase) {
    const one = within ?? (await emptyQueueDatabase());
    const env = { DATABASE_URL: one.db.url, LEAD: one.lead, DEALS: JSON.stringify(deals) };
    const { code, stdout, stderr } = await project.run('node', ['main.mjs'], env);
    expect(code).toBe(0);
    return { said: JSON.parse(stdout), stderr, entries: await one.entries() };
  }

  test('has a loop that uploads, and answers as Google does', async () => {
    const { said, entries } = await upload([
      'D-1',
      'DUPLICATE_TRANSACTION_ID',
      'TOO_RECENT_EVENT',
      'EXPIRED_EVENT',
      'INTERNAL_ERROR',
    ]);
    expect(said).toEqual({ recorded: [true, true, true, true, true, false], batches: 1 });
    const hours = (time: Date | null | undefined) =>
      ((time?.getTime() ?? 0) - Date.now()) / 3_600_000;
    const found = new Map(entries.map((entry) => [entry.deal, entry]));
    expect(found.get('D-1')).toMatchObject({ status: 'uploaded', request_id: 'R-1' });
    expect(found.get('DUPLICATE_TRANSACTION_ID')).toMatchObject({ status: 'uploaded' });
    expect(found.get('EXPIRED_EVENT')).toMatchObject({
      status: 'dead_letter',
      error_code: 'EXPIRED_EVENT',
    });
    expect(found.get('INTERNAL_ERROR')).toMatchObject({ status: 'failed', retry_count: 1 });
    expect(hours(found.get('INTERNAL_ERROR')?.next_retry_at)).toBeLessThan(0.1);
    expect(found.get('TOO_RECENT_EVENT')).toMatchObject({ status: 'failed' });
    expect(hours(found.get('TOO_RECENT_EVENT')?.next_retry_at)).toBeGreaterThan(5.9);
  });

  test('has a loop that counts a try of all entries when the platform is down', async () => {
    const { said, stderr, entries } = await upload(['down', 'D-1']);
    expect(said).toMatchObject({ batches: 1 });
    expect(stderr).toMatch(/^upload Error: Google is down/);
    expect(entries).toMatchObject([
      { status: 'failed', retry_count: 1, last_error: 'Google is down' },
      { status: 'failed', retry_count: 1 },
    ]);
  });

  test('has a loop that checks requests, and records which entries were rejected', async () => {
    const one = await emptyQueueDatabase();
    await upload(['D-1', 'D-2', 'D-3'], one);
    await one.pass('31 minutes');
    const { entries } = await upload([], one);
    expect(entries.map(({ status, error_code }) => [status, error_code])).toEqual([
      ['uploaded', null],
      ['dead_letter', 'INVALID_GCLID'],
      ['uploaded', null],
    ]);
  });

  test('has SQL that runs', async () => {
    const { db, record } = await emptyQueueDatabase();
    await record(1);
    const [settle = '', health = '', ...others] = reference.blocks('sql');
    await db.query(
      `INSERT INTO upload_requests (platform, request_id, entry_ids, entry_count, next_check_at)
       SELECT 'google_ads', 'request-1', array_agg(gen_random_uuid()), 8, now() FROM generate_series(1, 8)`,
    );
    expect(await db.query(settle)).toMatchObject([{ confirmed_count: 6, rejected_count: 2 }]);
    expect(await db.query(health)).toContainEqual(
      expect.objectContaining({ platform: 'google_ads', status: 'pending', overdue: '1' }),
    );
    expect(others).toEqual([]);
  });

  test('tells whether Google has counted a conversion', async () => {
    const one = await emptyQueueDatabase();
    await upload(['D-1', 'D-2'], one);
    const [counted = '', ...others] = guide.blocks('sql');
    expect(others).toEqual([]);
    const rows = guide.table('Confirming uploads');
    const meaning = async (deal: string) => {
      const [row] = await one.db.query<Record<'status' | 'request', string | null>>(
        counted.replace('D-1', deal),
      );
      const names = (cell = '') => cell.replaceAll('`', '').split(', ');
      return rows.find(
        ([status, request]) =>
          names(status).includes(row?.status ?? '') &&
          (request === 'any' || names(request).includes(row?.request ?? 'none')),
      )?.[2];
    };
    expect(await meaning('D-1')).toMatch(/^accepted; Google decides/);
    await one.pass('31 minutes');
    await upload([], one);
    expect(await meaning('D-1')).toMatch(/^counted/);
    expect(await meaning('D-2')).toMatch(/^not counted/);
  });

  test('has two snippets of JavaScript, one of them for supabase-js', () => {
    expect(SUPABASE).toContain('supabase.rpc');
    expect(OTHERS).toEqual([]);
  });

  test('draws the changes of status that the model of the queue allows, and no others', () => {
    const cells = (cell: string) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
    const drawn = reference.table('States of an entry').flatMap(([from = '', to = '', by = '']) =>
      cells(by)
        .flatMap((name) => ACTS[name] ?? [])
        .flatMap((act) =>
          cells(from).flatMap((old) => cells(to).map((status) => `${act}: ${old} -> ${status}`)),
        ),
    );
    expect(drawn.toSorted()).toEqual([...edges].toSorted());
  });

  test('lists every function with its arguments', () => {
    const [functions = ''] = reference.text.split('\n## ');
    const rows = [...functions.matchAll(/^\| `(\w+)` \| (.*?) \| .* \|$/gm)];
    const listed = rows.map(([, name, args = '']) => [
      name,
      [...args.replace(/\([^)]*\)/g, '').matchAll(/`(\w+)`/g)].map(([, argument]) => argument),
    ]);
    const there = Object.entries(FUNCTIONS).map(([name, args]) => [name, Object.keys(args)]);
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(there));
  });

  test('lists every error code of Google, with its outcome and its fault', () => {
    const source = readFileSync(
      new URL('../../src/queue/google-ads-outcome.ts', import.meta.url),
      'utf8',
    );
    const known = [...source.matchAll(/'([A-Z][A-Z\d_]+)'/g)].map(([, code]) => code);
    const listed = reference
      .table('Outcomes by error code')
      .flatMap(([outcome = '', fault = '', , codes = '']) =>
        [...codes.matchAll(/`(\w+)`/g)].map(([, code = '']) => [code, outcome, fault]),
      );
    expect(listed.map(([code]) => code).sort()).toEqual(known.sort());
    for (const [code = '', outcome, fault] of listed) {
      const about = googleAdsFault(code);
      expect([code, outcome, fault]).toEqual([
        code,
        `\`${googleAdsOutcome(code)}\``,
        about === undefined ? 'none' : `\`${about}\``,
      ]);
    }
  });
});
