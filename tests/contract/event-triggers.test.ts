import { beforeAll, expect, test } from 'vitest';
import { exportSql, runMigrations, verifySchema } from '../../src/index.ts';
import { MIGRATIONS, runCli, SHIPPED } from '../node-pg-migrate/application.ts';
import { onThisMajor } from '../support/cases.ts';
import { createDatabase, createRole, type TestDatabase, withClient } from '../support/database.ts';

/** A role to which the application's event trigger opens all that is created or altered. */
let reader: string;

beforeAll(async () => {
  reader = (await createRole('NOLOGIN')).name;
});

/** What the trigger grants, and the commands that it grants it after. */
const TRIGGERS = {
  'each new object, after every command': [
    '',
    `FOR one IN SELECT * FROM pg_catalog.pg_event_trigger_ddl_commands() LOOP
       IF one.object_type = 'function' THEN
         EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION %s TO reader', one.object_identity);
       ELSIF one.object_type IN ('table', 'sequence') THEN
         EXECUTE pg_catalog.format('GRANT ALL ON %s TO reader', one.objid::regclass);
       END IF;
     END LOOP`,
  ],
  'tables, columns, row types and sequences, after CREATE TABLE and ALTER TABLE': [
    "WHEN tag IN ('CREATE TABLE', 'ALTER TABLE')",
    `GRANT ALL ON ALL TABLES IN SCHEMA public TO reader WITH GRANT OPTION;
     GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO reader;
     FOR one IN SELECT c.oid::pg_catalog.regclass AS name, a.attname AS first FROM pg_catalog.pg_class c
                JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1
                WHERE c.relnamespace = 'public'::pg_catalog.regnamespace AND c.relkind = 'r' LOOP
       EXECUTE pg_catalog.format('GRANT SELECT (%I) ON %s TO PUBLIC; GRANT USAGE ON TYPE %2$s TO PUBLIC, reader', one.first, one.name);
     END LOOP`,
  ],
  'everything, after CREATE FUNCTION': [
    "WHEN tag IN ('CREATE FUNCTION')",
    `GRANT ALL ON ALL TABLES IN SCHEMA public TO reader;
     GRANT ALL ON ALL FUNCTIONS IN SCHEMA public TO reader WITH GRANT OPTION`,
  ],
} as const satisfies Readonly<Record<string, readonly [filter: string, grants: string]>>;

const ON_TABLES = 'tables, columns, row types and sequences, after CREATE TABLE and ALTER TABLE';

async function openingDatabase(trigger: keyof typeof TRIGGERS): Promise<TestDatabase> {
  const db = await createDatabase();
  const [filter, grants] = TRIGGERS[trigger];
  await db.query(`
    CREATE FUNCTION public.open() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
    DECLARE
      one record;
    BEGIN
      ${grants.replaceAll('reader', reader)};
    END $$;
    CREATE EVENT TRIGGER open ON ddl_command_end ${filter} EXECUTE FUNCTION public.open()`);
  return db;
}

/** Each with one transaction for all migrations, or one for each. */
const WAYS: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  'runMigrations()': (databaseUrl) => runMigrations({ databaseUrl }),
  "node-pg-migrate's command with a transaction for each file": (url) =>
    runCli(url, 'up', ...SHIPPED, '--no-single-transaction'),
  'exported files': async (databaseUrl) => {
    await withClient(databaseUrl, async (client) => {
      for (const { sql } of await exportSql()) await client.query(sql);
    });
  },
};

async function openObjects(databaseUrl: string): Promise<string[]> {
  const { findings } = await verifySchema({ databaseUrl });
  return findings
    .filter(({ level, code }) => level === 'security' || code === 'TYPE_PUBLIC')
    .map(({ code, object, found }) => `${code} ${object}: ${found}`);
}

const CASES = Object.entries(WAYS).flatMap(([way, migrate]) =>
  (Object.keys(TRIGGERS) as (keyof typeof TRIGGERS)[]).map((grants) => ({ way, migrate, grants })),
);

test.each(onThisMajor(CASES))(
  '$way revokes what an event trigger grants: $grants',
  async ({ migrate, grants }) => {
    const db = await openingDatabase(grants);
    await migrate(db.url);
    expect(await openObjects(db.url)).toEqual([]);
  },
);

test('revokes what an event trigger grants when a migration is rolled back', async () => {
  const db = await openingDatabase(ON_TABLES);
  await runMigrations({ databaseUrl: db.url });
  await runMigrations({ databaseUrl: db.url, direction: 'down', count: MIGRATIONS.length - 5 });
  expect(await openObjects(db.url)).toEqual([]);
});

test('revokes what an event trigger grants when a baseline is adopted', async () => {
  const db = await openingDatabase(ON_TABLES);
  await runCli(db.url, 'up', '-m', 'migrations');
  const { adopted } = await runMigrations({ databaseUrl: db.url });
  expect(adopted).toEqual(MIGRATIONS);
  expect(await openObjects(db.url)).toEqual([]);
});

test('keeps what the application has granted before', async () => {
  const db = await openingDatabase('each new object, after every command');
  await runMigrations({ databaseUrl: db.url, count: MIGRATIONS.length - 1 });
  await db.query(`GRANT SELECT ON visitors TO ${reader}`);
  await runMigrations({ databaseUrl: db.url });
  const [row] = await db.query(
    `SELECT has_table_privilege('${reader}', 'visitors', 'SELECT') AS may`,
  );
  expect(row).toEqual({ may: true });
});
