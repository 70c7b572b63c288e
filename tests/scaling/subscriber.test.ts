import { beforeAll, describe, expect, test } from 'vitest';
import { runMigrations, verifySchema } from '../../src/index.ts';
import { trackingQueue } from '../../src/queue/index.ts';
import { install, type Project } from '../package/installed.ts';
import { withClient } from '../support/database.ts';
import { type Machine, newMachine } from '../support/machine.ts';
import { majorOfOwnServer } from '../support/major.ts';
import { run } from '../support/process.ts';
import { needPsql } from '../support/tools.ts';
import { query, runSql, shell, snippetsOf } from './guide.ts';

await needPsql();

const [PUBLISH, SUBSCRIBE, END, ...OTHERS] = snippetsOf('Events elsewhere');

const major = majorOfOwnServer();

/** From 16 on, a role that is no superuser may have a subscription. */
const ownerIsOrdinary = major >= 16;

describe.skipIf(major < 15)('a subscriber (15 brought row filters and column lists)', () => {
  let primary: Machine;
  let subscriber: Machine;
  let project: Project;
  let subscriberUrl: string;
  let variables: Record<string, string>;

  beforeAll(async () => {
    project = await install('pg');
    primary = await newMachine(major);
    await primary.initialise("wal_level = 'logical'");
    subscriber = await newMachine(major);
    await subscriber.initialise();
    subscriberUrl = ownerIsOrdinary ? subscriber.urlAs('archivist') : subscriber.url;
    variables = {
      SUBSCRIBER_URL: subscriberUrl,
      REPLICATION_URL: primary.urlAs('replicator'),
    };
    await runMigrations({ databaseUrl: primary.url });
    if (ownerIsOrdinary) {
      await query(
        subscriber.url,
        `CREATE ROLE archivist LOGIN PASSWORD 'change me' IN ROLE pg_create_subscription;
         GRANT CREATE ON DATABASE postgres TO archivist; GRANT CREATE ON SCHEMA public TO archivist`,
      );
    }
    await visit('early', 'page_view');
    await runSql(PUBLISH, { primary: primary.url });
    await project
      .run('bash', ['-euc', shell(SUBSCRIBE).get('') ?? ''], variables)
      .then(({ code, stderr }) => {
        expect([code, stderr]).toEqual([0, expect.not.stringMatching(/error/i)]);
      });
  });

  /** A visitor of the primary, and what it does. */
  async function visit(visitor_id: string, ...events: readonly string[]): Promise<void> {
    await withClient(primary.url, async (client) => {
      const queue = trackingQueue(client);
      await queue.upsertVisitor({ visitor_id, gclid: `click of ${visitor_id}`, ip_hash: 'hash' });
      await queue.recordEvents(
        events.map((event_name) => ({ event_name, visitor_id, created_at: '2026-06-01' })),
      );
    });
  }

  const events = (url: string) =>
    query(
      url,
      `SELECT e.event_name, v.visitor_id FROM tracking_events e LEFT JOIN visitors v ON v.id = e.visitor_id ORDER BY 1, 2`,
    );

  /** Until the subscriber has it. */
  const eventually = (url: string, sql: string) =>
    expect.poll(() => query(url, sql), { timeout: 20_000 });

  test('gets what is there and what comes, without what is left out', async () => {
    await visit('late', 'form_start', 'scroll');
    await visit('late', 'generate_lead');
    await expect
      .poll(() => events(subscriberUrl), { timeout: 20_000 })
      .toEqual([
        { event_name: 'form_start', visitor_id: 'late' },
        { event_name: 'generate_lead', visitor_id: 'late' },
        { event_name: 'page_view', visitor_id: 'early' },
      ]);
    const visitors =
      'SELECT visitor_id, gclid, ip_hash, last_seen_at FROM visitors ORDER BY first_seen_at';
    const there = await query<object>(primary.url, visitors);
    await eventually(subscriberUrl, visitors).toEqual(
      there.map((visitor) => ({ ...visitor, ip_hash: null })),
    );
  });

  test('keeps what is purged at the primary, and is purged by itself', async () => {
    await query(primary.url, "UPDATE visitors SET last_seen_at = now() - interval '2 years'");
    await query(primary.url, "UPDATE tracking_events SET created_at = now() - interval '2 years'");
    const [purged] = await query(primary.url, "SELECT * FROM purge_tracking_data('13 months')");
    expect(purged).toEqual({
      deleted_events: 4,
      deleted_visitors: 2,
      deleted_requests: 0,
      done: true,
    });
    await visit('new', 'page_view');
    await eventually(
      subscriberUrl,
      "SELECT event_name FROM tracking_events e JOIN visitors v ON v.id = e.visitor_id WHERE v.visitor_id = 'new'",
    ).toEqual([{ event_name: 'page_view' }]);
    expect(await events(subscriberUrl)).toHaveLength(4);
    await query(subscriberUrl, "UPDATE visitors SET last_seen_at = now() - interval '2 days'");
    const [ended] = await query(
      subscriberUrl,
      "SELECT * FROM purge_tracking_data(interval '1 day')",
    );
    expect(ended).toEqual({
      deleted_events: 4,
      deleted_visitors: 3,
      deleted_requests: 0,
      done: true,
    });
  });

  test('takes an event whose visitor it does not have', async () => {
    await visit('new', 'form_start');
    await eventually(subscriberUrl, 'SELECT event_name, visitor_id FROM tracking_events').toEqual([
      { event_name: 'form_start', visitor_id: expect.any(String) },
    ]);
    expect(await query(subscriberUrl, 'SELECT FROM visitors')).toEqual([]);
  });

  test('is right on both sides, and a direct grant is not', async () => {
    const found = async (databaseUrl: string) =>
      (await verifySchema({ databaseUrl })).findings.map(({ code }) => code);
    expect([await found(primary.url), await found(subscriberUrl)]).toEqual([[], []]);
    await query(primary.url, 'GRANT SELECT ON visitors TO replicator');
    expect(await found(primary.url)).toEqual(['EXCESS_PRIVILEGE']);
    await query(primary.url, 'REVOKE SELECT ON visitors FROM replicator');
  });

  test('would begin empty where the role does not bypass row level security', async () => {
    const copy = async (options: string) =>
      run('psql', [`${variables.REPLICATION_URL}${options}`, '-c', 'COPY visitors TO STDOUT'], {
        cwd: '/',
      });
    expect((await copy('')).stdout).toMatch(/click of new/);
    await query(primary.url, 'ALTER ROLE replicator NOBYPASSRLS');
    expect(await copy('')).toMatchObject({ code: 0, stdout: '' });
    expect((await copy('?options=-crow_security%3Doff')).stderr).toMatch(/row-level security/);
    await query(primary.url, 'ALTER ROLE replicator BYPASSRLS');
  });

  test('stops at a column that it lacks, and goes on when it has it', async () => {
    await query(primary.url, 'ALTER TABLE tracking_events ADD COLUMN note text');
    await visit('new', 'after the upgrade');
    await eventually(
      subscriber.url,
      "SELECT apply_error_count > 0 AS stopped FROM pg_stat_subscription_stats WHERE subname = 'history'",
    ).toEqual([{ stopped: true }]);
    await query(subscriberUrl, 'ALTER TABLE tracking_events ADD COLUMN note text');
    await eventually(
      subscriberUrl,
      "SELECT event_name FROM tracking_events WHERE event_name = 'after the upgrade'",
    ).toHaveLength(1);
  });

  test('may be a table of its own making, in partitions', async () => {
    await query(primary.url, 'ALTER TABLE tracking_events DROP COLUMN note');
    await query(subscriber.url, 'CREATE DATABASE archive');
    const archive = subscriber.url.replace(/postgres$/, 'archive');
    await query(
      archive,
      `CREATE TABLE tracking_events (id uuid, visitor_id uuid, event_name text, event_id text, params jsonb,
         page_url text, created_at timestamptz) PARTITION BY RANGE (created_at);
       CREATE TABLE tracking_events_2026 PARTITION OF tracking_events
         FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`,
    );
    await query(
      archive,
      `CREATE SUBSCRIPTION archive CONNECTION '${variables.REPLICATION_URL}' PUBLICATION event_history`,
    );
    await visit('new', 'purchase');
    await eventually(archive, 'SELECT event_name FROM tracking_events_2026 ORDER BY 1').toEqual(
      ['after the upgrade', 'form_start', 'page_view', 'purchase'].map((event_name) => ({
        event_name,
      })),
    );
    await query(archive, 'DROP SUBSCRIPTION archive');
  });

  test('is watched and ended by the queries of the guide', async () => {
    expect(OTHERS).toEqual([]);
    const urls = { primary: primary.url, subscriber: subscriberUrl };
    const [tables, workers] = await runSql(END, urls);
    expect(tables).toHaveLength(2);
    expect(tables).toEqual(
      expect.arrayContaining([
        { srrelid: 'tracking_events', srsubstate: 'r' },
        { srrelid: 'visitors', srsubstate: 'r' },
      ]),
    );
    expect(workers).toEqual([{ subname: 'history', latest_end_time: expect.any(Date) }]);
    for (const left of ['pg_publication', 'pg_replication_slots']) {
      expect([left, await query(primary.url, `SELECT FROM ${left}`)]).toEqual([left, []]);
    }
  });
});
