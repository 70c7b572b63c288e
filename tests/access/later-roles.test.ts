import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixAccess, runMigrations, verifySchema } from '../../src/index.ts';
import { inProcess } from '../cli/cli.ts';
import { snapshot } from '../support/catalogue.ts';
import { uniqueName, withClient } from '../support/database.ts';
import { startOwnServer, type TestServer } from '../support/server.ts';
import { API_ROLES, ROLES } from '../support/supabase.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server.stop());

/** What a bootstrap of Supabase, or a restore of its grants, does to tables that are there. */
const BOOTSTRAP = `
  GRANT USAGE ON SCHEMA public TO ${API_ROLES};
  GRANT ALL ON ALL TABLES IN SCHEMA public TO ${API_ROLES};
  GRANT ALL ON ALL ROUTINES IN SCHEMA public TO ${API_ROLES};
  GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ${API_ROLES};`;

async function newDatabase() {
  const name = uniqueName('later');
  await withClient(server.url, (client) => client.query(`CREATE DATABASE ${name}`));
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  const query = <Row extends object>(sql: string, values?: unknown[]): Promise<Row[]> =>
    withClient(url.href, async (client) => (await client.query(sql, values)).rows);
  return { url: url.href, query };
}

describe('a database whose roles came after the migrations', () => {
  test('is open until one command closes it, and stays closed', async () => {
    const { url, query } = await newDatabase();
    await runMigrations({ databaseUrl: url });
    expect(await verifySchema({ databaseUrl: url })).toMatchObject({ ok: true, findings: [] });
    await query(ROLES);
    const [codes, ok] = await codesOf(url);
    expect([codes, ok]).toEqual([['PRIVILEGE_MISSING'], false]);

    await query(BOOTSTRAP);
    expect(await codesOf(url)).toEqual([['EXCESS_PRIVILEGE'], false]);

    const { code, stdout } = await inProcess('fix-access', '--database-url', url);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/ok: \d+ fixed\.\n$/)]);
    expect(await verifySchema({ databaseUrl: url })).toMatchObject({ ok: true, findings: [] });

    const { ran, adopted } = await runMigrations({ databaseUrl: url });
    expect([ran, adopted]).toEqual([[], []]);
    expect(await verifySchema({ databaseUrl: url })).toMatchObject({ ok: true, findings: [] });
  });

  test('is then as if the roles had been there from the start', async () => {
    const [later, before] = [await newDatabase(), await newDatabase()];
    await runMigrations({ databaseUrl: later.url });
    await runMigrations({ databaseUrl: before.url });
    await later.query('REVOKE ALL ON visitors, conversions, tracking_migrations FROM service_role');
    await later.query(BOOTSTRAP);
    await before.query(`GRANT USAGE ON SCHEMA public TO ${API_ROLES}`);
    await fixAccess({ databaseUrl: later.url });
    // A list that names the owner alone says the same as none.
    const own = /acl=(\w+)=\w+\/\1 /;
    const access = async (db: typeof later) =>
      (await snapshot(db)).map((line) => line.replace(own, 'acl= '));
    expect(await access(later)).toEqual(await access(before));
  });
});

describe('fixAccess()', () => {
  test("leaves the application's own objects as they are, and says what is left", async () => {
    const { url, query } = await newDatabase();
    await runMigrations({ databaseUrl: url });
    await query(`CREATE VIEW leak AS SELECT * FROM visitors; GRANT SELECT ON leak TO anon;
      GRANT SELECT ON visitors TO anon; DROP INDEX idx_queue_platform;
      ALTER TABLE conversions DISABLE ROW LEVEL SECURITY;
      CREATE POLICY all_of_it ON visitors USING (true)`);
    const { fixed, verified } = await fixAccess({ databaseUrl: url });
    expect(fixed.map(({ code }) => code).sort()).toEqual([
      'EXCESS_PRIVILEGE',
      'POLICY_ADDED',
      'RLS_DISABLED',
    ]);
    expect([verified.ok, verified.findings.map(({ code }) => code)]).toEqual([
      false,
      ['INDEX_MISSING', 'VIEW_EXPOSES'],
    ]);
    expect(await verifySchema({ databaseUrl: url })).toEqual(verified);
  });

  test('changes nothing where a table is in use, and says so', async () => {
    const { url, query } = await newDatabase();
    await runMigrations({ databaseUrl: url });
    await query(
      'ALTER TABLE conversions DISABLE ROW LEVEL SECURITY; GRANT SELECT ON visitors TO anon',
    );
    const before = await snapshot({ query });
    await withClient(url, async (client) => {
      await client.query(
        'BEGIN; INSERT INTO visitors (visitor_id) VALUES (1); SELECT FROM conversions',
      );
      const options = { databaseUrl: url, lockTimeoutMs: 100 };
      await expect(fixAccess(options)).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' });
      expect(await snapshot({ query })).toEqual(before);
      await client.query('ROLLBACK');
    });
    expect((await fixAccess({ databaseUrl: url })).verified.ok).toBe(true);
  });

  test('waits for another migrator', async () => {
    const { url, query } = await newDatabase();
    await runMigrations({ databaseUrl: url });
    await query('GRANT SELECT ON visitors TO anon');
    await withClient(url, async (client) => {
      await client.query('BEGIN; SELECT pg_advisory_xact_lock(7241865325823964)');
      const options = { databaseUrl: url, migrationLockTimeoutMs: 200 };
      await expect(fixAccess(options)).rejects.toMatchObject({ code: 'MIGRATION_LOCK_TIMEOUT' });
      const closing = fixAccess({ databaseUrl: url });
      await client.query('COMMIT');
      expect((await closing).fixed).toHaveLength(1);
    });
  });
});

async function codesOf(url: string): Promise<[string[], boolean]> {
  const { ok, findings } = await verifySchema({ databaseUrl: url });
  return [[...new Set(findings.map(({ code }) => code))], ok];
}
