import { beforeAll, describe, expect, test } from 'vitest';
import {
  type MigrationPlan,
  planMigrations,
  type RunMigrationsResult,
  runMigrations,
} from '../../src/index.ts';
import { snapshot } from '../support/catalogue.ts';
import { createDatabase, type TestDatabase, withClient } from '../support/database.ts';
import { hasServerLog, wholeStatementsDuring } from '../support/statements.ts';
import { SCENARIOS } from './scenarios.ts';

/** What is left of the run's time is not the same twice. */
function comparable(sql: string): string {
  return sql.trim().replace(/(statement_timeout =) \d+/, '$1 …');
}

function isRead(sql: string): boolean {
  return (
    /^\s*(SET LOCAL [^;]*;\s*)*(SELECT|WITH RECURSIVE)\b/.test(sql) && !sql.includes('set_config')
  );
}

/** Without queries that only look, and without the search path that is set for one and set back. */
function withoutReads(statements: readonly string[]): string[] {
  return statements.filter((sql, place) => {
    const [before = '', after = ''] = [statements[place - 1], statements[place + 1]];
    const setBack = sql === 'SET LOCAL search_path = pg_catalog, pg_temp' && isRead(before);
    const setForRead = /^SET LOCAL search_path = .*$/.test(sql) && isRead(after);
    return !isRead(sql) && !setBack && !setForRead;
  });
}

async function migrationsTableOf(db: TestDatabase, schema: string): Promise<unknown[]> {
  return db.query(`SELECT id, name FROM "${schema}".tracking_migrations ORDER BY id`);
}

describe.each(Object.entries(SCENARIOS))('the plan for %s', (_, scenario) => {
  const { options } = scenario;
  const schema = String([options.schema ?? 'public'].flat()[0]);
  let prepared: TestDatabase;
  let ran: TestDatabase;
  let plan: MigrationPlan;
  let result: RunMigrationsResult;
  let sent: string[] | undefined;

  beforeAll(async () => {
    prepared = await createDatabase();
    await scenario.prepare(prepared);
    ran = await createDatabase(prepared);
    plan = await planMigrations({ databaseUrl: ran.url, ...options });
    const run = async () => {
      result = await runMigrations({ databaseUrl: ran.url, ...options });
    };
    if (hasServerLog()) sent = await wholeStatementsDuring(ran, run);
    else await run();
  });

  test('has the very statements that runMigrations() then sends', (context) => {
    if (!sent) return context.skip("the log of TEST_DATABASE_URL's server cannot be read");
    const { direction, adopted } = result;
    expect(plan).toMatchObject({
      direction,
      adopted,
      migrations: result.ran.map(({ name }) => name),
    });
    expect(plan.statements.length).toBeGreaterThan(3);
    expect(plan.statements.map(({ sql }) => comparable(sql))).toEqual(
      withoutReads(sent).map(comparable),
    );
    expect(migrationsOf(plan)).toEqual(plan.migrations);
  });

  test('makes the same database when its statements are executed in order', async () => {
    const executed = await createDatabase(prepared);
    await withClient(executed.url, async (client) => {
      for (const { sql } of plan.statements) await client.query(sql);
    });
    expect(await snapshot(executed)).toEqual(await snapshot(ran));
    expect(await migrationsTableOf(executed, schema)).toEqual(await migrationsTableOf(ran, schema));
  });
});

/** The migrations to which statements belong, in order. */
function migrationsOf({ statements }: MigrationPlan): string[] {
  return [...new Set(statements.flatMap(({ migration }) => migration ?? []))];
}
