import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { exportSql, migrationStatus, runMigrations, type SqlFormat } from '../../src/index.ts';
import { LOCK_KEY } from '../../src/migrate/lock.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { snapshot, tablesOf } from '../support/catalogue.ts';
import {
  createDatabase,
  createMigratedDatabase,
  type TestDatabase,
  withClient,
} from '../support/database.ts';

const COUNT = migrations.length;
const FORMATS: readonly SqlFormat[] = ['supabase', 'numbered', 'script'];

let fresh: string[];
beforeAll(async () => {
  const db = await createMigratedDatabase();
  fresh = await snapshot(db);
});

/** Runs the files in the order of their names, as other tools do. */
async function apply(db: TestDatabase, format: SqlFormat): Promise<void> {
  const files = [...(await exportSql({ format }))].sort((a, b) =>
    a.fileName < b.fileName ? -1 : 1,
  );
  await withClient(db.url, async (client) => {
    for (const { sql } of files) await client.query(sql);
  });
}

/** An application with leads of its own, and an empty schema for the rest. */
async function createApplication(): Promise<TestDatabase> {
  const db = await createDatabase();
  await db.query('CREATE SCHEMA tracking; CREATE TABLE leads (id uuid PRIMARY KEY, email text)');
  return db;
}

/** The settings that the SQL changes for itself, or might be expected to. */
async function settingsOf(client: pg.Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    `SELECT name, setting FROM pg_settings
      WHERE name IN ('lock_timeout', 'statement_timeout', 'search_path', 'TimeZone')`,
  );
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
}

describe('exportSql', () => {
  test('names its files as the Supabase CLI expects them, or numbers them, or makes one', async () => {
    const names = await Promise.all(
      FORMATS.map(async (format) => (await exportSql({ format })).map(({ fileName }) => fileName)),
    );
    const [supabase = [], numbered = [], script] = names;
    expect(supabase).toEqual(
      migrations.map(({ name }) => `${name.slice(0, 14)}_${name.slice(18)}.sql`),
    );
    expect([...supabase].sort()).toEqual(supabase);
    expect([numbered[0], numbered.length]).toEqual(['001_require-leads.sql', COUNT]);
    expect(script).toEqual(['conversion-tracking-schema.sql']);
    expect((await exportSql()).map(({ fileName }) => fileName)).toEqual(supabase);
  });

  test.each(FORMATS)('makes the same database as runMigrations(): %s', async (format) => {
    const db = await createDatabase();
    await apply(db, format);
    expect(await snapshot(db)).toEqual(fresh);
    const { ran, adopted, alreadyApplied } = await runMigrations({ databaseUrl: db.url });
    expect([ran, adopted, alreadyApplied.length]).toEqual([[], [], COUNT]);
    expect(await migrationStatus({ databaseUrl: db.url })).toMatchObject({ verdict: 'ready' });
  });

  test.each(FORMATS)('may be run again, and after runMigrations(): %s', async (format) => {
    const db = await createDatabase();
    await runMigrations({ databaseUrl: db.url, count: 3 });
    await apply(db, format);
    await db.query("INSERT INTO visitors (visitor_id) VALUES ('v')");
    await apply(db, format);
    expect(await snapshot(db)).toEqual(fresh);
    expect(await db.query('SELECT FROM tracking_migrations')).toHaveLength(COUNT);
    expect(await db.query('SELECT visitor_id FROM visitors')).toEqual([{ visitor_id: 'v' }]);
  });

  test("may be run inside a tool's transaction, whose settings it leaves alone", async () => {
    const db = await createDatabase();
    const [script] = await exportSql({ format: 'script' });
    await withClient(db.url, async (client) => {
      await client.query("SET lock_timeout = '3s'; SET timezone = 'Asia/Tokyo'");
      await client.query("BEGIN; SET LOCAL statement_timeout = '30s'");
      const before = await settingsOf(client);
      await client.query(script?.sql ?? '');
      expect(await settingsOf(client)).toEqual(before);
      await client.query('COMMIT');
      expect(await settingsOf(client)).toEqual({ ...before, statement_timeout: '0' });
    });
    expect(await snapshot(db)).toEqual(fresh);
  });

  test('creates in the first schema of the search path, and finds leads further on', async () => {
    const schemas = ['tracking', 'public'];
    const [db, other] = await Promise.all([createApplication(), createApplication()]);
    const [script] = await exportSql({ format: 'script' });
    await withClient(db.url, async (client) => {
      await client.query(`SET search_path = ${schemas.join(', ')}`);
      await client.query(script?.sql ?? '');
      await client.query(script?.sql ?? '');
    });
    await runMigrations({ databaseUrl: other.url, schema: schemas });
    expect(await snapshot(db)).toEqual(await snapshot(other));
    const { ran, alreadyApplied } = await runMigrations({ databaseUrl: db.url, schema: schemas });
    expect([ran, alreadyApplied.length]).toEqual([[], COUNT]);
  });

  test('waits its turn among migrators of both kinds', async () => {
    const db = await createDatabase();
    await Promise.all([
      ...FORMATS.map((format) => apply(db, format)),
      ...FORMATS.map(() => runMigrations({ databaseUrl: db.url })),
    ]);
    expect(await snapshot(db)).toEqual(fresh);
    const migrationsTable = await db.query('SELECT name FROM tracking_migrations ORDER BY id');
    expect(migrationsTable).toEqual(migrations.map(({ name }) => ({ name })));
  });

  test('bounds its statements where nothing else does', async () => {
    const db = await createDatabase();
    const [file] = await exportSql({ format: 'numbered' });
    await withClient(db.url, async (client) => {
      await client.query(`
        CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
          PERFORM set_config('test.seen', current_setting('statement_timeout'), false);
        END $$;
        CREATE EVENT TRIGGER note ON ddl_command_end EXECUTE FUNCTION note();`);
      const before = await settingsOf(client);
      await client.query(file?.sql ?? '');
      const seen = await client.query("SELECT current_setting('test.seen') AS seen");
      expect(seen.rows).toEqual([{ seen: '1min' }]);
      expect(await settingsOf(client)).toEqual(before);
    });
  });

  test('leaves no gap where a tool goes on after an error, and is complete when run again', async () => {
    const db = await createDatabase();
    await db.query('CREATE TABLE idx_conversions_created_at ()');
    const files = await exportSql({ format: 'numbered' });
    const errors = await withClient(db.url, async (client) => {
      const messages: string[] = [];
      for (const { sql } of files) {
        await client.query(sql).catch(({ message }: Error) => messages.push(message));
      }
      expect(await settingsOf(client)).toMatchObject({ lock_timeout: '0' });
      return messages;
    });
    const [, , third, fourth] = migrations.map(({ name }) => name);
    expect(errors.slice(0, 2)).toEqual([
      'relation "idx_conversions_created_at" already exists',
      `${fourth} comes after ${third}, which is not recorded in tracking_migrations. Run the SQL of that one first.`,
    ]);
    expect(errors).toHaveLength(COUNT - 2);
    expect(await tablesOf(db)).toEqual([
      'idx_conversions_created_at',
      'leads',
      'tracking_migrations',
      'visitors',
    ]);
    await db.query('DROP TABLE idx_conversions_created_at');
    await apply(db, 'numbered');
    expect(await snapshot(db)).toEqual(fresh);
    expect(await migrationStatus({ databaseUrl: db.url })).toMatchObject({ verdict: 'ready' });
  });

  test('gives up where leads stays locked, with nothing half done, and may be run again', async () => {
    const db = await createDatabase();
    const files = await exportSql();
    await withClient(db.url, async (writer) => {
      await withClient(db.url, (client) => client.query(files[0]?.sql ?? ''));
      await writer.query('BEGIN; INSERT INTO leads DEFAULT VALUES');
      await withClient(db.url, async (client) => {
        await client.query("SET lock_timeout = '100ms'");
        await client.query(files[1]?.sql ?? '');
        await expect(client.query(files[2]?.sql ?? '')).rejects.toMatchObject({
          code: '55P03',
          where: expect.stringContaining('REFERENCES leads'),
        });
      });
      expect(await tablesOf(db)).toEqual(['leads', 'tracking_migrations', 'visitors']);
    });
    await apply(db, 'supabase');
    expect(await snapshot(db)).toEqual(fresh);
  });

  test('gives up after 5 s by itself where the migration lock stays held', async () => {
    const db = await createDatabase();
    const [file] = await exportSql();
    await withClient(db.url, async (holder) => {
      await holder.query(`SELECT pg_advisory_lock(${LOCK_KEY})::text`);
      await withClient(db.url, async (client) => {
        await client.query("SET statement_timeout = '20s'");
        const began = performance.now();
        await expect(client.query(file?.sql ?? '')).rejects.toMatchObject({ code: '55P03' });
        expect(performance.now() - began).toBeGreaterThan(4_900);
      });
    });
  });

  test('records its times in UTC, as runMigrations() does', async () => {
    const db = await createDatabase();
    await db.query(`ALTER DATABASE ${db.name} SET timezone = 'Asia/Tokyo'`);
    await apply(db, 'numbered');
    const { migrations: all } = await migrationStatus({ databaseUrl: db.url });
    for (const { ranAt } of all) expect(Math.abs(Date.now() - Number(ranAt))).toBeLessThan(600_000);
  });

  test('stops at a leads table that does not fit, with nothing of ours', async () => {
    const db = await createDatabase();
    await db.query('CREATE TABLE leads (id bigint PRIMARY KEY)');
    await expect(apply(db, 'supabase')).rejects.toMatchObject({ code: 'CTS01' });
    expect(await tablesOf(db)).toEqual(['leads']);
    await db.query('ALTER TABLE leads DROP COLUMN id, ADD COLUMN id uuid PRIMARY KEY');
    await apply(db, 'supabase');
    expect(await db.query('SELECT FROM tracking_migrations')).toHaveLength(COUNT);
  });

  test('refuses what it does not know', async () => {
    const format: unknown = 'yaml';
    await expect(exportSql({ format: format as SqlFormat })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      option: 'format',
    });
    const options: object = { schema: 'x' };
    await expect(exportSql(options)).rejects.toMatchObject({ option: 'schema' });
  });
});
