import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { FUNCTIONS, REQUIRED } from '../../src/queue/functions.ts';
import { trackingQueue } from '../../src/queue/index.ts';
import {
  createDatabase,
  createMigratedDatabase,
  createRole,
  type TestDatabase,
  withClient,
} from '../support/database.ts';
import { emptyQueueDatabase } from '../support/queue.ts';

test('the functions of the schema are those that the module calls, with the same arguments', async () => {
  const { db } = await emptyQueueDatabase();
  const rows = await db.query<{
    name: string;
    args: Record<string, string>;
    required: number;
  }>(
    `SELECT p.proname AS name, p.pronargs - p.pronargdefaults AS required, (
        SELECT json_object_agg(a.name, replace(format_type(a.type, NULL), 'timestamp with time zone', 'timestamptz') ORDER BY a.place)
          FROM unnest(p.proargnames, coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes)
            WITH ORDINALITY a (name, type, mode, place)
         WHERE a.type IS NOT NULL AND coalesce(a.mode, 'i') IN ('i', 'b')) AS args
       FROM pg_proc p
      WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype <> 'trigger'::regtype`,
  );
  expect(Object.fromEntries(rows.map(({ name, args }) => [name, args]))).toEqual(FUNCTIONS);
  for (const { name, args, required } of rows) {
    expect(REQUIRED[name as keyof typeof REQUIRED]).toEqual(Object.keys(args).slice(0, required));
  }
});

test('an argument that cannot be left out is asked for before anything is sent', async () => {
  const queue = trackingQueue({ query: () => Promise.reject(new Error('not asked')) });
  const none = {} as never;
  for (const [call, name] of [
    [() => queue.recordConversion(none), 'lead_id'],
    [() => queue.completeConversions(none), 'ids'],
    [() => queue.completeAndClaim(none), 'ids'],
    [() => queue.failConversions({ lease_id: 'x' } as never), 'ids'],
    [() => queue.upsertVisitor(none), 'visitor_id'],
    [() => queue.purgeTrackingData(none), 'older_than'],
    [() => queue.recordEvents(undefined as never), 'events'],
  ] as const) {
    await expect(call()).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`${name} is missing`),
    });
  }
});

test('fails with INVALID_ARGUMENT for a value that the server cannot parse', async () => {
  const { queue } = await emptyQueueDatabase();
  for (const call of [
    () => queue.claimConversions({ lease: '99999999999 days' }),
    () => queue.upsertVisitor({ visitor_id: 'v', seen_at: 'soon' }),
    () => queue.recordEvents([{ event_name: 'a', created_at: 'soon' }]),
    () => queue.completeConversions({ ids: ['7'] }),
  ]) {
    await expect(call()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  }
});

test('every function runs with the rights of its caller, and finds only what it names', async () => {
  const { db } = await emptyQueueDatabase();
  const rows = await db.query<{ name: string }>(
    `SELECT p.proname AS name FROM pg_proc p
      WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype <> 'trigger'::regtype
        AND (p.prosecdef OR NOT 'search_path=pg_catalog, pg_temp' = ANY (p.proconfig) OR obj_description(p.oid, 'pg_proc') IS NULL
             OR has_function_privilege('public', p.oid, 'EXECUTE'))`,
  );
  expect(rows).toEqual([]);
});

test('calls the functions of another schema by its name or through the search path', async () => {
  const db = await createDatabase();
  const schema = 'host -s $body$';
  await runMigrations({ databaseUrl: db.url, schema, createSchema: true });
  await withClient(db.url, async (client) => {
    const named = trackingQueue(client, { schema });
    const { rows } = await client.query(
      `INSERT INTO "${schema}".leads DEFAULT VALUES RETURNING id`,
    );
    const lead_id: string = rows[0].id;
    await named.upsertVisitor({ visitor_id: 'cookie', seen_at: '2026-01-01' });
    const event = { event_name: 'a', visitor_id: 'cookie', created_at: '2026-01-01' };
    expect(await named.recordEvents([event])).toBe(1);
    await named.recordConversion({
      lead_id,
      conversion_type: 'closed',
      crm_deal_id: 'D-1',
      visitor_id: 'cookie',
    });
    await expect(trackingQueue(client).claimConversions()).rejects.toMatchObject({
      code: 'FUNCTION_NOT_FOUND',
    });
    await client.query(`SET search_path = "${schema}"`);
    const found = trackingQueue(client);
    const [entry] = await found.claimConversions();
    const ids = [entry?.id ?? ''];
    expect(
      await found.failConversions({
        ids,
        lease_id: entry?.lease_id ?? '',
        error: 'x',
        permanent: true,
      }),
    ).toHaveLength(1);
    expect(await found.requeueDeadLetters()).toHaveLength(1);
    expect(await named.completeConversions({ ids })).toMatchObject([{ status: 'uploaded' }]);
    expect(await named.conversionQueueHealth()).toHaveLength(4);
    expect(await named.purgeTrackingData({ older_than: '1 day' })).toMatchObject({
      deleted_events: 1,
      deleted_visitors: 1,
      deleted_requests: 0,
    });
  });
});

test('a database without the functions is an error that says what to do', async () => {
  const db = await createDatabase();
  await withClient(db.url, async (client) => {
    for (const options of [{}, { schema: 'nowhere' }]) {
      await expect(trackingQueue(client, options).claimConversions()).rejects.toMatchObject({
        code: 'FUNCTION_NOT_FOUND',
        message: expect.stringMatching(/Call runMigrations\(\) first/),
      });
    }
  });
});

const queueOn = (db: TestDatabase) =>
  trackingQueue({ query: async (text, values) => ({ rows: await db.query(text, values) }) });

test('fails with TRIGGER_FAILED where a trigger does not find its table, and names the fix', async () => {
  const db = await createMigratedDatabase();
  const queue = queueOn(db);
  await db.query(`
    CREATE TABLE audit_log (tag text);
    CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO audit_log VALUES ('new');
      RETURN NEW;
    END $$;
    CREATE TRIGGER audit BEFORE INSERT ON visitors FOR EACH ROW EXECUTE FUNCTION audit()`);
  const error = await queue.upsertVisitor({ visitor_id: 'v' }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'TRIGGER_FAILED',
    sqlState: '42P01',
    message: expect.stringContaining(
      'upsert_visitor: a trigger or default of your own failed in the function public.audit(): relation "audit_log" does not exist.',
    ),
  });
  const [, fix = ''] = /Run: (ALTER .*)$/.exec((error as { hint: string }).hint) ?? [];
  await db.query(fix);
  expect(await queue.upsertVisitor({ visitor_id: 'v' })).toMatchObject({ is_new: true });
});

test("rethrows the error where a function of the package's own does not find its table", async () => {
  const db = await createMigratedDatabase();
  const queue = queueOn(db);
  await db.query('DROP TABLE tracking_events');
  await expect(
    queue.recordEvents([{ event_name: 'page_view' }]).catch((error) => error.code),
  ).resolves.toBe('42P01');
});

test('fails with PERMISSION_DENIED for a role without privileges', async () => {
  const { db } = await emptyQueueDatabase();
  const role = await createRole();
  await withClient(db.urlFor(role.name, role.password), async (client) => {
    await expect(trackingQueue(client).claimConversions()).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      sqlState: '42501',
    });
  });
});

test('fails with READ_ONLY in a read-only transaction, as on a standby, except for conversionQueueHealth', async () => {
  const { db, lead } = await emptyQueueDatabase();
  await withClient(db.url, async (client) => {
    await client.query('SET default_transaction_read_only = on');
    const queue = trackingQueue(client);
    const ids = [lead];
    const writing = {
      recordConversion: () =>
        queue.recordConversion({ lead_id: lead, conversion_type: 'closed', crm_deal_id: 'D-1' }),
      claimConversions: () => queue.claimConversions(),
      completeConversions: () => queue.completeConversions({ ids }),
      completeAndClaim: () => queue.completeAndClaim({ ids }),
      failConversions: () => queue.failConversions({ ids, error: 'none', lease_id: lead }),
      claimUploadRequests: () => queue.claimUploadRequests(),
      settleUploadRequest: () =>
        queue.settleUploadRequest({ platform: 'google_ads', request_id: 'R', status: 'failed' }),
      requeueDeadLetters: () => queue.requeueDeadLetters(),
      upsertVisitor: () => queue.upsertVisitor({ visitor_id: 'v' }),
      recordEvents: () => queue.recordEvents([{ event_name: 'page_view' }]),
      purgeTrackingData: () => queue.purgeTrackingData({ older_than: '1 day' }),
    };
    expect([...Object.keys(writing), 'conversionQueueHealth'].sort()).toEqual(
      Object.keys(queue).sort(),
    );
    for (const call of Object.values(writing)) {
      await expect(call()).rejects.toMatchObject({
        code: 'READ_ONLY',
        sqlState: '25006',
        message: expect.stringMatching(/Connect to the primary/),
      });
    }
    expect(await queue.conversionQueueHealth({ platform: 'google_ads' })).toHaveLength(4);
  });
});

test('rethrows other errors of the client unchanged', async () => {
  const error = new Error('The pool is closed.');
  const queue = trackingQueue({ query: () => Promise.reject(error) });
  await expect(queue.claimConversions()).rejects.toBe(error);
});

test('refuses an invalid schema name at once', () => {
  const query = () => Promise.reject(new Error('not asked'));
  expect(() => trackingQueue({ query }, { schema: '' })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', option: 'schema' }),
  );
});

test('sends values as parameters, and checks argument names before sending', async () => {
  const sent: [string, unknown[]][] = [];
  const queue = trackingQueue({
    query: async (text, values) => {
      sent.push([text, values]);
      return { rows: [] };
    },
  });
  await queue.claimConversions({ platform: "x'); DROP TABLE leads; --", limit: undefined });
  expect(sent).toEqual([
    [
      'SELECT * FROM claim_conversions("platform" => $1::pg_catalog.text)',
      ["x'); DROP TABLE leads; --"],
    ],
  ]);
  const bad = { 'platform" => 1); DROP TABLE leads; --': 1 };
  await expect(queue.claimConversions(bad as object)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
  });
  expect(sent).toHaveLength(1);
});

describe('prepared statements', () => {
  test('are kept by the connection, one for each function and set of arguments', async () => {
    const { db, record } = await emptyQueueDatabase();
    await record(2);
    await withClient(db.url, async (client) => {
      const queue = trackingQueue(client, { preparedStatements: true });
      for (let turn = 0; turn < 2; turn += 1) {
        const [entry] = await queue.claimConversions({ limit: 1 });
        const [answer] = await queue.completeConversions({ ids: [entry?.id ?? ''] });
        expect(answer).toMatchObject({ id: entry?.id, applied: true });
      }
      expect(await queue.claimConversions()).toEqual([]);
      const { rows } = await client.query<{ statement: string }>(
        'SELECT statement FROM pg_prepared_statements ORDER BY prepare_time',
      );
      expect(rows.map(({ statement }) => statement)).toEqual([
        'SELECT * FROM claim_conversions("limit" => $1::pg_catalog.int4)',
        'SELECT * FROM complete_conversions("ids" => $1::pg_catalog.uuid[])',
        'SELECT * FROM claim_conversions()',
      ]);
    });
  });

  test('have distinct names of less than 64 bytes', async () => {
    const names: string[] = [];
    const queue = trackingQueue(
      {
        query: async (statement: string | { name: string }) => {
          if (typeof statement !== 'string') names.push(statement.name);
          return { rows: [] };
        },
      },
      { preparedStatements: true, schema: 'of its own' },
    );
    await queue.conversionQueueHealth();
    await queue.conversionQueueHealth({ platform: 'google_ads' });
    await queue.conversionQueueHealth({ platform: 'another' });
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name.length).toBeLessThan(64);
  });

  test('are used by default on a pool, and not on a client or by another driver', async () => {
    const { db } = await emptyQueueDatabase();
    const PREPARED = 'SELECT FROM pg_prepared_statements';
    await withClient(db.url, async (client) => {
      await trackingQueue(client).claimConversions();
      expect((await client.query(PREPARED)).rowCount).toBe(0);
    });
    await withPool(db.url, async (pool) => {
      await trackingQueue(pool, { preparedStatements: false }).claimConversions();
      expect((await pool.query(PREPARED)).rowCount).toBe(0);
      await trackingQueue(pool).claimConversions();
      expect((await pool.query(PREPARED)).rowCount).toBe(1);
    });
  });

  test('are given up on a pool whose connection has lost them', async () => {
    const { db, record } = await emptyQueueDatabase();
    await record(1);
    await withPool(db.url, async (pool) => {
      const queue = trackingQueue(pool);
      await queue.conversionQueueHealth();
      await pool.query('DEALLOCATE ALL');
      expect(await queue.conversionQueueHealth()).toHaveLength(4);
      await queue.claimConversions();
      expect((await pool.query('SELECT FROM pg_prepared_statements')).rowCount).toBe(0);
    });
  });

  test('are given up when a migration has changed what a function returns', async () => {
    const { db } = await emptyQueueDatabase();
    await withPool(db.url, async (pool) => {
      const queue = trackingQueue(pool);
      await queue.requeueDeadLetters();
      await db.query('DROP FUNCTION requeue_dead_letters');
      await db.query(
        "CREATE FUNCTION requeue_dead_letters() RETURNS TABLE (id uuid, conversion_id uuid, platform text) LANGUAGE sql AS 'SELECT NULL::uuid, NULL::uuid, ''of the next version'''",
      );
      expect(await queue.requeueDeadLetters()).toMatchObject([{ platform: 'of the next version' }]);
    });
  });

  test('report what the server refuses for another reason', async () => {
    const { db } = await emptyQueueDatabase();
    await withPool(db.url, async (pool) => {
      const queue = trackingQueue(pool);
      await expect(queue.claimConversions({ limit: 0 })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
      await queue.claimConversions();
      expect((await pool.query('SELECT FROM pg_prepared_statements')).rowCount).toBe(1);
    });
  });
});

/** A pool of a single connection, so that all calls share its statements. */
async function withPool(url: string, work: (pool: pg.Pool) => Promise<void>): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  try {
    await work(pool);
  } finally {
    await pool.end();
  }
}
