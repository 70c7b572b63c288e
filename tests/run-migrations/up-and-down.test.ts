import { beforeAll, describe, expect, test } from 'vitest';
import { DataLossError, type MigrationEvent, runMigrations } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import {
  createDatabase,
  createMigratedDatabase,
  createRole,
  type TestDatabase,
} from '../support/database.ts';

const NAMES = migrations.map(({ name }) => name);

async function tablesOf(db: TestDatabase): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1",
  );
  return rows.map(({ name }) => name);
}

describe('up', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createDatabase();
  });

  test('a dry run says what would run, and changes nothing', async () => {
    const result = await runMigrations({ databaseUrl: db.url, dryRun: true });
    expect(result.wouldRun).toEqual(NAMES);
    expect(result.ran).toEqual([]);
    expect(await tablesOf(db)).toEqual([]);
  });

  test('count applies so many, and target so far', async () => {
    const first = await runMigrations({ databaseUrl: db.url, count: 2 });
    expect(first.ran.map(({ name }) => name)).toEqual(NAMES.slice(0, 2));
    expect(first.alreadyApplied).toEqual([]);
    const second = await runMigrations({ databaseUrl: db.url, target: String(NAMES[3]) });
    expect(second.ran.map(({ name }) => name)).toEqual(NAMES.slice(2, 4));
    expect(second.alreadyApplied).toEqual(NAMES.slice(0, 2));
    expect(await runMigrations({ databaseUrl: db.url, target: String(NAMES[0]) })).toMatchObject({
      ran: [],
    });
  });

  test('without either, everything pending is applied, and each migration is timed', async () => {
    const lines: string[] = [];
    const log = (line: string) => lines.push(line);
    const events: MigrationEvent[] = [];
    const result = await runMigrations({
      databaseUrl: db.url,
      logger: { info: log, warn: log, error: log },
      onEvent: (event) => events.push(event),
    });
    expect(result.ran.map(({ name }) => name)).toEqual(NAMES.slice(4));
    for (const { durationMs } of result.ran) expect(durationMs).toBeGreaterThan(0);
    const sum = result.ran.reduce((total, { durationMs }) => total + durationMs, 0);
    expect(result.durationMs).toBeGreaterThan(sum);
    expect(events.map((event) => `${event.type} ${'name' in event ? event.name : ''}`)).toEqual([
      ...NAMES.slice(4).flatMap((name) => [`applying ${name}`, `applied ${name}`]),
      'done ',
    ]);
    expect(events.at(-2)).toMatchObject({ index: NAMES.length - 4, total: NAMES.length - 4 });
    expect(lines[0]).toMatch(/^conversion-tracking-schema: up \d{17}_\S+: \d+ ms$/);
    expect(lines.at(-1)).toMatch(new RegExp(`${NAMES.length - 4} migrations in \\d+ ms$`));
  });

  test('a second call has nothing to do', async () => {
    const result = await runMigrations({ databaseUrl: db.url });
    expect(result).toMatchObject({ ran: [], wouldRun: [], alreadyApplied: NAMES });
  });

  test('a logger and an onEvent that throw or reject do not break the run', async () => {
    const fresh = await createDatabase();
    const fail = () => {
      throw new Error('a bug of the application');
    };
    const { ran } = await runMigrations({
      databaseUrl: fresh.url,
      logger: { info: fail, warn: fail, error: fail, debug: fail },
      onEvent: async () => fail(),
    });
    expect(ran).toHaveLength(NAMES.length);
    const reject = async () => fail();
    const logger = { info: reject, warn: reject, error: reject, debug: reject };
    expect(await runMigrations({ databaseUrl: fresh.url, logger })).toMatchObject({ ran: [] });
  });

  test('a database made by runMigrations() records its run in UTC, whatever its own zone', async () => {
    const fresh = await createDatabase();
    await fresh.query(`ALTER DATABASE ${fresh.name} SET timezone = 'Asia/Tokyo'`);
    await runMigrations({ databaseUrl: fresh.url });
    const [row] = await fresh.query(
      "SELECT max(abs(extract(epoch FROM run_on - now() AT TIME ZONE 'UTC'))) < 600 AS utc FROM tracking_migrations",
    );
    expect(row).toEqual({ utc: true });
  });
});

describe('down', () => {
  test('takes back the last ones by count, and down to a target', async () => {
    const db = await createMigratedDatabase();
    const last = await runMigrations({ databaseUrl: db.url, direction: 'down', count: 1 });
    expect(last.ran.map(({ name }) => name)).toEqual(NAMES.slice(-1));
    const target = String(NAMES[1]);
    const dry = await runMigrations({
      databaseUrl: db.url,
      direction: 'down',
      target,
      dryRun: true,
    });
    expect(dry.wouldRun).toEqual(NAMES.slice(2, -1).reverse());
    await runMigrations({ databaseUrl: db.url, direction: 'down', target });
    expect(await tablesOf(db)).toEqual(['leads', 'tracking_migrations', 'visitors']);
    await runMigrations({
      databaseUrl: db.url,
      direction: 'down',
      count: Number.POSITIVE_INFINITY,
    });
    expect(await tablesOf(db)).toEqual(['tracking_migrations']);
  });

  test('refuses to drop tables that hold rows, and says how many', async () => {
    const db = await createMigratedDatabase();
    await db.query(`
      INSERT INTO visitors (visitor_id) VALUES ('a'), ('b');
      INSERT INTO tracking_events (event_name) SELECT 'page_view' FROM generate_series(1, 10001)`);
    const all = {
      databaseUrl: db.url,
      direction: 'down',
      count: Number.POSITIVE_INFINITY,
    } as const;
    const error = await runMigrations(all).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataLossError);
    expect(error).toMatchObject({
      code: 'DATA_LOSS',
      rows: { visitors: 2, tracking_events: 10_000 },
    });
    expect((error as Error).message).toMatchInlineSnapshot(
      `"The rollback would drop tables that hold rows: tracking_events (at least 10000), visitors (2). Nothing was changed. Save the rows, and pass allowDataLoss: true to drop them."`,
    );
    expect(await runMigrations({ databaseUrl: db.url })).toMatchObject({ alreadyApplied: NAMES });
    const { ran } = await runMigrations({ ...all, allowDataLoss: true });
    expect(ran).toHaveLength(NAMES.length);
  });

  test('refuses to drop columns with values, and drops those without', async () => {
    const db = await createMigratedDatabase();
    await db.query(`
      WITH lead AS (INSERT INTO leads DEFAULT VALUES RETURNING id)
      INSERT INTO conversions (lead_id, conversion_type, idempotency_key, converted_at)
      SELECT id, 'closed', n::text, CASE n WHEN 1 THEN now() END FROM lead, generate_series(1, 3) n`);
    const back = { databaseUrl: db.url, direction: 'down', target: String(NAMES[4]) } as const;
    const error = await runMigrations(back).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'DATA_LOSS', rows: { conversions: 1 } });
    expect((error as Error).message).toMatchInlineSnapshot(
      `"The rollback would drop tables or columns that hold rows: conversions with converted_at, consent_ad_user_data, consent_ad_personalization (1). Nothing was changed. Save the rows, and pass allowDataLoss: true to drop them."`,
    );
    await db.query('UPDATE conversions SET converted_at = NULL');
    await db.query(`
      INSERT INTO conversion_queue (conversion_id, lease_id) SELECT id, id FROM conversions LIMIT 1`);
    await expect(runMigrations(back), 'while an entry is leased').rejects.toMatchObject({
      rows: { conversion_queue: 1 },
    });
    await db.query('UPDATE conversion_queue SET lease_id = NULL');
    expect((await runMigrations(back)).ran).toHaveLength(NAMES.length - 5);
    expect(await db.query('SELECT count(*)::int AS kept FROM conversions')).toEqual([{ kept: 3 }]);
    expect((await runMigrations({ databaseUrl: db.url })).ran).toHaveLength(NAMES.length - 5);
  });

  test('a dry run is refused for the same rows', async () => {
    const db = await createMigratedDatabase();
    await db.query("INSERT INTO visitors (visitor_id) VALUES ('a')");
    const all = { direction: 'down', count: Number.POSITIVE_INFINITY, dryRun: true } as const;
    await expect(runMigrations({ databaseUrl: db.url, ...all })).rejects.toMatchObject({
      code: 'DATA_LOSS',
      rows: { visitors: 1 },
    });
  });

  test('rows that row level security hides from the owner are not lost either', async () => {
    const role = await createRole();
    const db = await createDatabase();
    await db.query(`GRANT CREATE ON SCHEMA public TO ${role.name}`);
    const databaseUrl = db.urlFor(role.name, role.password);
    await runMigrations({ databaseUrl });
    await db.query(`
      INSERT INTO visitors (visitor_id) VALUES ('a');
      ALTER TABLE visitors FORCE ROW LEVEL SECURITY`);
    const all = { direction: 'down', count: Number.POSITIVE_INFINITY } as const;
    await expect(runMigrations({ databaseUrl, ...all })).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    expect(await db.query('SELECT visitor_id FROM visitors')).toEqual([{ visitor_id: 'a' }]);
  });

  test('keeps the rows of tables that it does not drop', async () => {
    const db = await createMigratedDatabase();
    await db.query("INSERT INTO visitors (visitor_id) VALUES ('a')");
    const target = String(NAMES[4]);
    const { ran } = await runMigrations({ databaseUrl: db.url, direction: 'down', target });
    expect(ran).toHaveLength(NAMES.length - 5);
    expect(await db.query('SELECT visitor_id FROM visitors')).toEqual([{ visitor_id: 'a' }]);
  });
});
