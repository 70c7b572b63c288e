import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { migrations } from '../../src/schema/migrations.ts';
import { install, type Project } from '../package/installed.ts';
import { snapshot } from '../support/catalogue.ts';
import { createDatabase, withClient } from '../support/database.ts';
import { readGuide } from '../support/guide.ts';
import { useEmbeddedServer } from '../support/own-server.ts';
import { emptyQueueDatabase } from '../support/queue.ts';

let project: Project;
beforeAll(async () => {
  project = await install('pg');
}, 180_000);

/** Runs a snippet that has to succeed in silence, and returns what it printed. */
async function printed(
  snippet: string,
  env: NodeJS.ProcessEnv,
  module = 'snippet',
): Promise<string> {
  project.write(`${module}.mjs`, snippet);
  const { code, stdout, stderr } = await project.run('node', [`${module}.mjs`], env);
  expect([snippet, code, stderr]).toEqual([snippet, 0, '']);
  return stdout;
}

/** Runs the lines of a shell block that have to succeed, and returns what each printed. */
async function ran(block: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const outputs: string[] = [];
  for (const line of block.split('\n')) {
    const { code, stdout, stderr } = await project.run('sh', ['-c', line], env);
    expect([line, code, stderr]).toEqual([line, 0, expect.anything()]);
    outputs.push(stdout);
  }
  return outputs;
}

describe('the guide to boot and deploy', () => {
  const guide = readGuide('docs/deploying.md');
  const [boot = '', elsewhere = '', plan = '', ...others] = guide.blocks('js');
  const [deploy = ''] = guide.blocks('sh');

  test('has a boot that migrates and tells of it, and then finds nothing to do', async () => {
    const db = await createDatabase();
    expect(await printed(boot, { DATABASE_URL: db.url })).toContain(migrations[0]?.name);
    expect(await printed(boot, { DATABASE_URL: db.url })).toContain('nothing to do');
    expect(others).toEqual([]);
  });

  test('has a deploy step that plans, migrates and verifies', async () => {
    const db = await createDatabase();
    const [planned, applied, verified] = await ran(deploy, { DATABASE_URL: db.url });
    expect(planned).toContain('up would run ');
    expect(applied).toContain(`${migrations.length} migrations applied`);
    expect(verified).not.toMatch(/error|security/);
  });

  test('has a schema of the application for it, with the leads of another', async () => {
    const db = await createDatabase();
    await db.query('CREATE TABLE leads (id uuid PRIMARY KEY)');
    await printed(elsewhere, { DATABASE_URL: db.url });
    expect(
      await db.query(`SELECT schemaname FROM pg_tables WHERE tablename IN ('leads', 'visitors')`),
    ).toEqual(expect.arrayContaining([{ schemaname: 'public' }, { schemaname: 'tracking' }]));
  });

  test('has an option for leads in another schema', async () => {
    const db = await createDatabase();
    await db.query('CREATE SCHEMA crm; CREATE TABLE crm.leads (id uuid PRIMARY KEY)');
    const row = guide.table('Your existing tables').find(([have]) => have?.includes('crm.leads'));
    const schema = /`(schema: .*)`/.exec(row?.[1] ?? '')?.[1];
    await printed(boot.replace('logger: console', schema ?? ''), { DATABASE_URL: db.url });
    const [references] = await db.query(
      `SELECT confrelid::regclass::text AS "table" FROM pg_constraint
        WHERE contype = 'f' AND conrelid = 'conversions'::regclass`,
    );
    expect(references).toEqual({ table: 'crm.leads' });
  });

  test('has a plan that makes the same database, as it is printed', async () => {
    const [planned, migrated] = [await createDatabase(), await createDatabase()];
    await planned.query(await printed(plan, { DATABASE_URL: planned.url }));
    await printed(boot, { DATABASE_URL: migrated.url });
    expect(await snapshot(planned)).toEqual(await snapshot(migrated));
  });
});

test('the guide to upgrading goes up, rolls back the last migration, and removes everything', async () => {
  const [installing = '', up = '', down = '', remove = '', ...others] =
    readGuide('docs/upgrading.md').blocks('sh');
  expect(installing).toMatch(/^npm install conversion-tracking-schema@\^\d/);
  const db = await createDatabase();
  await ran(up, { DATABASE_URL: db.url });
  const [planned] = await ran(down, { DATABASE_URL: db.url });
  expect(planned).toContain('down would run ');
  const names = await db.query('SELECT name FROM tracking_migrations ORDER BY id');
  expect(names).toEqual(migrations.slice(0, -1).map(({ name }) => ({ name })));

  await db.query("INSERT INTO visitors (visitor_id) VALUES ('cookie-1')");
  const [dropTables = '', dropMigrationsTable = '', ...more] = remove.split('\n');
  await ran(dropTables, { DATABASE_URL: db.url });
  await db.query(/'(.*)'$/.exec(dropMigrationsTable)?.[1] ?? '');
  expect(more).toEqual(['npm uninstall conversion-tracking-schema']);
  const left = `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
                UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace`;
  expect(await db.query(left)).toEqual([]);
  // What is left restores a dump, which tests/access/dump.test.ts tries.
  expect(others).toEqual([expect.stringContaining('pg_dump --data-only')]);
});

test('the guide to verification prints the findings, and fails where there are some', async () => {
  const db = await createDatabase();
  const [snippet = ''] = readGuide('docs/verifying.md').blocks('js');
  const env = { DATABASE_URL: db.url };
  project.write('verify.mjs', snippet);
  expect(await project.run('node', ['verify.mjs'], env)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('NOT_INSTALLED'),
  });
  await ran('npx conversion-tracking-schema up', env);
  expect(await project.run('node', ['verify.mjs'], env)).toMatchObject({ code: 0, stderr: '' });
  const [verify = '', ...others] = readGuide('docs/verifying.md').blocks('sh');
  expect(await ran(verify, env)).toEqual([expect.stringMatching(/^ok: /)]);
  expect(others).toEqual([]);
});

test('the guide to plain PostgreSQL has roles that migrate, and record a visitor', async () => {
  // A server of its own: roles belong to the whole server, and these have plain names.
  const { url } = await useEmbeddedServer();
  const as = (role: string) => {
    const other = new URL(url);
    other.username = role;
    other.password = 'change me';
    return other.href;
  };
  const [migrator = '', application = '', onePool = '', probe = ''] =
    readGuide('docs/access.md').blocks('sql');
  const guide = readGuide('docs/plain-postgresql.md');
  const [migrate = ''] = guide.blocks('sh', '2. Migrate');
  const [use = ''] = guide.blocks('js', '3. Use');
  await withClient(url, async (admin) => {
    await admin.query('CREATE TABLE leads (id uuid PRIMARY KEY DEFAULT gen_random_uuid())');
    await admin.query(migrator);
    await admin.query(application);
    await admin.query(onePool);
    await admin.query('CREATE TABLE orders (id int); GRANT ALL ON orders TO app');
  });
  await ran(migrate, { MIGRATOR_URL: as('tracking_migrator') });
  await withClient(url, (admin) => admin.query(probe));
  const env = { DATABASE_URL: as('tracking_app') };
  expect(await printed(use, env)).toMatch(/^visitor [0-9a-f-]{36} is new\n$/);
  expect(await printed(use, env)).toMatch(/^visitor [0-9a-f-]{36} came back\n$/);

  await withClient(as('app'), async (client) => {
    await client.query('INSERT INTO orders VALUES (1)');
    expect((await client.query('SELECT FROM conversion_queue_health()')).rows).toEqual([]);
    expect((await client.query('SELECT FROM visitors')).rowCount).toBe(1);
  });
  await withClient(url, (admin) => admin.query('ALTER ROLE app NOBYPASSRLS'));
  await withClient(as('app'), async (client) => {
    await expect(client.query('SELECT FROM claim_conversions()')).rejects.toMatchObject({
      code: '42501',
      message: 'Row level security hides conversion_queue from the role app.',
    });
  });

  const [boot = ''] = readGuide('docs/deploying.md').blocks('js');
  for (const role of ['tracking_app', 'tracking_probe']) {
    expect(await printed(boot, { DATABASE_URL: as(role) })).toContain('nothing to do');
  }
  await withClient(as('tracking_app'), async (client) => {
    await expect(client.query('DROP TABLE visitors')).rejects.toMatchObject({ code: '42501' });
  });
  await withClient(as('tracking_probe'), async (client) => {
    await expect(client.query('SELECT FROM visitors')).rejects.toMatchObject({ code: '42501' });
    expect((await client.query('SELECT FROM tracking_migrations')).rows).toEqual([]);
  });
});

test('the guide to monitoring has a command that reports on the queue', async () => {
  const { db } = await emptyQueueDatabase();
  const [health = '', ...others] = readGuide('docs/monitoring.md').blocks('sh');
  expect(await ran(health, { DATABASE_URL: db.url })).toEqual(['The queue is empty.\n']);
  expect(others).toEqual([]);
});

test('the guide to troubleshooting counts dead letters by code, and requeues those of one', async () => {
  const { db, record } = await emptyQueueDatabase();
  await record(2);
  await db.query(`UPDATE conversion_queue
                     SET status = 'dead_letter', error_code = 'PERMISSION_DENIED', last_error = 'no access'`);
  const [health = '', byCode = '', requeue = '', ...others] =
    readGuide('docs/troubleshooting.md').blocks('sql');
  expect(await db.query(health)).toHaveLength(4);
  expect(await db.query(byCode)).toEqual([
    { platform: 'google_ads', error_code: 'PERMISSION_DENIED', count: '2', example: 'no access' },
  ]);
  expect(await db.query(requeue)).toEqual([{ count: '2' }]);
  expect(others).toEqual([]);
});

describe('the guide to privacy', () => {
  const guide = readGuide('docs/privacy.md');
  const [find = '', erase = '', prove = '', purge = '', cron = '', ...others] = guide.blocks('sql');

  test('names columns that are there', async () => {
    const { db } = await emptyQueueDatabase();
    const columns = await db.query<{ name: string }>(
      `SELECT table_name || '.' || column_name AS name FROM information_schema.columns`,
    );
    const named = guide.table('What is kept').map(([where = '']) => where.replaceAll('`', ''));
    for (const where of named.flatMap((cell) => {
      const [first = '', ...more] = cell.split(', ');
      return [
        first,
        ...more.map((name) => (name.includes('.') ? name : `${first.split('.')[0]}.${name}`)),
      ];
    })) {
      const like = new RegExp(`^${where.replace('.', '\\.').replace('*', '.*')}$`);
      expect([where, columns.some(({ name }) => like.test(name))]).toEqual([where, true]);
    }
  });

  test('has hashes of addresses', async () => {
    const [snippet = ''] = guide.blocks('js');
    const key = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
    const [ip, email] = (await printed(snippet, { IP_HASH_KEY: key })).split('\n');
    expect(ip).toMatch(/^[0-9a-f]{64}$/);
    expect(await printed(snippet, { IP_HASH_KEY: `${key}ff` })).not.toContain(ip);
    // As Google normalises it.
    expect(email).toBe(createHash('sha256').update('janedoe@gmail.com').digest('hex'));
  });

  test('deletes what is old, by hand and as pg_cron would', async () => {
    const { db } = await emptyQueueDatabase();
    const addOldEvent = () =>
      db.query(
        `INSERT INTO tracking_events (event_name, created_at) VALUES ('old', now() - interval '14 months')`,
      );
    await addOldEvent();
    expect(await db.query(purge)).toEqual([
      { deleted_events: 1, deleted_visitors: 0, deleted_requests: 0, done: true },
    ]);
    await addOldEvent();
    await db.query(/\$\$(.*)\$\$/.exec(cron)?.[1] ?? '');
    expect(await db.query('SELECT FROM tracking_events')).toEqual([]);
    expect(others).toEqual([]);
  });

  test('erases a person, and nobody else, and proves it', async () => {
    const { db } = await emptyQueueDatabase();
    await db.query('ALTER TABLE leads ADD COLUMN email text, ADD COLUMN visitor_id text');
    for (const name of ['jane', 'joe']) {
      await db.query('SELECT FROM upsert_visitor($1)', [name]);
      await db.query('SELECT record_events($1)', [
        JSON.stringify([{ visitor_id: name, event_name: 'page_view' }]),
      ]);
      const [lead] = await db.query<{ id: string }>(
        'INSERT INTO leads (email, visitor_id) VALUES ($1, $2) RETURNING id',
        [`${name}@example.com`, name],
      );
      await db.query(`SELECT record_conversion($1, 'closed', $2)`, [lead?.id, name]);
    }
    const count = () =>
      db.query(`SELECT (SELECT count(*)::int FROM visitors) AS visitors,
                       (SELECT count(*)::int FROM tracking_events) AS events,
                       (SELECT count(*)::int FROM leads WHERE email IS NOT NULL) AS leads,
                       (SELECT count(*)::int FROM conversions) AS conversions,
                       (SELECT count(*)::int FROM conversion_queue) AS entries`);
    expect(await count()).toEqual([
      { visitors: 2, events: 2, leads: 2, conversions: 2, entries: 2 },
    ]);
    await withClient(db.url, async (client) => {
      await client.query(find);
      const names = ['conversions', 'leads', 'tracking_events', 'visitors'];
      const found = names.map((name) => ({ name, erased: '1', remaining: '1' }));
      expect((await client.query(prove)).rows).toEqual(found);
      await client.query(erase);
      expect((await client.query(prove)).rows).toEqual(
        found.map((row) => ({ ...row, remaining: '0' })),
      );
    });
    expect(await count()).toEqual([
      { visitors: 1, events: 1, leads: 1, conversions: 1, entries: 1 },
    ]);
    expect(await db.query('SELECT email FROM leads WHERE email IS NOT NULL')).toEqual([
      { email: 'joe@example.com' },
    ]);
  });
});

describe('the guide to backfilling', () => {
  const guide = readGuide('docs/backfill.md');
  const DAY_MS = 24 * 60 * 60 * 1000;
  const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
  /** What was recorded, with the platforms that it is queued for. */
  const RECORDED = `SELECT crm_deal_id AS id, platform, converted_at < now() - interval '9 days' AS old
      FROM conversions c LEFT JOIN conversion_queue q ON q.conversion_id = c.id ORDER BY 1`;

  test('records old deals once, and queues those that Google accepts', async () => {
    const { db, lead } = await emptyQueueDatabase();
    const [snippet = '', ...others] = guide.blocks('js');
    expect(others).toEqual([]);
    const deal = {
      leadId: lead,
      stage: 'closed',
      amount: 5,
      currency: 'EUR',
      closedAt: daysAgo(10),
    };
    const deals = [
      { ...deal, id: 'A', gclid: 'Cj0', clickedAt: daysAgo(89) },
      { ...deal, id: 'B', gclid: 'Cj0', clickedAt: daysAgo(91) },
      { ...deal, id: 'C', email: 'a@example.com', clickedAt: daysAgo(62) },
      { ...deal, id: 'D', email: 'a@example.com', clickedAt: daysAgo(64) },
    ];
    project.write('backfill.mjs', snippet);
    const main = `import pg from 'pg';
      import { backfill } from './backfill.mjs';
      const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
      const deals = JSON.parse(process.env.DEALS).map((deal) => ({ ...deal, clickedAt: new Date(deal.clickedAt) }));
      console.log(JSON.stringify([await backfill(pool, deals), await backfill(pool, deals)]));
      await pool.end();`;
    const env = { DATABASE_URL: db.url, DEALS: JSON.stringify(deals) };
    expect(JSON.parse(await printed(main, env))).toEqual([
      { recorded: 4, queued: 2 },
      { recorded: 0, queued: 2 },
    ]);
    expect(await db.query(RECORDED)).toEqual([
      { id: 'A', platform: 'google_ads', old: true },
      { id: 'B', platform: null, old: true },
      { id: 'C', platform: 'google_ads', old: true },
      { id: 'D', platform: null, old: true },
    ]);
  });

  test('records a table of old deals in batches', async () => {
    const { db, lead } = await emptyQueueDatabase();
    await db.query(`CREATE TABLE old_deals (id text, lead_id uuid, amount numeric, currency text, gclid text,
      closed_at timestamptz, clicked_at timestamptz)`);
    await db.query(
      `INSERT INTO old_deals SELECT 'D-' || n, $1, n, 'EUR', 'Cj0', now() - interval '10 days',
         now() - n * interval '1 hour' FROM generate_series(1, 2500) n`,
      [lead],
    );
    const [batch = '', ...others] = guide.blocks('sql');
    expect(others).toEqual([]);
    const recorded: unknown[] = [];
    for (let each = 0; each < 4; each += 1) recorded.push(...(await db.query(batch)));
    expect(recorded).toEqual(['1000', '1000', '500', '0'].map((count) => ({ recorded: count })));
    // Of the last 90 days, with an hour between two clicks.
    expect(await db.query('SELECT count(*)::int FROM conversion_queue')).toEqual([{ count: 2159 }]);
    const [health = '', ...commands] = guide.blocks('sh');
    expect(await ran(health, { DATABASE_URL: db.url })).toEqual([
      expect.stringMatching(/^google_ads\s+pending\s+2159 /m),
    ]);
    expect(commands).toEqual([]);
  });
});

test('the guide to other tools writes files for the Supabase CLI', async () => {
  const guide = readGuide('docs/other-tools.md');
  const [snippet = '', ...others] = guide.blocks('js');
  await printed(snippet, {});
  const files = await project.run('ls', ['supabase/migrations']);
  expect(files.stdout.trim().split('\n')).toHaveLength(migrations.length);
  // tests/environments writes the file for Plug'n'Play, and uses it.
  expect(others).toEqual([expect.stringMatching(/^export \{ default \} from '[^']+';$/)]);
  // tests/export has two commands: with the real Supabase CLI, and with psql. The other two start
  // node-pg-migrate beside this package, which tests/node-pg-migrate does.
  expect(guide.blocks('sh')).toHaveLength(4);
});
