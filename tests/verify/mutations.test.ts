import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Finding, runMigrations } from '../../src/index.ts';
import { expectedAfter } from '../../src/schema/expected.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { ALL_CASES } from '../support/cases.ts';
import { withClient } from '../support/database.ts';
import { type SupabaseProject, type SupabaseServer, startSupabase } from '../support/supabase.ts';
import { verifyOnClient } from './verify-on-client.ts';

const RUNS = ALL_CASES ? 120 : 30;
/** MUTATIONS_SEED=random tries others. */
const { MUTATIONS_SEED = '20261122' } = process.env;
const SEED = MUTATIONS_SEED === 'random' ? Date.now() : Number(MUTATIONS_SEED);
const contents = expectedAfter(migrations.length);
const tables = Object.entries(contents.tables);

let supabase: SupabaseServer;
let healthy: SupabaseProject;

beforeAll(async () => {
  supabase = await startSupabase();
  healthy = await supabase.createProject('2026');
  await runMigrations({ databaseUrl: healthy.url });
});
afterAll(() => supabase.stop());

/** Every change of one kind to every object of the catalogue that can have it. */
const MUTATIONS: Readonly<Record<string, readonly string[]>> = {
  'drop a column': eachOf(
    'columns',
    (table, column) => `ALTER TABLE ${table} DROP COLUMN ${column} CASCADE`,
  ),
  'rename a column': eachOf(
    'columns',
    (table, column) => `ALTER TABLE ${table} RENAME COLUMN ${column} TO renamed`,
  ),
  'turn NOT NULL': tables.flatMap(([table, { columns }]) =>
    Object.entries(columns)
      .filter(([name]) => name !== 'id')
      .map(
        ([name, { notNull }]) =>
          `ALTER TABLE ${table} ALTER COLUMN ${name} ${notNull ? 'DROP' : 'SET'} NOT NULL`,
      ),
  ),
  'turn a default': tables.flatMap(([table, { columns }]) =>
    Object.entries(columns).map(([name, column]) =>
      column.default === null
        ? `ALTER TABLE ${table} ALTER COLUMN ${name} SET DEFAULT ${column.type === 'uuid' ? 'gen_random_uuid()' : column.type.startsWith('time') ? 'now()' : column.type.startsWith('numeric') ? '1' : "'x'"}`
        : `ALTER TABLE ${table} ALTER COLUMN ${name} DROP DEFAULT`,
    ),
  ),
  'widen a type': tables.flatMap(([table, { columns }]) =>
    Object.entries(columns)
      .filter(([, { type }]) => type === 'text' || type === 'integer')
      .map(
        ([name, { type }]) =>
          `ALTER TABLE ${table} ALTER COLUMN ${name} TYPE ${type === 'text' ? 'varchar(300)' : 'bigint'}`,
      ),
  ),
  'drop a constraint': eachOf(
    'constraints',
    (table, name) => `ALTER TABLE ${table} DROP CONSTRAINT ${name} CASCADE`,
  ),
  'rename a constraint': eachOf(
    'constraints',
    (table, name) => `ALTER TABLE ${table} RENAME CONSTRAINT ${name} TO ${name}_2`,
  ),
  'drop an index': tables.flatMap(([, { indexes }]) =>
    Object.entries(indexes)
      .filter(([, { constraint }]) => constraint === null)
      .map(([name]) => `DROP INDEX ${name}`),
  ),
  'rename an index': tables.flatMap(([, { indexes }]) =>
    Object.keys(indexes).map((name) => `ALTER INDEX ${name} RENAME TO ${name}_2`),
  ),
  'make an index unique': tables.flatMap(([table, { indexes }]) =>
    Object.entries(indexes)
      .filter(([, { constraint }]) => constraint === null)
      .map(
        ([name, { definition }]) =>
          `DROP INDEX ${name}; CREATE UNIQUE INDEX ${name} ON ${table} USING ${definition}`,
      ),
  ),
  'drop a trigger': eachOf('triggers', (table, name) => `DROP TRIGGER ${name} ON ${table}`),
  'disable a trigger': eachOf(
    'triggers',
    (table, name) => `ALTER TABLE ${table} DISABLE TRIGGER ${name}`,
  ),
  'enable a trigger for replicas': eachOf(
    'triggers',
    (table, name) => `ALTER TABLE ${table} ENABLE REPLICA TRIGGER ${name}`,
  ),
  'drop a table': tables.map(([table]) => `DROP TABLE ${table} CASCADE`),
  'rename a table': tables.map(([table]) => `ALTER TABLE ${table} RENAME TO ${table}_2`),
  'disable row level security': onTables(
    (table) => `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`,
  ),
  'force row level security': onTables((table) => `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`),
  'add a policy': ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'ALL'].flatMap((command) =>
    onTables(
      (table) =>
        `CREATE POLICY p ON ${table} FOR ${command} ${command === 'INSERT' ? 'WITH CHECK' : 'USING'} (true)`,
    ),
  ),
  'grant on a table': privileges(
    'SELECT',
    'INSERT',
    'UPDATE',
    'DELETE',
    'TRUNCATE',
    'REFERENCES',
    'TRIGGER',
  ).flatMap(([privilege, role]) =>
    onTables((table) => `GRANT ${privilege} ON ${table} TO ${role}`),
  ),
  'grant on a column': privileges('SELECT', 'INSERT', 'UPDATE', 'REFERENCES').flatMap(
    ([privilege, role]) =>
      eachOf('columns', (table, column) => `GRANT ${privilege} (${column}) ON ${table} TO ${role}`),
  ),
  'grant on the sequence': privileges('USAGE', 'SELECT', 'UPDATE').map(
    ([privilege, role]) => `GRANT ${privilege} ON SEQUENCE tracking_migrations_id_seq TO ${role}`,
  ),
  'grant on a function': privileges('EXECUTE').flatMap(([, role]) =>
    Object.keys(contents.functions).map(
      (signature) => `GRANT EXECUTE ON FUNCTION ${signature} TO ${role}`,
    ),
  ),
  'revoke from service_role': ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'ALL'].flatMap((privilege) =>
    onTables((table) => `REVOKE ${privilege} ON ${table} FROM service_role`),
  ),
  'drop a function': Object.keys(contents.functions).map(
    (signature) => `DROP FUNCTION ${signature} CASCADE`,
  ),
  'alter a function': Object.keys(contents.functions).flatMap((signature) =>
    ['SECURITY DEFINER', 'RESET ALL', 'COST 7', 'STRICT', 'IMMUTABLE', 'SET work_mem = 1024'].map(
      (change) => `ALTER FUNCTION ${signature} ${change}`,
    ),
  ),
  'open a view': tables.map(
    ([table]) => `CREATE VIEW leak AS SELECT * FROM ${table}; GRANT SELECT ON leak TO anon`,
  ),
  'open a function': tables.map(
    ([table]) =>
      `CREATE FUNCTION leak() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM ${table}'`,
  ),
};

function onTables(sql: (table: string) => string): string[] {
  return [...tables.map(([table]) => table), 'tracking_migrations'].map(sql);
}

function eachOf(
  part: 'columns' | 'constraints' | 'triggers',
  sql: (table: string, name: string) => string,
): string[] {
  return tables.flatMap(([table, parts]) =>
    Object.keys(parts[part]).map((name) => sql(table, name)),
  );
}

function privileges(...names: readonly string[]): [string, string][] {
  const roles = ['PUBLIC', 'anon', 'authenticated', 'reporter'];
  return names.flatMap((name) => roles.map((role): [string, string] => [name, role]));
}

/** The placeholder becomes the application's own table once its columns are others, and is left alone. */
const MAKES_LEADS_THE_HOSTS = /ALTER TABLE leads (DROP|RENAME) COLUMN/;
/** A role that asks what is pending; reported as info. */
const READS_THE_MIGRATIONS_TABLE = /GRANT SELECT ON tracking_migrations TO reporter/;

const kinds = Object.values(MUTATIONS).map((statements) =>
  statements.filter(
    (sql) => !MAKES_LEADS_THE_HOSTS.test(sql) && !READS_THE_MIGRATIONS_TABLE.test(sql),
  ),
);

/** One kind is as likely as another, however many objects it applies to. */
const mutation = fc.constantFrom(...kinds).chain((statements) => fc.constantFrom(...statements));

/** Returns the errors inside the transaction that is open. */
async function errorsIn(client: pg.Client): Promise<readonly Finding[]> {
  const { findings } = await verifyOnClient(client);
  return findings.filter(({ level }) => level !== 'info');
}

/** Makes changes, in a transaction that is rolled back: they are found, and the fixes fix them. */
async function tryOut(client: pg.Client, changes: readonly string[]): Promise<void> {
  await client.query('BEGIN');
  let made = 0;
  for (const sql of changes) {
    // One change may leave nothing for another to change.
    await client.query('SAVEPOINT before');
    await client.query(sql).then(
      () => {
        made += 1;
      },
      () => client.query('ROLLBACK TO before'),
    );
  }
  const found = await errorsIn(client);
  for (const { fix = '' } of found) await client.query(fix);
  let left = await errorsIn(client);
  // What is on a renamed table is looked at once it has its name again, and who reaches the placeholder
  // once there is one: without it, another table of that name could be the application's.
  if (
    found.some(({ code, object }) => code === 'TABLE_RENAMED' || object === 'table public.leads')
  ) {
    for (const { fix = '' } of left) await client.query(fix);
    left = await errorsIn(client);
  }
  await client.query('ROLLBACK');
  expect(found.length, 'found').toBeGreaterThanOrEqual(made > 0 ? 1 : 0);
  expect(left).toEqual([]);
}

/** MUTATIONS=all tries every single change; it takes about two minutes. */
const { MUTATIONS: asked } = process.env;

test('every change of one object is found and fixed', async () => {
  await withClient(healthy.urlFor('supabase_admin'), async (client) => {
    const chosen =
      asked === 'all' ? kinds.flat() : fc.sample(mutation, { numRuns: RUNS, seed: SEED });
    for (const sql of chosen) {
      await tryOut(client, [sql]).catch((cause: unknown) => {
        throw new Error(sql, { cause });
      });
    }
    console.info(
      `${chosen.length} of ${kinds.flat().length} changes of one object: all found, all fixed`,
    );
  });
}, 600_000);

test('every mix of changes is found and fixed', async () => {
  await withClient(healthy.urlFor('supabase_admin'), async (client) => {
    // A column's type cannot be changed back while a view of the application's stands on it.
    const mix = fc
      .array(mutation, { minLength: 2, maxLength: 5 })
      .filter((changes) => !/ TYPE [\s\S]*CREATE VIEW/.test(changes.join('; ')));
    await fc.assert(
      fc
        .asyncProperty(mix, (changes) => tryOut(client, changes))
        .beforeEach(() => client.query('ROLLBACK').then(() => {})),
      { numRuns: RUNS, seed: SEED },
    );
  });
});
