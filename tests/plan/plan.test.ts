import { beforeAll, describe, expect, test } from 'vitest';
import { type PlanMigrationsOptions, planMigrations, runMigrations } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { snapshot } from '../support/catalogue.ts';
import {
  createDatabase,
  createMigratedDatabase,
  createRole,
  type TestDatabase,
  withClient,
} from '../support/database.ts';
import { useStandby } from '../support/own-server.ts';
import { hasServerLog, statementsDuring } from '../support/statements.ts';
import { SCENARIOS } from './scenarios.ts';

const NAMES = migrations.map(({ name }) => name);
const ALL_BACK = { direction: 'down', count: Number.POSITIVE_INFINITY } as const;

let upToDate: TestDatabase;
beforeAll(async () => {
  upToDate = await createMigratedDatabase();
});

/** What an error says, without its place in the sources. */
async function refusal(call: Promise<unknown>): Promise<object> {
  const error: unknown = await call.then(
    () => 'it was not refused',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return { ...(error as Error), message: (error as Error).message, cause: undefined };
}

describe('planning', () => {
  test.each(Object.entries(SCENARIOS))('changes nothing: %s', async (_, { options, prepare }) => {
    const db = await createDatabase();
    await prepare(db);
    const before = await snapshot(db);
    const plan = await planMigrations({ databaseUrl: db.url, ...options });
    expect(await snapshot(db)).toEqual(before);
    // The same is still to be done, and planned.
    const again = await planMigrations({ databaseUrl: db.url, ...options });
    expect(again.migrations).toEqual(plan.migrations);
    expect(again.locks).toEqual(plan.locks);
    const dry = await runMigrations({ databaseUrl: db.url, ...options, dryRun: true });
    const { direction, migrations: wouldRun, adopted } = plan;
    expect(dry).toMatchObject({ direction, wouldRun, adopted });
  });

  test('works for a role whose transactions are read-only, and leaves its client as it was', async () => {
    const role = await createRole();
    const db = await createDatabase();
    await db.query(`
      GRANT CREATE ON SCHEMA public TO ${role.name};
      ALTER ROLE ${role.name} SET default_transaction_read_only = on`);
    await withClient(db.urlFor(role.name, role.password), async (dbClient) => {
      // A block of PL/pgSQL, once run in a session, brings that language's own settings.
      const settings =
        "SELECT name, setting FROM pg_settings WHERE name NOT LIKE 'plpgsql.%' ORDER BY name";
      const before = (await dbClient.query(settings)).rows;
      const plan = await planMigrations({ dbClient });
      expect(plan.migrations).toEqual(NAMES);
      expect((await dbClient.query(settings)).rows).toEqual(before);
      expect(dbClient.getTransactionStatus()).toBe('I');
    });
  });

  test('works on a standby, and says what the primary would do', async () => {
    let planned: object = {};
    const databaseUrl = await useStandby(async (primary) => {
      await runMigrations({ databaseUrl: primary, count: 3 });
      planned = await planMigrations({ databaseUrl: primary });
    });
    const { statements, ...plan } = await planMigrations({ databaseUrl });
    expect(planned).toMatchObject(plan);
    expect(plan.migrations).toEqual(NAMES.slice(3));
    expect(statements.at(0)?.sql).toMatch(/^BEGIN/);
    expect(statements.at(-1)).toEqual({ migration: undefined, sql: 'COMMIT' });
  });

  test('does not wait for a migrator that has the lock', async () => {
    const db = await createDatabase();
    await withClient(db.url, async (migrator) => {
      await migrator.query('BEGIN; SELECT pg_advisory_xact_lock(7241865325823964)');
      const plan = await planMigrations({ databaseUrl: db.url, timeoutMs: 20_000 });
      expect(plan.migrations).toEqual(NAMES);
    });
  });
});

describe('with nothing pending', () => {
  const nothing = { migrations: [], adopted: [], statements: [], locks: [] };

  test('the plan is empty, and costs the one statement of runMigrations()', async (context) => {
    const databaseUrl = upToDate.url;
    expect(await planMigrations({ databaseUrl })).toEqual({ direction: 'up', ...nothing });
    const empty = await createDatabase();
    expect(await planMigrations({ databaseUrl: empty.url, ...ALL_BACK })).toEqual({
      direction: 'down',
      ...nothing,
    });
    if (!hasServerLog()) context.skip("the log of TEST_DATABASE_URL's server cannot be read");
    const db = await createDatabase(upToDate);
    const run = await statementsDuring(db, () => runMigrations({ databaseUrl: db.url }));
    const plan = await statementsDuring(db, () => planMigrations({ databaseUrl: db.url }));
    expect(plan).toEqual(run);
    expect(plan).toHaveLength(1);
  });

  test('SELECT on the migrations table is enough', async () => {
    const role = await createRole();
    const db = await createDatabase(upToDate);
    await db.query(`GRANT SELECT ON tracking_migrations TO ${role.name}`);
    const databaseUrl = db.urlFor(role.name, role.password);
    expect(await planMigrations({ databaseUrl })).toEqual({ direction: 'up', ...nothing });
  });
});

describe('a plan is refused as the run would be', () => {
  const fitsNot: [string, string, PlanMigrationsOptions, string][] = [
    ['by leads that do not fit', 'CREATE TABLE leads (id int)', {}, 'PREFLIGHT_FAILED'],
    ['by a missing schema', '', { schema: 'nowhere' }, 'PREFLIGHT_FAILED'],
    ['by a conflicting table', 'CREATE TABLE visitors (id int)', {}, 'PREFLIGHT_FAILED'],
  ];
  test.each(fitsNot)('%s', async (_, sql, options, code) => {
    const db = await createDatabase();
    await db.query(sql);
    const planned = await refusal(planMigrations({ databaseUrl: db.url, ...options }));
    expect(planned).toMatchObject({ code });
    expect(planned).toEqual(await refusal(runMigrations({ databaseUrl: db.url, ...options })));
  });

  test('for a role that may not create', async () => {
    const role = await createRole();
    const db = await createDatabase();
    await db.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    const databaseUrl = db.urlFor(role.name, role.password);
    const planned = await refusal(planMigrations({ databaseUrl }));
    expect(planned).toMatchObject({ failures: [{ code: 'NO_CREATE_ON_SCHEMA' }] });
    expect(planned).toEqual(await refusal(runMigrations({ databaseUrl })));
  });

  test('for rows that would be lost, unless they may be', async () => {
    const db = await createDatabase(upToDate);
    await db.query("INSERT INTO visitors (visitor_id) VALUES ('a'), ('b')");
    const options = { databaseUrl: db.url, ...ALL_BACK };
    const planned = await refusal(planMigrations(options));
    expect(planned).toMatchObject({ code: 'DATA_LOSS', rows: { visitors: 2 } });
    expect(planned).toEqual(await refusal(runMigrations(options)));
    const plan = await planMigrations({ ...options, allowDataLoss: true });
    expect(plan.migrations).toEqual(NAMES.toReversed());
  });

  test('for options that would change nothing of it, and for a client inside a transaction', async () => {
    for (const option of ['dryRun', 'migrationLockTimeoutMs', 'logger', 'onEvent', 'databaseURL']) {
      const options: object = { databaseUrl: upToDate.url, [option]: true };
      await expect(planMigrations(options)).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        option,
      });
    }
    await withClient(upToDate.url, async (dbClient) => {
      await dbClient.query('BEGIN');
      await expect(planMigrations({ dbClient })).rejects.toMatchObject({
        code: 'CLIENT_IN_TRANSACTION',
      });
    });
  });

  test('when its signal is aborted', async () => {
    const options = { databaseUrl: upToDate.url, signal: AbortSignal.abort() };
    await expect(planMigrations(options)).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
