import { beforeAll, describe, expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { migrations } from '../../src/schema/migrations.ts';
import { createDatabase, createMigratedDatabase, type TestDatabase } from '../support/database.ts';
import { inProcess } from './cli.ts';

const COUNT = migrations.length;
const NEWER = '20991231000000000_from-the-future';

let upToDate: TestDatabase;
beforeAll(async () => {
  upToDate = await createMigratedDatabase();
});

/** The exit code, and what was written where. */
async function cli(db: TestDatabase, command: string, ...args: string[]) {
  return inProcess(command, '--database-url', db.url, ...args);
}

async function damaged(): Promise<TestDatabase> {
  const db = await createDatabase(upToDate);
  await db.query('DELETE FROM tracking_migrations WHERE name = $1', [migrations[3]?.name]);
  return db;
}

async function ahead(): Promise<TestDatabase> {
  const db = await createDatabase(upToDate);
  await db.query(`
    INSERT INTO tracking_migrations (name, run_on) VALUES ('${NEWER}', now());
    COMMENT ON TABLE tracking_migrations IS 'x {"release":"9.0.0","head":"${NEWER}","compatibleFrom":"9.0.0"}'`);
  return db;
}

describe('up', () => {
  test('prints each migration to stderr and the summary to stdout, and exits with 0 when nothing is pending', async () => {
    const db = await createDatabase();
    const first = await cli(db, 'up');
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(new RegExp(`^${COUNT} migrations applied in \\d+ ms\\.\n$`));
    const progress = first.stderr.trim().split('\n');
    expect(progress).toEqual(
      migrations.map(({ name }, position) =>
        expect.stringMatching(new RegExp(`^✔ ${position + 1}/${COUNT} up ${name} \\d+ ms$`)),
      ),
    );
    expect(await cli(db, 'up')).toEqual({
      code: 0,
      stdout: `Nothing to run: ${COUNT} migrations applied.\n`,
      stderr: '',
    });
  });

  test('applies migrations up to --count or --target in the schema of --schema', async () => {
    const db = await createDatabase();
    const schema = ['--schema', 'tracking', '--schema', 'public', '--migrations-table', 'ours'];
    const dry = await cli(db, 'up', ...schema, '--create-schema', '--count', '2', '--dry-run');
    expect(dry.code).toBe(0);
    expect(dry.stdout).toContain(migrations[1]?.name);
    expect(dry.stdout).toContain('2 migrations would run. Nothing was changed.');
    expect(await db.query("SELECT FROM pg_namespace WHERE nspname = 'tracking'")).toEqual([]);
    const target = migrations[2]?.name ?? '';
    const run = await cli(db, 'up', ...schema, '--create-schema', '--target', target);
    expect(run.code).toBe(0);
    const migrationsTable = await db.query<{ name: string }>(
      'SELECT name FROM tracking.ours ORDER BY id',
    );
    expect(migrationsTable.map(({ name }) => name)).toEqual(
      migrations.slice(0, 3).map(({ name }) => name),
    );
  });

  test('lists the migrations of a schema that it adopts', async () => {
    const db = await createDatabase(upToDate);
    await db.query('ALTER TABLE tracking_migrations RENAME TO pgmigrations');
    const { code, stdout } = await cli(db, 'up', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^The schema exists already\. Migrations would be recorded without running them:\n/,
    );
    for (const { name } of migrations) expect(stdout).toContain(`  ${name}\n`);
  });

  test('exits with 1 when the preflight fails, and prints every failure with its fix and flag', async () => {
    const db = await createDatabase();
    const { code, stdout, stderr } = await cli(db, 'up', '--schema', 'nowhere');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('(PREFLIGHT_FAILED)');
    expect(stderr).toContain('SCHEMA_NOT_FOUND');
    expect(stderr).toContain(
      'CREATE SCHEMA "nowhere"; Or pass createSchema: true (--create-schema).\n',
    );
    expect(stderr).toContain('  flag:  --create-schema  ');
  });

  test('exits with 1 when a migration fails, and prints the statement', async () => {
    const db = await createDatabase();
    await db.query(`
      CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS
        $$BEGIN RAISE 'no table today' USING ERRCODE = 'P0001'; END$$;
      CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
        EXECUTE FUNCTION refuse();
      ALTER EVENT TRIGGER refuse DISABLE`);
    await cli(db, 'up', '--count', '1');
    await db.query('ALTER EVENT TRIGGER refuse ENABLE');
    const { code, stderr } = await cli(db, 'up');
    expect(code).toBe(1);
    expect(stderr).toContain('no table today');
    expect(stderr).toContain('(MIGRATION_FAILED, SQLSTATE P0001)');
    expect(stderr).toMatch(/statement:\n {2}CREATE TABLE "visitors"/);
  });

  test('exits with 1 on a damaged migrations table and on that of a newer, incompatible version', async () => {
    const mismatch = await cli(await damaged(), 'up');
    expect([mismatch.code, mismatch.stderr]).toEqual([
      1,
      expect.stringContaining('MIGRATIONS_TABLE_DAMAGED'),
    ]);
    const newer = await cli(await ahead(), 'up');
    expect([newer.code, newer.stderr]).toEqual([1, expect.stringContaining('DATABASE_AHEAD')]);
  });
});

describe('down', () => {
  test('requires --count or --target', async () => {
    expect(await cli(upToDate, 'down')).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: direction 'down' needs count or target. (INVALID_OPTION)
hint:  Pass count (Infinity for all) or target.
flag:  --count <number>  maximum number of migrations, or all
`,
    });
  });

  test('drops tables that hold rows only with --allow-data-loss', async () => {
    const db = await createDatabase(upToDate);
    await db.query("INSERT INTO visitors (visitor_id) VALUES ('v')");
    const refused = await cli(db, 'down', '--count', 'all');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('visitors (1)');
    expect(refused.stderr).toContain('flag:  --allow-data-loss  drop tables that hold rows\n');
    const done = await cli(db, 'down', '--count', 'all', '--allow-data-loss');
    expect(done.code).toBe(0);
    expect(done.stdout).toMatch(new RegExp(`^${COUNT} migrations rolled back in`));
    expect(await db.query('SELECT FROM tracking_migrations')).toEqual([]);
  });
});

describe('status', () => {
  test('exits with 0 only when ready, and lists every migration with its state and time', async () => {
    const ready = await cli(upToDate, 'status');
    expect(ready.code).toBe(0);
    const [head, ...lines] = ready.stdout.split('\n');
    expect(head).toMatch(/^MIGRATION +STATE +APPLIED AT$/);
    expect(lines.slice(0, COUNT)).toEqual(
      migrations.map(({ name }) =>
        expect.stringMatching(new RegExp(`^${name} +applied +\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$`)),
      ),
    );
    expect(ready.stdout).toMatch(/\nready: /);

    const pending = await cli(await createDatabase(), 'status');
    expect([pending.code, pending.stdout]).toEqual([1, expect.stringMatching(/\npending: /)]);
    const gap = await cli(await damaged(), 'status');
    expect([gap.code, gap.stdout]).toEqual([1, expect.stringMatching(/\ndamaged: /)]);
    expect(gap.stdout).toMatch(new RegExp(`${migrations[3]?.name} +missing`));
    const newer = await cli(await ahead(), 'status');
    expect([newer.code, newer.stdout]).toEqual([1, expect.stringMatching(/\nincompatible: /)]);
  });

  test('repeats the given flags in its hint, but not the URL', async () => {
    const flags = ['--schema', 'tracking', '--schema', 'my schema', '--migrations-table', 'ours'];
    const { stdout } = await cli(await createDatabase(), 'status', ...flags);
    expect(stdout).toContain(
      `Run: npx conversion-tracking-schema up --database-url <url> --schema tracking --schema 'my schema' --migrations-table ours\n`,
    );
  });

  test('repeats the given flags in the hint of an error', async () => {
    const { stderr } = await cli(
      await damaged(),
      'up',
      '--migrations-table',
      'tracking_migrations',
    );
    expect(stderr).toContain(
      'Run npx conversion-tracking-schema verify --database-url <url> --migrations-table tracking_migrations: it prints',
    );
  });

  test('names the schema in which the tables are, and up refuses to install them twice', async () => {
    const db = await createDatabase();
    await runMigrations({ databaseUrl: db.url, schema: 'tracking', createSchema: true });
    const { code, stdout } = await cli(db, 'status');
    expect(code).toBe(1);
    expect(stdout.split('\n').slice(-4, -1)).toEqual([
      'pending: no migration is applied in schema public.',
      'The tracking schema is installed in schema tracking. Run: npx conversion-tracking-schema status --database-url <url> --schema tracking',
      'To install it in public as well, run: npx conversion-tracking-schema up --database-url <url> --schema public',
    ]);
    const refused = await cli(db, 'up');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("Pass schema: 'tracking' (--schema tracking).");
    expect((await cli(db, 'status', '--schema', 'tracking')).code).toBe(0);
  });

  test('prints no control characters of names in the migrations table', async () => {
    const db = await createDatabase(upToDate);
    await db.query('INSERT INTO tracking_migrations (name, run_on) VALUES ($1, now())', [
      '20991231000000000_\u001b[2Jgone',
    ]);
    const { stdout } = await cli(db, 'status');
    expect(stdout).toContain('20991231000000000_\u{fffd}[2Jgone');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('plan', () => {
  test('prints migrations, locks and the number of statements', async () => {
    const db = await createDatabase();
    await db.query('CREATE TABLE leads (id uuid PRIMARY KEY)');
    const { code, stdout, stderr } = await cli(db, 'plan', '--count', '3');
    expect([code, stderr]).toEqual([0, '']);
    const [first, second, third] = migrations.map(({ name }) => name);
    expect(stdout).toMatch(
      new RegExp(
        `^up would run 3 migrations:\\n  ${first}\\n  ${second}\\n  ${third}\\n\\nTable locks:\\n  SHARE ROW EXCLUSIVE on public\\.leads in ${third}\\n\\n\\d+ statements. Add --sql to print them\\.\\n$`,
      ),
    );
    expect((await cli(upToDate, 'plan')).stdout).toBe('Nothing to run.\n');
  });

  test('prints a script for psql with --sql, and changes nothing', async () => {
    const db = await createDatabase();
    await db.query('CREATE TABLE leads (id uuid PRIMARY KEY)');
    const { code, stdout, stderr } = await cli(db, 'plan', '--count', '3', '--sql');
    expect([code, stderr]).toEqual([0, '']);
    for (const { name } of migrations.slice(0, 3)) expect(stdout).toContain(`-- ${name}\n`);
    expect(stdout).toContain('-- lock: SHARE ROW EXCLUSIVE on public.leads in ');
    expect(stdout).toContain('CREATE TABLE "visitors"');
    const up = await cli(db, 'status');
    expect(up.code).toBe(1);
    // The script runs unchanged.
    await db.query(stdout);
    expect(await db.query("SELECT FROM pg_tables WHERE tablename = 'visitors'")).toHaveLength(1);
  });

  test('plans a rollback with --down, which requires --count or --target', async () => {
    const { code, stdout } = await cli(upToDate, 'plan', '--down', '--count', 'all', '--sql');
    expect(code).toBe(0);
    expect(stdout).toContain('DROP TABLE "visitors"');
    expect((await cli(upToDate, 'plan', '--down')).code).toBe(2);
  });
});

describe('verify', () => {
  test('exits with 0 on a schema without drift, else with 1 and findings with their fixes', async () => {
    const ok = await cli(upToDate, 'verify');
    expect([ok.code, ok.stderr]).toEqual([0, '']);
    expect(ok.stdout).toMatch(/^ok: .*create-purge-tracking-data\.\n$/m);

    const empty = await cli(await createDatabase(), 'verify');
    expect([empty.code, empty.stdout]).toEqual([
      1,
      expect.stringMatching(/^drift: .* Last migration: none\.\n$/m),
    ]);

    const db = await createDatabase(upToDate);
    await db.query('ALTER TABLE visitors DISABLE ROW LEVEL SECURITY');
    const drift = await cli(db, 'verify');
    expect(drift.code).toBe(1);
    expect(drift.stdout).toMatch(/^security \(1\)\n {2}RLS_DISABLED .*visitors/);
    for (const word of ['expected:', 'found:', 'fix:']) expect(drift.stdout).toContain(word);
    const [, fix = ''] = /fix: +(ALTER .*)/.exec(drift.stdout) ?? [];
    await db.query(fix);
    expect((await cli(db, 'verify')).code).toBe(0);
  });
});

describe('a command that cannot finish', () => {
  test.each(['up', 'status', 'plan', 'verify', 'fix-access'])(
    'exits with 2 without a connection: %s',
    async (command) => {
      const gone = 'postgres://someone@127.0.0.1:1/gone';
      const { code, stdout, stderr } = await inProcess(command, '--database-url', gone);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('(CONNECTION_FAILED)');
    },
  );

  test('exits with 2 after a timeout, and prints the flag for a longer one', async () => {
    const { code, stderr } = await cli(upToDate, 'status', '--timeout-ms', '1');
    expect([code, stderr]).toEqual([2, expect.stringContaining('flag:  --timeout-ms <ms>  ')]);
  });
});
