import { describe, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { serverMajor, snapshot } from '../support/catalogue.ts';
import {
  createDatabase,
  createMigratedDatabase,
  createRole,
  withClient,
} from '../support/database.ts';
import { useStandby } from '../support/own-server.ts';
import { tally } from '../support/tally.ts';

const COUNT = migrations.length;

describe('settings of the role', () => {
  test('do not change the schema that is created', async () => {
    const reference = await createMigratedDatabase();
    const expected = (await snapshot(reference)).filter((line) => !line.includes('owner='));
    const settings = [
      "statement_timeout = '100ms'",
      "lock_timeout = '1ms'",
      "idle_in_transaction_session_timeout = '1ms'",
      "search_path = 'nowhere'",
      "search_path = 'pg_temp, public'",
      "timezone = 'Asia/Tokyo'",
      'default_transaction_read_only = on',
      "default_transaction_isolation = 'serializable'",
      'default_transaction_deferrable = on',
      'standard_conforming_strings = off',
      "backslash_quote = 'off'",
      'quote_all_identifiers = on',
      'check_function_bodies = off',
      "plpgsql.variable_conflict = 'use_column'",
      "client_min_messages = 'debug1'",
      "client_encoding = 'LATIN1'",
      "datestyle = 'German, DMY'",
      "bytea_output = 'escape'",
      'row_security = off',
      "default_tablespace = 'pg_default'",
      ...((await serverMajor(reference)) >= 17 ? ["transaction_timeout = '1s'"] : []),
    ];
    let survived = 0;
    for (const setting of settings) {
      const role = await createRole();
      const db = await createDatabase();
      await db.query(`
        GRANT CREATE ON SCHEMA public TO ${role.name};
        ALTER ROLE ${role.name} SET ${setting}`);
      const databaseUrl = db.urlFor(role.name, role.password);
      const { ran } = await runMigrations({ databaseUrl });
      const again = await runMigrations({ databaseUrl });
      const made = (await snapshot(db)).filter((line) => !line.includes('owner='));
      expect([setting, ...made]).toEqual([setting, ...expected]);
      if (ran.length === COUNT && again.ran.length === 0) survived += 1;
    }
    tally({ fault: 'settings of the role', tried: settings.length, survived });
    expect(survived).toBe(settings.length);
  });

  test.for([
    { setting: 'statement_timeout', since: 14, sqlState: '57014' },
    { setting: 'transaction_timeout', since: 17, sqlState: '25P04' },
  ])(
    'do not end a run that takes longer than its $setting',
    async ({ setting, since, sqlState }, context) => {
      const role = await createRole();
      const db = await createDatabase();
      if ((await serverMajor(db)) < since) context.skip(`needs PostgreSQL ${since}`);
      await db.query(`
      GRANT CREATE ON SCHEMA public TO ${role.name};
      ALTER ROLE ${role.name} SET ${setting} = '200ms';
      CREATE FUNCTION linger() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.4); END';
      CREATE EVENT TRIGGER linger ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION linger()`);
      const databaseUrl = db.urlFor(role.name, role.password);
      const plain = withClient(databaseUrl, (client) => client.query('CREATE TABLE other ()'));
      await expect(plain).rejects.toMatchObject({ code: sqlState });
      expect((await runMigrations({ databaseUrl })).ran).toHaveLength(COUNT);
    },
  );
});

describe('a schema in which others have CREATE', () => {
  test('calls none of its functions and operators, even where their types match better', async () => {
    const functions = [
      'format(text, regclass, text)',
      'format(text, regclass, name)',
      'format(text, regclass)',
      'format(text, name, name)',
      'quote_ident(name)',
      'obj_description(oid, text)',
      'obj_description(regclass, text)',
      'json_agg(json)',
      'row_security_active(regclass)',
      'array_to_string(text[], text)',
    ];
    const operators = [
      ['=', 'oid, regclass', 'boolean'],
      ['=', 'regclass, oid', 'boolean'],
      ['=', 'varchar, varchar', 'boolean'],
      ['=', 'text[], text[]', 'boolean'],
      ['=', 'oid, integer', 'boolean'],
      ['||', 'name, name', 'text'],
      ['||', 'name, text', 'text'],
    ];
    const db = await createDatabase();
    const body = "LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''hijacked''; END'";
    for (const signature of functions) {
      await db.query(`CREATE FUNCTION public.${signature} RETURNS text ${body}`);
    }
    for (const [index, [operator, types = '', returns]] of operators.entries()) {
      const [left, right] = types.split(', ');
      await db.query(`
        CREATE FUNCTION public.hijack_${index}(${types}) RETURNS ${returns} ${body};
        CREATE OPERATOR public.${operator} (LEFTARG = ${left}, RIGHTARG = ${right}, FUNCTION = public.hijack_${index})`);
    }
    await expect(db.query("SELECT format('%s', 'pg_class'::regclass)")).rejects.toThrow('hijacked');
    const { ran } = await runMigrations({ databaseUrl: db.url });
    expect(ran).toHaveLength(COUNT);
    const all = {
      databaseUrl: db.url,
      count: Number.POSITIVE_INFINITY,
      direction: 'down',
    } as const;
    expect((await runMigrations(all)).ran).toHaveLength(COUNT);
    await runMigrations({ databaseUrl: db.url, migrationsTable: 'pgmigrations' });
    expect((await runMigrations({ databaseUrl: db.url })).adopted).toHaveLength(COUNT);
    const tried = functions.length + operators.length;
    tally({
      fault: 'functions and operators that could hijack a run',
      tried,
      survived: tried,
    });
  });
});

describe('a role with SELECT on the migrations table alone', () => {
  test('finds nothing pending, although row level security hides the rows', async () => {
    const role = await createRole();
    const db = await createMigratedDatabase();
    const databaseUrl = db.urlFor(role.name, role.password);
    await expect(runMigrations({ databaseUrl })).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      sqlState: '42501',
    });
    await db.query(`GRANT SELECT ON tracking_migrations TO ${role.name}`);
    expect(await db.query('SELECT count(*)::int AS n FROM pg_policy')).toEqual([{ n: 0 }]);
    const { ran, alreadyApplied } = await runMigrations({ databaseUrl });
    expect([ran.length, alreadyApplied.length]).toEqual([0, COUNT]);
    tally({
      fault: 'a role with SELECT on the migrations table alone, nothing pending',
      tried: 1,
      survived: 1,
    });
  });

  test('gets a typed error where migrations are pending', async () => {
    const role = await createRole();
    const db = await createDatabase();
    await runMigrations({ databaseUrl: db.url, count: COUNT - 1 });
    await db.query(`GRANT SELECT ON tracking_migrations TO ${role.name}`);
    const databaseUrl = db.urlFor(role.name, role.password);
    await expect(runMigrations({ databaseUrl }), 'nothing is declared').rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    const head = migrations[COUNT - 2]?.name;
    await db.query(
      `COMMENT ON TABLE tracking_migrations IS '{"release":"0.9.0","head":"${head}","compatibleFrom":"0.9.0"}'`,
    );
    const pending = runMigrations({ databaseUrl });
    await expect(pending, 'an earlier release is declared').rejects.toMatchObject({
      code: 'PREFLIGHT_FAILED',
      failures: expect.arrayContaining([expect.objectContaining({ code: 'NOT_OWNER' })]),
    });
  });
});

describe('a standby', () => {
  test('succeeds when up to date, and throws SERVER_IS_STANDBY when migrations are pending', async () => {
    const standby = await useStandby(async (url) => {
      await runMigrations({ databaseUrl: url });
    });
    const upToDate = await runMigrations({ databaseUrl: standby });
    const behind = new URL(standby);
    behind.pathname = '/template1';
    const error = await runMigrations({ databaseUrl: behind.href }).catch(
      (reason: unknown) => reason,
    );
    expect(upToDate.ran).toEqual([]);
    expect(error).toMatchObject({
      code: 'PREFLIGHT_FAILED',
      failures: [{ code: 'SERVER_IS_STANDBY', fix: 'Connect to the primary.' }],
    });
    tally({ fault: 'a standby: up to date, and with migrations pending', tried: 2, survived: 2 });
  });
});
