import { describe, expect, test } from 'vitest';
import { exportSql, migrationStatus } from '../../src/index.ts';
import { createDatabase, type TestDatabase, withClient } from '../support/database.ts';

/** A function, an operator and a type that hide the server's where its schema comes later. */
const PLANTED = `
  CREATE FUNCTION public.trap() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'hijacked'; END $$;
  CREATE FUNCTION public.equal(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT public.trap()';
  CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = public.equal);
  CREATE FUNCTION public.current_setting(text) RETURNS text LANGUAGE sql AS 'SELECT public.trap()::text';
  CREATE DOMAIN public.text AS pg_catalog.text CHECK (public.trap())`;

async function run(db: TestDatabase, searchPath: string, sql: string | undefined): Promise<void> {
  await withClient(db.url, async (client) => {
    await client.query(`SET search_path = ${searchPath}`);
    await client.query(sql ?? '');
    const { rows } = await client.query('SHOW search_path');
    expect(rows).toEqual([{ search_path: searchPath }]);
  });
}

describe('exported SQL under a search path', () => {
  test('calls nothing that another role has created where pg_catalog comes last', async () => {
    const db = await createDatabase();
    await db.query(PLANTED);
    const [script] = await exportSql({ format: 'script' });
    await run(db, 'public, pg_catalog', script?.sql);
    expect(await migrationStatus({ databaseUrl: db.url })).toMatchObject({ verdict: 'ready' });
  });

  test('creates permanent tables where pg_temp comes first', async () => {
    const db = await createDatabase();
    const [script] = await exportSql({ format: 'script' });
    await run(db, 'pg_temp, public', script?.sql);
    expect(await migrationStatus({ databaseUrl: db.url })).toMatchObject({ verdict: 'ready' });
  });

  test('reads no migrations table of a later schema', async () => {
    const db = await createDatabase();
    await db.query(`CREATE SCHEMA tracking; ${PLANTED};
      CREATE VIEW public.tracking_migrations AS SELECT 'x' AS name WHERE public.trap()`);
    const [, second] = await exportSql();
    await expect(run(db, 'tracking, public', second?.sql)).rejects.toThrow('Run the SQL of that');
  });
});
