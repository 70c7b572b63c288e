import { beforeAll, describe, expect, test } from 'vitest';
import { migrationStatus, runMigrations } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { snapshot } from '../support/catalogue.ts';
import {
  createDatabase,
  createMigratedDatabase,
  createRole,
  type TestDatabase,
  withClient,
} from '../support/database.ts';
import { hasServerLog, statementsDuring } from '../support/statements.ts';

const NAMES = migrations.map(({ name }) => name);
const NEWER = '20991231000000000_from-the-future';

let upToDate: TestDatabase;
beforeAll(async () => {
  upToDate = await createMigratedDatabase();
});

async function statesOf(db: TestDatabase): Promise<{ verdict: string; states: string[] }> {
  const { verdict, migrations: all } = await migrationStatus({ databaseUrl: db.url });
  expect(all.slice(0, NAMES.length).map(({ name }) => name)).toEqual(NAMES);
  return { verdict, states: all.map(({ state }) => state) };
}

const ALL_APPLIED = NAMES.map(() => 'applied');

describe('migrationStatus', () => {
  test('of an empty database: everything is pending, and nothing is changed', async () => {
    const db = await createDatabase();
    const before = await snapshot(db);
    expect(await statesOf(db)).toEqual({
      verdict: 'pending',
      states: NAMES.map(() => 'pending'),
    });
    expect(await snapshot(db)).toEqual(before);
  });

  test('of a database on its way: what is applied, when, and what is pending', async () => {
    const db = await createDatabase();
    await db.query(`ALTER DATABASE ${db.name} SET timezone = 'Asia/Tokyo'`);
    await runMigrations({ databaseUrl: db.url, count: 2 });
    const { verdict, migrations: all } = await migrationStatus({ databaseUrl: db.url });
    expect(verdict).toBe('pending');
    expect(all.map(({ state }) => state)).toEqual([
      'applied',
      'applied',
      ...NAMES.slice(2).map(() => 'pending'),
    ]);
    const [first, , third] = all;
    expect(Math.abs(Date.now() - Number(first?.ranAt))).toBeLessThan(600_000);
    expect(third?.ranAt).toBeUndefined();
  });

  test('of an up-to-date database: ready, in one statement', async (context) => {
    expect(await statesOf(upToDate)).toEqual({ verdict: 'ready', states: ALL_APPLIED });
    if (!hasServerLog()) context.skip("the log of TEST_DATABASE_URL's server cannot be read");
    const db = await createDatabase(upToDate);
    const statements = await statementsDuring(db, () => migrationStatus({ databaseUrl: db.url }));
    expect(statements).toHaveLength(1);
  });

  test('of a migrations table with a gap names what is missing, and of a mixed one what is misplaced', async () => {
    const gap = await createDatabase(upToDate);
    await gap.query('DELETE FROM tracking_migrations WHERE name = $1', [NAMES[3]]);
    const missing = ALL_APPLIED.with(3, 'missing');
    expect(await statesOf(gap)).toEqual({ verdict: 'damaged', states: missing });

    const mixed = await createDatabase(upToDate);
    await mixed.query('UPDATE tracking_migrations SET id = id + 100 WHERE name = $1', [NAMES[1]]);
    const misplaced = ALL_APPLIED.with(1, 'misplaced');
    expect(await statesOf(mixed)).toEqual({ verdict: 'damaged', states: misplaced });

    const twice = await createDatabase(upToDate);
    await twice.query('INSERT INTO tracking_migrations (name, run_on) VALUES ($1, now())', [
      NAMES[0],
    ]);
    const doubled = ALL_APPLIED.with(0, 'misplaced');
    expect(await statesOf(twice)).toEqual({ verdict: 'damaged', states: doubled });
  });

  test.each([
    ['0.1.0', 'ready'],
    ['9.0.0', 'incompatible'],
  ])(
    'of a database that a newer version has migrated and that serves %s on: %s',
    async (compatibleFrom, verdict) => {
      const db = await createDatabase(upToDate);
      await db.query(`
      INSERT INTO tracking_migrations (name, run_on) VALUES ('${NEWER}', now());
      COMMENT ON TABLE tracking_migrations IS 'x {"release":"9.0.0","head":"${NEWER}","compatibleFrom":"${compatibleFrom}"}'`);
      expect(await statesOf(db)).toEqual({ verdict, states: [...ALL_APPLIED, 'unknown'] });
    },
  );

  test('agrees with what runMigrations() does', async () => {
    const damaged = await createDatabase(upToDate);
    await damaged.query('DELETE FROM tracking_migrations WHERE name = $1', [NAMES[3]]);
    await expect(runMigrations({ databaseUrl: damaged.url })).rejects.toMatchObject({
      code: 'MIGRATIONS_TABLE_DAMAGED',
    });
    const db = await createDatabase();
    expect((await statesOf(db)).verdict).toBe('pending');
    await runMigrations({ databaseUrl: db.url });
    expect((await statesOf(db)).verdict).toBe('ready');
  });

  test('needs SELECT on the migrations table alone; it does not see the times then', async () => {
    const role = await createRole();
    const db = await createDatabase(upToDate);
    await db.query(`GRANT SELECT ON tracking_migrations TO ${role.name}`);
    const { verdict, migrations: all } = await migrationStatus({
      databaseUrl: db.urlFor(role.name, role.password),
    });
    expect(verdict).toBe('ready');
    expect(all.map(({ state }) => state)).toEqual(ALL_APPLIED);
    expect(all.map(({ ranAt }) => ranAt)).toEqual(NAMES.map(() => undefined));
  });

  test('costs a second statement where row level security hides the rows', async (context) => {
    if (!hasServerLog()) context.skip("the log of TEST_DATABASE_URL's server cannot be read");
    const role = await createRole();
    const db = await createDatabase(upToDate);
    await db.query(`GRANT SELECT ON tracking_migrations TO ${role.name}`);
    const databaseUrl = db.urlFor(role.name, role.password);
    expect(await statementsDuring(db, () => migrationStatus({ databaseUrl }))).toHaveLength(2);
    expect(await statementsDuring(db, () => runMigrations({ databaseUrl }))).toHaveLength(2);
    expect(await statementsDuring(db, () => runMigrations({ databaseUrl: db.url }))).toHaveLength(
      1,
    );
  });

  test('refuses options that are not its own, and a client inside a transaction', async () => {
    const options: object = { databaseUrl: upToDate.url, direction: 'down' };
    await expect(migrationStatus(options)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      option: 'direction',
    });
    await withClient(upToDate.url, async (dbClient) => {
      await dbClient.query('BEGIN');
      await expect(migrationStatus({ dbClient })).rejects.toMatchObject({
        code: 'CLIENT_IN_TRANSACTION',
      });
    });
  });
});
