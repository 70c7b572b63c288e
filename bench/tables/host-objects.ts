import type pg from 'pg';

/** A transaction locks what it creates, and the server has room for so many locks. */
const AT_ONCE = 500;

/** Tables of an application's own in a schema of its own, each with an index. */
export async function createApplicationTables(client: pg.Client, tables: number): Promise<void> {
  await createInSteps(
    client,
    tables,
    "format('CREATE TABLE host.table_%s (id bigint PRIMARY KEY, note text, at timestamptz)', i)",
  );
}

/**
 * SECURITY DEFINER functions of an application's own, open to everybody as PostgreSQL makes them. Every tenth
 * reads a table of ours, and every fifth calls the one before it.
 */
export async function createApplicationFunctions(
  client: pg.Client,
  functions: number,
): Promise<void> {
  await createInSteps(
    client,
    functions,
    `format('CREATE FUNCTION host.function_%s() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS %L', i,
       CASE WHEN i % 10 = 0 THEN 'BEGIN RETURN (SELECT count(*) FROM public.conversions); END'
            WHEN i % 5 = 1 AND i > 1 THEN format('BEGIN RETURN host.function_%s() + 1; END', i - 1)
            ELSE 'DECLARE total bigint := 0; BEGIN SELECT sum(n) INTO total FROM generate_series(1, 10) n; RETURN total; END' END)`,
  );
}

async function createInSteps(client: pg.Client, objects: number, statement: string): Promise<void> {
  await client.query('CREATE SCHEMA IF NOT EXISTS host');
  for (let from = 1; from <= objects; from += AT_ONCE) {
    const to = Math.min(objects, from + AT_ONCE - 1);
    await client.query(
      `DO $$ BEGIN FOR i IN ${from}..${to} LOOP EXECUTE ${statement}; END LOOP; END $$`,
    );
  }
}
