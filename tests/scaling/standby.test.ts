import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  fixAccess,
  migrationStatus,
  planMigrations,
  runMigrations,
  verifySchema,
} from '../../src/index.ts';
import { trackingQueue } from '../../src/queue/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { withClient } from '../support/database.ts';
import { needPsql } from '../support/tools.ts';
import { query, runSql, snippetsOf } from './guide.ts';
import { newPair, waysToAStandby } from './standby.ts';

await needPsql();

const [, WATCHING, ...OTHERS] = snippetsOf('Read replicas');

describe.each(await waysToAStandby())('a standby of PostgreSQL $major, made $how', (way) => {
  let [primary, standby] = ['', ''];
  beforeAll(async () => {
    if (way.missing) return;
    const pair = await newPair(way, (databaseUrl) => runMigrations({ databaseUrl }));
    [primary, standby] = [pair.primary.url, pair.standby.url];
  });

  beforeEach((context) => {
    if (way.missing) context.skip(way.missing);
  });

  /** Until the standby has replayed what the primary has written by now. */
  async function replayed(): Promise<void> {
    const [row] = await query<{ at: string }>(primary, 'SELECT pg_current_wal_lsn() AS at');
    const done = `SELECT pg_last_wal_replay_lsn() >= '${row?.at}' AS done`;
    await expect.poll(() => query(standby, done), { timeout: 20_000 }).toEqual([{ done: true }]);
  }

  test('serves calls that only read', async () => {
    await query(primary, "SELECT upsert_visitor('a visitor')");
    await replayed();
    const databaseUrl = standby;
    const { alreadyApplied } = await runMigrations({ databaseUrl });
    expect(alreadyApplied).toHaveLength(migrations.length);
    expect((await migrationStatus({ databaseUrl })).verdict).toBe('ready');
    expect((await planMigrations({ databaseUrl })).statements).toEqual([]);
    expect(await verifySchema({ databaseUrl })).toMatchObject({ ok: true, findings: [] });
    expect((await fixAccess({ databaseUrl })).fixed).toEqual([]);
    await withClient(standby, async (client) => {
      const health = await trackingQueue(client).conversionQueueHealth({ platform: 'google_ads' });
      expect(health).toHaveLength(4);
    });
    expect(await query(standby, 'SELECT visitor_id FROM visitors')).toEqual([
      { visitor_id: 'a visitor' },
    ]);
  });

  test('refuses whatever writes, with a typed error', async () => {
    await withClient(standby, async (client) => {
      const queue = trackingQueue(client);
      const id = '00000000-0000-0000-0000-000000000000';
      const calls = [
        () => queue.recordConversion({ lead_id: id, conversion_type: 'closed', crm_deal_id: 'D' }),
        () => queue.claimConversions(),
        () => queue.completeConversions({ ids: [id] }),
        () => queue.failConversions({ ids: [id], error: 'none', lease_id: id }),
        () => queue.requeueDeadLetters(),
        () => queue.upsertVisitor({ visitor_id: 'another' }),
        () => queue.recordEvents([{ event_name: 'page_view' }]),
        () => queue.purgeTrackingData({ older_than: '1 day' }),
      ];
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject({ code: 'READ_ONLY', sqlState: '25006' });
      }
    });
  });

  test('says what is pending until it has replayed it, and that it cannot be done there', async () => {
    const databaseUrl = standby;
    await runMigrations({ databaseUrl: primary, direction: 'down', count: 1 });
    await query(primary, 'GRANT SELECT ON visitors TO PUBLIC');
    await replayed();
    expect((await migrationStatus({ databaseUrl })).verdict).toBe('pending');
    const refused = { code: 'PREFLIGHT_FAILED', failures: [{ code: 'SERVER_IS_STANDBY' }] };
    await expect(runMigrations({ databaseUrl })).rejects.toMatchObject(refused);
    await expect(fixAccess({ databaseUrl })).rejects.toMatchObject(refused);
    await runMigrations({ databaseUrl: primary });
    await fixAccess({ databaseUrl: primary });
    await replayed();
    expect((await migrationStatus({ databaseUrl })).verdict).toBe('ready');
  });

  test('is watched by the queries of the guide', async () => {
    await replayed();
    expect(OTHERS).toEqual([]);
    const [lag, slots, , , behind] = await runSql(WATCHING, { primary, standby });
    expect(lag).toMatchObject([{ application_name: 'standby_1', sync_state: 'async' }]);
    expect(slots).toMatchObject([{ slot_name: 'standby_1', active: true, wal_status: 'reserved' }]);
    expect(behind).toEqual([{ behind: expect.anything() }]);
    expect(await query(primary, 'SHOW max_slot_wal_keep_size')).toEqual([
      { max_slot_wal_keep_size: '20GB' },
    ]);
  });

  test('cancels a read that conflicts with the replay, with an error that is retryable', async () => {
    await query(standby, "ALTER SYSTEM SET max_standby_streaming_delay = '0'");
    await query(standby, 'SELECT pg_reload_conf()');
    await expect
      .poll(() => query(standby, 'SHOW max_standby_streaming_delay'), { timeout: 20_000 })
      .toEqual([{ max_standby_streaming_delay: '0' }]);
    // So many words in a body that reading the catalogue takes its time.
    const words = 'word '.repeat(2_000_000);
    await query(
      primary,
      `CREATE FUNCTION long() RETURNS void LANGUAGE plpgsql AS 'BEGIN /* ${words} */ END'`,
    );
    await query(primary, 'CREATE TABLE passing ()');
    await replayed();
    let ended = false;
    const verifying = verifySchema({ databaseUrl: standby })
      .catch((error: unknown) => error)
      .finally(() => {
        ended = true;
      });
    const running = `SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE state = 'active' AND query LIKE 'SET TRANSACTION READ ONLY%' AND pid <> pg_backend_pid()`;
    await expect.poll(() => query(standby, running), { timeout: 20_000 }).toEqual([{ n: 1 }]);
    while (!ended) {
      await query(primary, 'INSERT INTO passing DEFAULT VALUES');
      await query(primary, 'DELETE FROM passing');
      await query(primary, 'VACUUM passing');
    }
    expect(await verifying).toMatchObject({
      code: 'STATEMENT_TIMEOUT',
      sqlState: '40001',
      retryable: true,
    });
  });
});
