import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { drizzleQueryable } from '../../src/drizzle/index.ts';
import { trackingQueue } from '../../src/queue/index.ts';
import { emptyQueueDatabase } from '../support/queue.ts';

const CONVERSION = { conversion_type: 'closed', crm_deal_id: 'D-9' } as const;

/** Another client's queue on an empty one with `count` entries that are due. */
async function queueWith(dateStyle: string, count: number, through: 'pg' | 'Drizzle') {
  const given = await emptyQueueDatabase();
  await given.record(count);
  const pool = new pg.Pool({
    connectionString: given.db.url,
    options: `-c datestyle=${dateStyle.replaceAll(' ', '\\ ')}`,
  });
  onTestFinished(() => pool.end());
  return {
    ...given,
    queue: trackingQueue(through === 'pg' ? pool : drizzleQueryable(drizzle(pool))),
  };
}

describe.each(['pg', 'Drizzle'] as const)('with %s', (through) => {
  test.each(['German', 'SQL, DMY', 'Postgres, MDY'])(
    'fails with DATE_STYLE instead of returning null for a time: %s',
    async (dateStyle) => {
      const { queue, lead, entries } = await queueWith(dateStyle, 2, through);
      const refused = async (call: Promise<unknown>) =>
        expect(call).rejects.toMatchObject({
          code: 'DATE_STYLE',
          hint: expect.stringMatching(/SET datestyle = 'ISO'/),
        });
      await refused(queue.conversionQueueHealth());
      await refused(queue.claimConversions());
      const [{ id, lease_id } = { id: '', lease_id: '' }] = await entries();
      await refused(
        queue.failConversions({ ids: [id], lease_id: lease_id ?? '', error: 'unavailable' }),
      );
      await refused(queue.upsertVisitor({ visitor_id: 'v' }));
      await refused(queue.recordConversion({ ...CONVERSION, lead_id: lead }));
    },
  );

  test('returns times with ISO, DMY', async () => {
    const { queue } = await queueWith('ISO, DMY', 1, through);
    expect((await queue.conversionQueueHealth())[0]?.oldest_due).toBeInstanceOf(Date);
    const [entry] = await queue.claimConversions();
    expect(entry?.leased_until.getTime()).toBeGreaterThan(Date.now());
    const { id = '', lease_id = '' } = entry ?? {};
    const [failed] = await queue.failConversions({ ids: [id], lease_id, error: 'unavailable' });
    expect(failed?.next_retry_at).toBeInstanceOf(Date);
  });
});
