import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import { migrationStatus, runMigrations, verifySchema } from '../../src/index.ts';
import { googleAdsOutcome, trackingQueue } from '../../src/queue/index.ts';
import { withClient } from '../support/database.ts';
import { needPsql } from '../support/tools.ts';
import { query, shell, snippetsOf } from './guide.ts';
import { newPair, waysToAStandby } from './standby.ts';

await needPsql();

const [PROMOTE, ...OTHERS] = snippetsOf('Failover');

/** Stands for Google: takes a conversion once, and knows it by its transaction id. */
class Platform {
  readonly taken: string[] = [];
  readonly knew: string[] = [];

  /** @returns an error code, if it does not take it */
  upload(transactionId: string): string | undefined {
    const known = this.taken.includes(transactionId);
    (known ? this.knew : this.taken).push(transactionId);
    return known ? 'DUPLICATE_TRANSACTION_ID' : undefined;
  }
}

const DEALS = ['answered', 'unanswered', 'waiting'];

const key = (deal: string) => `${deal}:closed`;

describe.each(await waysToAStandby())('a standby of PostgreSQL $major, made $how', (way) => {
  test('is promoted: the queue goes on, and what was uploaded counts once', async (context) => {
    if (way.missing) context.skip(way.missing);
    const { primary, standby, variables } = await newPair(way, async (databaseUrl) => {
      await runMigrations({ databaseUrl });
      await query(databaseUrl, 'INSERT INTO leads DEFAULT VALUES');
    });
    expect(OTHERS).toEqual([]);
    const names = 'ANY 1 (standby_1, standby_2)';
    await query(primary.url, `ALTER SYSTEM SET synchronous_standby_names = '${names}'`);
    await query(primary.url, 'SELECT pg_reload_conf()');
    await expect
      .poll(() => query(primary.url, 'SELECT sync_state FROM pg_stat_replication'), {
        timeout: 20_000,
      })
      .toEqual([{ sync_state: 'quorum' }]);
    const platform = new Platform();

    await withClient(primary.url, async (client) => {
      await client.query('SET synchronous_commit = remote_apply');
      for (const [index, deal] of DEALS.entries()) {
        await record(client, deal);
        const shown = await query(standby.url, 'SELECT FROM conversions');
        expect(shown).toHaveLength(index + 1);
      }
      for (const _ of ['answered', 'unanswered']) {
        const [entry] = await trackingQueue(client).claimConversions({ limit: 1 });
        expect(platform.upload(entry?.idempotency_key ?? '')).toBeUndefined();
      }
      const taken =
        'SELECT id FROM conversion_queue WHERE leased_until > now() ORDER BY created_at';
      const [answered, unanswered] = (await client.query<{ id: string }>(taken)).rows;
      const answer = (entry: typeof answered) =>
        trackingQueue(client).completeConversions({ ids: [entry?.id ?? ''] });
      await answer(answered);

      // What is said to be committed and reaches no standby: lost with the primary.
      await standby.sh(`pg_ctl --pgdata='${standby.dataFolder}' stop`);
      await client.query('SET synchronous_commit = local');
      await answer(unanswered);
      await record(client, 'lost');
    });
    await primary.sh(`pg_ctl --pgdata='${primary.dataFolder}' stop --mode=immediate`);
    await standby.sh(
      `pg_ctl --pgdata='${standby.dataFolder}' --log='${standby.dataFolder}/log' start`,
    );
    await standby.sh(shell(PROMOTE).get('') ?? '', variables);

    const databaseUrl = standby.url;
    expect((await runMigrations({ databaseUrl })).ran).toEqual([]);
    expect((await migrationStatus({ databaseUrl })).verdict).toBe('ready');
    expect((await verifySchema({ databaseUrl })).ok).toBe(true);
    await withClient(databaseUrl, async (client) => {
      expect(await uploadDue(client, platform)).toEqual([key('waiting')]);
      await client.query('UPDATE conversion_queue SET leased_until = now()'); // the lease expires
      expect(await uploadDue(client, platform)).toEqual([key('unanswered')]);
      expect(await uploadDue(client, platform)).toEqual([]);
      const { rows } = await client.query(
        'SELECT c.crm_deal_id, q.status FROM conversions c JOIN conversion_queue q ON q.conversion_id = c.id ORDER BY 1',
      );
      expect(rows).toEqual(DEALS.map((crm_deal_id) => ({ crm_deal_id, status: 'uploaded' })));
    });
    expect(platform.taken.toSorted()).toEqual(DEALS.map(key));
    expect(platform.knew).toEqual([key('unanswered')]);
  });
});

async function record(client: pg.Client, deal: string): Promise<void> {
  const { rows } = await client.query<{ id: string }>('SELECT id FROM leads');
  await trackingQueue(client).recordConversion({
    lead_id: rows[0]?.id ?? '',
    conversion_type: 'closed',
    crm_deal_id: deal,
  });
}

/** Uploads what is due, once, and returns the transaction ids. */
async function uploadDue(client: pg.Client, platform: Platform): Promise<string[]> {
  const queue = trackingQueue(client);
  const entries = await queue.claimConversions();
  for (const { id, idempotency_key } of entries) {
    const code = platform.upload(idempotency_key);
    expect(code === undefined ? 'complete' : googleAdsOutcome(code)).toBe('complete');
    await queue.completeConversions({ ids: [id] });
  }
  return entries.map(({ idempotency_key }) => idempotency_key);
}
