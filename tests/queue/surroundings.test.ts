import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { runMigrations, verifySchema } from '../../src/index.ts';
import { FUNCTIONS } from '../../src/queue/functions.ts';
import { trackingQueue } from '../../src/queue/index.ts';
import { createDatabase, createMigratedDatabase, withClient } from '../support/database.ts';
import { emptyQueueDatabase, type QueueDatabase } from '../support/queue.ts';
import { untilSession, WAITS_FOR_LOCK } from '../support/sessions.ts';

const TABLES = ['visitors', 'conversions', 'conversion_queue', 'tracking_events'];

/** One conversion's way through every function, and a visitor's. */
async function useAll({ queue, lead }: QueueDatabase, deal: string): Promise<unknown[]> {
  const told: unknown[] = [];
  await queue.upsertVisitor({ visitor_id: deal, gclid: 'click' });
  told.push((await queue.upsertVisitor({ visitor_id: deal })).is_new);
  told.push(await queue.recordEvents([{ event_name: 'a', visitor_id: deal }]));
  const call = {
    lead_id: lead,
    conversion_type: 'closed',
    crm_deal_id: deal,
    visitor_id: deal,
  } as const;
  for (const platforms of [['google_ads'], ['google_ads', 'another']]) {
    const { is_new, gclid } = await queue.recordConversion({ ...call, platforms });
    told.push(is_new, gclid);
  }
  const [first] = await queue.claimConversions({ limit: 1 });
  const { id = '', lease_id = '' } = first ?? {};
  const answers = [
    ...(await queue.failConversions({ ids: [id], lease_id, error: 'busy' })),
    ...(await queue.failConversions({ ids: [id], lease_id, error: 'late' })),
    ...(await queue.completeConversions({ ids: [id] })),
  ];
  told.push(first?.crm_deal_id, ...answers.map(({ status, applied }) => `${status} ${applied}`));
  const [other] = await queue.claimConversions({ platform: 'another' });
  await queue.failConversions({
    ids: [other?.id ?? ''],
    lease_id: other?.lease_id ?? '',
    error: 'no',
    permanent: true,
  });
  told.push((await queue.requeueDeadLetters()).length);
  told.push((await queue.conversionQueueHealth()).map(({ entries }) => entries).join());
  told.push(await queue.purgeTrackingData({ older_than: '1 day' }));
  return told;
}

const TOLD = [
  false,
  1,
  true,
  'click',
  false,
  'click',
  'D-1',
  'failed true',
  'failed false',
  'uploaded true',
  1,
  '1,0,0,0,0,0,0,1',
  { deleted_events: 0, deleted_visitors: 0, deleted_requests: 0, done: true },
];

test("columns of the application's own that are called like a variable change nothing", async () => {
  const db = await createMigratedDatabase();
  const bodies = await db.query<{ body: string }>(
    "SELECT prosrc AS body FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
  );
  const variables = new Set([
    ...Object.values(FUNCTIONS).flatMap((args) => Object.keys(args)),
    ...bodies
      .flatMap(({ body }) => [
        ...(/DECLARE([\s\S]*?)BEGIN/.exec(body)?.[1] ?? '').matchAll(/^ {2}(\w+) /gm),
      ])
      .map(([, name = '']) => name),
    'applied',
    'is_new',
    'done',
  ]);
  expect(variables.size).toBeGreaterThan(50);
  for (const table of TABLES) {
    const own = await db.query<{ name: string }>(
      'SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0',
      [table],
    );
    for (const variable of variables) {
      if (own.some(({ name }) => name === variable)) continue;
      const column = pg.escapeIdentifier(variable);
      await db.query(`ALTER TABLE ${table} ADD COLUMN ${column} text DEFAULT 'host'`);
    }
  }
  const [row] = await db.query<{ id: string }>('INSERT INTO leads DEFAULT VALUES RETURNING id');
  await withClient(db.url, async (client) => {
    const one = { queue: trackingQueue(client), lead: row?.id ?? '' } as QueueDatabase;
    expect(await useAll(one, 'D-1')).toEqual(TOLD);
  });
});

describe('what a stranger leaves in the temporary schema of a session', () => {
  test.each(['text', 'uuid', 'timestamptz', 'jsonb', 'tid', 'regclass'])(
    'a type called %s is not used',
    async (type) => {
      const one = await emptyQueueDatabase();
      await withClient(one.db.url, async (client) => {
        await client.query(`
          CREATE FUNCTION pg_temp.spy() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''spied''; END';
          CREATE DOMAIN pg_temp."${type}" AS pg_catalog.text CHECK (pg_temp.spy())`);
        expect(await useAll({ ...one, queue: trackingQueue(client) }, 'D-1')).toEqual(TOLD);
      });
    },
  );

  test('tables called like those of the server hide no reference to a visitor', async () => {
    const { db } = await emptyQueueDatabase();
    await db.query(`
      CREATE SCHEMA host;
      CREATE TABLE host.orders (visitor uuid REFERENCES visitors ON DELETE CASCADE);
      INSERT INTO visitors (visitor_id, last_seen_at) VALUES ('old', '2020-01-01');
      INSERT INTO host.orders SELECT id FROM visitors`);
    await withClient(db.url, async (client) => {
      await client.query(
        'CREATE TEMP TABLE pg_constraint AS SELECT * FROM pg_catalog.pg_constraint WHERE false',
      );
      await client.query("SELECT purge_tracking_data('1 day')");
    });
    expect(await db.query('SELECT count(*)::int AS orders FROM host.orders')).toEqual([
      { orders: 1 },
    ]);
    await db.query('DROP SCHEMA host CASCADE');
  });
});

describe('under REPEATABLE READ', () => {
  test('of two calls that queue for one platform, one fails', async () => {
    const { db, queue, lead, entries } = await emptyQueueDatabase();
    await queue.recordConversion({
      lead_id: lead,
      conversion_type: 'closed',
      crm_deal_id: 'D-1',
      platforms: [],
    });
    const call = `SELECT record_conversion('${lead}', 'closed', 'D-1')`;
    await withClient(db.url, (one) =>
      withClient(db.url, async (other) => {
        for (const client of [one, other]) {
          await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
          await client.query('SELECT FROM conversions');
        }
        await one.query(call);
        await one.query('COMMIT');
        await expect(other.query(call)).rejects.toMatchObject({ code: '40001' });
        await other.query('ROLLBACK');
      }),
    );
    expect(await entries()).toHaveLength(1);
  });

  test('nothing is purged', async () => {
    const { db } = await emptyQueueDatabase();
    await withClient(db.url, async (client) => {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await expect(client.query("SELECT purge_tracking_data('1 day')")).rejects.toMatchObject({
        code: '25000',
        hint: 'Nothing was deleted. Call it under READ COMMITTED.',
      });
    });
  });
});

describe('while others work,', () => {
  afterEach(async () => {
    const { db } = await emptyQueueDatabase();
    await db.query('DROP SCHEMA IF EXISTS host CASCADE');
  });

  test('rows that come to refer to an old visitor keep it, and are kept', async () => {
    const { db } = await emptyQueueDatabase();
    await db.query(`
      CREATE SCHEMA host;
      CREATE TABLE host.orders (visitor uuid REFERENCES visitors ON DELETE CASCADE);
      CREATE INDEX ON host.orders (visitor);
      INSERT INTO visitors (visitor_id, last_seen_at) SELECT n::text, '2020-01-01' FROM generate_series(1, 20000) n`);
    let taken = 0;
    let going = true;
    const order = async (client: pg.Client) => {
      // Those that the purge comes to last, one after the other.
      for (let n = 20_000; going; n -= 1) {
        const { rowCount } = await client
          .query('INSERT INTO host.orders SELECT id FROM visitors WHERE visitor_id = $1', [
            String(n),
          ])
          .catch(() => ({ rowCount: 0 }));
        taken += rowCount ?? 0;
      }
    };
    // Connected before the purge begins, which may be quicker than that.
    await withClient(db.url, (one) =>
      withClient(db.url, async (other) => {
        const purge = db.query("SELECT * FROM purge_tracking_data('1 day', 100000)").finally(() => {
          going = false;
        });
        await Promise.all([order(one), order(other), purge]);
      }),
    );
    expect(taken).toBeGreaterThan(0);
    const [row] = await db.query<{ orders: number }>(
      'SELECT count(*)::int AS orders FROM host.orders',
    );
    expect(row?.orders).toBe(taken);
  });

  test('a batch of events waits for a purge of its visitor, and is kept without it', async () => {
    const { db, queue } = await emptyQueueDatabase();
    await db.query("INSERT INTO visitors (visitor_id, last_seen_at) VALUES ('old', '2020-01-01')");
    await withClient(db.url, async (client) => {
      await client.query("BEGIN; SELECT purge_tracking_data('1 day')");
      const recording = queue.recordEvents([{ event_name: 'a', visitor_id: 'old' }]);
      await untilSession(db, WAITS_FOR_LOCK);
      await client.query('COMMIT');
      expect(await recording).toBe(1);
    });
    expect(await db.query('SELECT visitor_id FROM tracking_events')).toEqual([
      { visitor_id: null },
    ]);
  });
});

test("a trigger of the application's that keeps conversions out is an error, and no endless loop", async () => {
  const { db, queue, lead } = await emptyQueueDatabase();
  await db.query(`
    CREATE FUNCTION host_says_no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER host_says_no BEFORE INSERT ON conversions FOR EACH ROW EXECUTE FUNCTION host_says_no()`);
  try {
    await expect(
      queue.recordConversion({ lead_id: lead, conversion_type: 'closed', crm_deal_id: 'D-1' }),
    ).rejects.toMatchObject({ code: '09000', message: 'The conversion was not inserted.' });
  } finally {
    await db.query('DROP FUNCTION host_says_no() CASCADE');
  }
});

test("a foreign key of the application's own is not taken for the one to leads", async () => {
  const { db, queue, lead } = await emptyQueueDatabase();
  await db.query(`
    CREATE TABLE host_parents (id int PRIMARY KEY);
    ALTER TABLE conversions ADD COLUMN parent int DEFAULT 7 REFERENCES host_parents`);
  try {
    await expect(
      queue.recordConversion({ lead_id: lead, conversion_type: 'closed', crm_deal_id: 'D-1' }),
    ).rejects.toMatchObject({ code: '23503', constraint: 'conversions_parent_fkey' });
  } finally {
    await db.query('ALTER TABLE conversions DROP COLUMN parent; DROP TABLE host_parents');
  }
});

test.each(['x$function$y', '$function$', '$body$ {schema}', '%s %1$I', 'back\\slash'])(
  'in a schema called %s the functions are as they should be, and fixed where not',
  async (schema) => {
    const db = await createDatabase();
    const options = { databaseUrl: db.url, schema };
    await runMigrations({ ...options, createSchema: true });
    expect((await verifySchema(options)).findings).toEqual([]);
    const name = pg.escapeIdentifier(schema);
    await db.query(`
      DROP FUNCTION ${name}.claim_conversions;
      CREATE FUNCTION ${name}.claim_conversions(platform text DEFAULT 'x', "limit" integer DEFAULT 1, lease interval DEFAULT '1 day')
        RETURNS TABLE (id uuid) LANGUAGE sql AS 'SELECT NULL::uuid'`);
    const { findings } = await verifySchema(options);
    expect(findings.map(({ code }) => code)).toContain('FUNCTION_DIFFERS');
    for (const { fix } of findings) if (fix) await db.query(fix);
    expect((await verifySchema(options)).findings).toEqual([]);
  },
);
