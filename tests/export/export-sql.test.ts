import { beforeAll, describe, expect, test } from 'vitest';
import { exportSql, migrationStatus, runMigrations, type SqlFormat } from '../../src/index.ts';
import { migrations } from '../../src/migrations.ts';
import { snapshot } from '../support/catalogue.ts';
import { createDatabase, type TestDatabase, withClient } from '../support/database.ts';

const COUNT = migrations.length;
const FORMATS: readonly SqlFormat[] = ['supabase', 'numbered', 'script'];

let fresh: string[];
beforeAll(async () => {
  const db = await createDatabase();
  await runMigrations({ databaseUrl: db.url });
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

  test('may be run inside a transaction of the tool, and leaves no setting behind', async () => {
    const db = await createDatabase();
    const [script] = await exportSql({ format: 'script' });
    await withClient(db.url, async (client) => {
      const settings =
        "SELECT name, setting FROM pg_settings WHERE name IN ('lock_timeout', 'statement_timeout', 'search_path', 'TimeZone')";
      const before = (await client.query(settings)).rows;
      await client.query('BEGIN');
      await client.query(script?.sql ?? '');
      await client.query('COMMIT');
      expect((await client.query(settings)).rows).toEqual(before);
    });
    expect(await snapshot(db)).toEqual(fresh);
  });

  test('records its times in UTC, as runMigrations() does', async () => {
    const db = await createDatabase();
    await db.query(`ALTER DATABASE ${db.name} SET timezone = 'Asia/Tokyo'`);
    await apply(db, 'numbered');
    const { migrations: all } = await migrationStatus({ databaseUrl: db.url });
    for (const { ranAt } of all) expect(Math.abs(Date.now() - Number(ranAt))).toBeLessThan(600_000);
  });

  test('stops at a leads table that does not fit, with nothing of ours but an empty ledger', async () => {
    const db = await createDatabase();
    await db.query('CREATE TABLE leads (id bigint PRIMARY KEY)');
    await expect(apply(db, 'supabase')).rejects.toMatchObject({ code: 'CTS01' });
    expect(await db.query("SELECT FROM pg_class WHERE relname = 'visitors'")).toEqual([]);
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
