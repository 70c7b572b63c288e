import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { trackingQueue } from '../../src/queue/index.ts';
import { onServer } from '../support/database.ts';
import { emptyQueueDatabase } from '../support/queue.ts';

test.each(['German', 'SQL, DMY', 'Postgres, MDY'])(
  'returns times as Date with the DateStyle %s',
  async (style) => {
    const { db, lead } = await emptyQueueDatabase();
    await onServer(`ALTER DATABASE ${db.name} SET datestyle = '${style}';
    ALTER DATABASE ${db.name} SET timezone = 'Asia/Kolkata'`);
    const pool = new pg.Pool({ connectionString: db.url });
    onTestFinished(() => pool.end());
    const queue = trackingQueue(pool);
    const at = new Date('2026-03-02T01:04:05.678Z');
    const recorded = await queue.recordConversion({
      lead_id: lead,
      conversion_type: 'closed',
      crm_deal_id: 'D-1',
      converted_at: at,
      platforms: ['google_ads'],
    });
    expect(recorded.converted_at).toEqual(at);
    expect(recorded.created_at).toBeInstanceOf(Date);
    const [health] = await queue.conversionQueueHealth();
    expect(health).toMatchObject({ status: 'pending', oldest_due: expect.any(Date) });
    const [claimed] = await queue.claimConversions({ lease: '5 minutes' });
    expect(claimed?.leased_until.getTime()).toBeGreaterThan(Date.now());
    expect(claimed?.converted_at).toEqual(at);
    const [failed] = await queue.failConversions({
      ids: [claimed?.id ?? ''],
      lease_id: claimed?.lease_id ?? '',
      error: 'busy',
      retry_at: new Date('2100-03-02T01:04:05.678Z'),
    });
    expect(failed?.next_retry_at).toEqual(new Date('2100-03-02T01:04:05.678Z'));
    const [completed] = await queue.completeConversions({ ids: [claimed?.id ?? ''] });
    expect(completed?.next_retry_at).toBe(null);
    const visitor = await queue.upsertVisitor({ visitor_id: 'v', seen_at: at });
    expect(visitor).toMatchObject({ first_seen_at: at, last_seen_at: at });
    expect(visitor.created_at).toBeInstanceOf(Date);
  },
);
