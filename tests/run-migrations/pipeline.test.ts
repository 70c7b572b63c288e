import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { withConnection } from '../../src/db/connection.ts';
import { Deadline } from '../../src/db/deadline.ts';
import { planMigrations, runMigrations } from '../../src/index.ts';
import { StatementPipeline } from '../../src/migrate/statement-pipeline.ts';
import { resolveOptions } from '../../src/settings.ts';
import { createDatabase } from '../support/database.ts';

/** A connected client that counts the statements that are under way at once. */
async function countingClient(
  config: pg.ClientConfig,
): Promise<{ client: pg.Client; most: number }> {
  const client = new pg.Client(config);
  await client.connect();
  onTestFinished(() => client.end());
  const counted = { client, most: 0 };
  let underWay = 0;
  const query = client.query.bind(client) as (sql: string) => Promise<pg.QueryResult>;
  Object.assign(client, {
    query: async (sql: string) => {
      underWay += 1;
      counted.most = Math.max(counted.most, underWay);
      try {
        return await query(sql);
      } finally {
        underWay -= 1;
      }
    },
  });
  return counted;
}

test('a client with a pipeline is sent all statements of a migration at once, another one by one', async () => {
  const most = async (config: pg.ClientConfig) => {
    const { url } = await createDatabase();
    const counted = await countingClient({ connectionString: url, ...config });
    await runMigrations({ dbClient: counted.client });
    return counted.most;
  };
  const { statements } = await planMigrations({ databaseUrl: (await createDatabase()).url });
  const ofTables = statements.filter(({ migration }) => migration?.endsWith('_create-conversions'));
  expect(ofTables.length).toBeGreaterThan(5);
  expect(await most({ pipeline: true })).toBeGreaterThanOrEqual(ofTables.length);
  expect(await most({})).toBe(1);
  // It would run from where a statement is sent, and be over before those ahead of it are.
  expect(await most({ pipeline: true, query_timeout: 60_000 })).toBe(1);
});

test.each([{ pipeline: true }, { pipeline: false }])(
  'a failure names its own statement and migration, with %o',
  async ({ pipeline }) => {
    const db = await createDatabase();
    // Nothing that the preflight looks at: the third of four steps fails.
    await db.query(`
      CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity LIKE '%idx_queue_platform') THEN
          RAISE EXCEPTION 'no more indexes' USING ERRCODE = 'UA001';
        END IF;
      END $$;
      CREATE EVENT TRIGGER refuse ON ddl_command_end EXECUTE FUNCTION refuse()`);
    const client = new pg.Client({ connectionString: db.url, pipeline });
    await client.connect();
    onTestFinished(() => client.end());
    const events: string[] = [];
    const failed = runMigrations({
      dbClient: client,
      onEvent: (event) => {
        if (event.type === 'applying' || event.type === 'applied') {
          events.push(`${event.type} ${event.name.slice(18)}`);
        }
      },
    });
    await expect(failed).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      sqlState: 'UA001',
      migration: '20261128100300000_create-conversion-queue',
      statement: expect.stringMatching(/^CREATE INDEX "idx_queue_platform"/),
    });
    expect(events).toEqual([
      'applying require-leads',
      'applied require-leads',
      'applying create-visitors',
      'applied create-visitors',
      'applying create-conversions',
      'applied create-conversions',
      'applying create-conversion-queue',
    ]);
    expect(await db.query(`SELECT FROM pg_tables WHERE tablename = 'visitors'`)).toEqual([]);
  },
);

test.each([{ pipeline: true }, { pipeline: false }])(
  'nothing that was to be sent gets behind a rollback, with %o',
  async ({ pipeline }) => {
    const db = await createDatabase();
    const settings = resolveOptions({ databaseUrl: { connectionString: db.url, pipeline } });
    const deadline = new Deadline(settings);
    await withConnection(settings, deadline, async (connection) => {
      const statements = new StatementPipeline({ connection, deadline });
      await connection.query('BEGIN');
      statements.send('SELECT pg_sleep(0.1)');
      statements.send('CREATE TABLE late ()');
      await new Promise((resolve) => setTimeout(resolve, 20));
      statements.stop();
      await connection.query('ROLLBACK');
      await statements.settle().catch(() => {});
    });
    expect(await db.query("SELECT FROM pg_tables WHERE tablename = 'late'")).toEqual([]);
  },
);

test('a client without a pipeline is sent no more once the run is aborted', async () => {
  const db = await createDatabase();
  const counted = await countingClient({ connectionString: db.url });
  const controller = new AbortController();
  let sent = 0;
  let sentBefore = 0;
  const query = counted.client.query.bind(counted.client) as (sql: string) => Promise<unknown>;
  Object.assign(counted.client, {
    query: (sql: string) => {
      sent += 1;
      return query(sql);
    },
  });
  const aborted = runMigrations({
    dbClient: counted.client,
    signal: controller.signal,
    onEvent: (event) => {
      if (event.type !== 'applied' || !event.name.endsWith('_create-visitors')) return;
      sentBefore = sent;
      controller.abort();
    },
  });
  await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
  // The rollback, and nothing else.
  expect(sent - sentBefore).toBe(1);
  expect(await db.query("SELECT FROM pg_tables WHERE tablename = 'visitors'")).toEqual([]);
});
