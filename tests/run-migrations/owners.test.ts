import { execFileSync } from 'node:child_process';
import pg from 'pg';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  exportSql,
  type PreflightError,
  planMigrations,
  runMigrations,
  verifySchema,
} from '../../src/index.ts';
import {
  createDatabase,
  createRole,
  onServer,
  type TestDatabase,
  withClient,
} from '../support/database.ts';

/** A schema half migrated by one member of a role that owns the tables since, and another member. */
async function createTeam(options = '') {
  const db = await createDatabase();
  const team = await createRole('NOLOGIN');
  const [monday, tuesday] = [await createRole(), await createRole()];
  await db.query(`GRANT CREATE ON SCHEMA public TO ${team.name};
    GRANT ${team.name} TO ${monday.name}; GRANT ${team.name} TO ${tuesday.name} ${options}`);
  await runMigrations({ databaseUrl: db.urlFor(monday.name, monday.password), count: 3 });
  await db.query(`REASSIGN OWNED BY ${monday.name} TO ${team.name}`);
  return { db, team: team.name, url: db.urlFor(tuesday.name, tuesday.password), tuesday };
}

/** The owners of all tables, sequences and functions. */
async function ownersOf(db: TestDatabase): Promise<readonly string[]> {
  const rows = await db.query<{ owner: string }>(`
    SELECT DISTINCT pg_get_userbyid(owner) AS owner FROM (
      SELECT relowner AS owner FROM pg_class WHERE relnamespace = 'public'::regnamespace
      UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = 'public'::regnamespace) o`);
  return rows.map(({ owner }) => owner);
}

const WAYS: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  'runMigrations()': (databaseUrl) => runMigrations({ databaseUrl }),
  'the statements of planMigrations()': async (databaseUrl) => {
    const { statements } = await planMigrations({ databaseUrl });
    await withClient(databaseUrl, async (client) => {
      for (const { sql } of statements) await client.query(sql);
    });
  },
  'exported SQL': async (databaseUrl) => {
    const [script] = await exportSql({ format: 'script' });
    await withClient(databaseUrl, (client) => client.query(script?.sql ?? ''));
  },
};

describe.each(Object.entries(WAYS))('%s', (_, migrate) => {
  test('gives new objects the owner of the tables where another member migrates', async () => {
    const { db, team, url } = await createTeam();
    await migrate(url);
    expect(await ownersOf(db)).toEqual([team]);
    const { findings } = await verifySchema({ databaseUrl: url });
    expect(findings.map(({ code }) => code)).not.toContain('OWNER_DIFFERS');
  });

  test('gives new objects the owner of the tables and the schema where a superuser migrates', async () => {
    const { db, team } = await createTeam();
    await db.query(`ALTER SCHEMA public OWNER TO ${team}`);
    await migrate(db.url);
    expect(await ownersOf(db)).toEqual([team]);
  });

  test('gives nothing to a role that owns the tables alone where a superuser migrates', async () => {
    const { db, team } = await createTeam();
    await migrate(db.url).catch(() => {});
    const functions = await db.query(
      `SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proowner = '${team}'::regrole`,
    );
    expect(functions).toEqual([]);
  });
});

test('gives the migrations table the owner of the tables that it adopts', async () => {
  const { db, team, url } = await createTeam();
  await runMigrations({ databaseUrl: url, target: '20261128100400000_create-tracking-events' });
  await db.query('DROP TABLE tracking_migrations');
  await runMigrations({ databaseUrl: url });
  expect(await ownersOf(db)).toEqual([team]);
});

test('refuses a superuser where the owner of the tables owns neither the schema nor the database', async () => {
  const { db, team } = await createTeam();
  await expect(runMigrations({ databaseUrl: db.url })).rejects.toMatchObject({
    failures: [{ code: 'NOT_OWNER', fix: expect.stringContaining(`Migrate as ${team}.`) }],
  });
});

test('refuses where the owner of the tables has no CREATE on the schema', async () => {
  const { db, team, url, tuesday } = await createTeam();
  await db.query(`REVOKE CREATE ON SCHEMA public FROM ${team};
    GRANT CREATE ON SCHEMA public TO ${tuesday.name}`);
  const refused = runMigrations({ databaseUrl: url });
  await expect(refused).rejects.toMatchObject({
    failures: [
      { code: 'NO_CREATE_ON_SCHEMA', fix: `Run: GRANT CREATE ON SCHEMA public TO ${team};` },
    ],
  });
  const [script] = await exportSql({ format: 'script' });
  const exported = withClient(url, (client) => client.query(script?.sql ?? ''));
  await expect(exported).rejects.toThrow('permission denied for schema public');
  expect(await ownersOf(db)).toEqual([team]);
});

test('refuses where the role may not make the owner of the tables the owner of new objects', async () => {
  const { db, team, url } = await createTeam();
  const [{ version }] = (await db.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  )) as [{ version: number }];
  if (version < 160_000) return;
  const member = new URL(url).username;
  await db.query(
    `GRANT CREATE ON SCHEMA public TO ${member}; GRANT ${team} TO ${member} WITH SET FALSE`,
  );
  await expect(runMigrations({ databaseUrl: url })).rejects.toMatchObject({
    failures: [{ code: 'NOT_OWNER', fix: expect.stringContaining(`GRANT ${team} TO ${member}`) }],
  });
  expect(await ownersOf(db)).toEqual([team]);
});

test('refuses tables of several owners', async () => {
  const { db, team, url, tuesday } = await createTeam();
  await db.query(`ALTER TABLE conversions OWNER TO ${tuesday.name}`);
  await expect(runMigrations({ databaseUrl: url })).rejects.toMatchObject({
    failures: [
      {
        code: 'NOT_OWNER',
        message: `public.conversions belongs to ${tuesday.name}, and public.visitors to ${team}.`,
      },
    ],
  });
});

test('refuses to create tables beside a migrations table of another owner', async () => {
  const { db, team, url } = await createTeam();
  await runMigrations({ databaseUrl: url, direction: 'down', count: 2 });
  for (const databaseUrl of [url, db.url]) {
    await expect(runMigrations({ databaseUrl })).rejects.toMatchObject({
      failures: [{ code: 'NOT_OWNER', fix: expect.stringContaining(`as ${team}`) }],
    });
  }
});

test('names the owner of a migrations table that the role may not read', async () => {
  const { db, team } = await createTeam();
  const other = await createRole();
  const refused = runMigrations({ databaseUrl: db.urlFor(other.name, other.password) });
  await expect(refused).rejects.toMatchObject({
    code: 'PERMISSION_DENIED',
    hint: expect.stringContaining(`To migrate, connect as ${team}.`),
  });
});

test('names the tables of another role in one conflict', async () => {
  const { db, team, tuesday } = await createTeam();
  const other = await createRole();
  await db.query(`GRANT ${tuesday.name} TO ${other.name};
    ALTER TABLE tracking_migrations OWNER TO ${tuesday.name}`);
  const databaseUrl = db.urlFor(other.name, other.password);
  await db.query(`REVOKE ${team} FROM ${tuesday.name}`);
  await expect(runMigrations({ databaseUrl })).rejects.toMatchObject({
    failures: expect.arrayContaining([
      expect.objectContaining({
        code: 'NOT_OWNER',
        message: expect.stringMatching(new RegExp(`, .* belong to ${team}, not to ${other.name}`)),
      }),
    ]),
  });
});

test('names the owner of the migrations table in PGOPTIONS as a shell takes it', async () => {
  const db = await createDatabase();
  const role = await createRole('NOLOGIN');
  const odd = `${role.name} "owner's" \\1`;
  await db.query(`
    ALTER ROLE ${role.name} RENAME TO ${pg.escapeIdentifier(odd)};
    ALTER SCHEMA public OWNER TO ${pg.escapeIdentifier(odd)};
    CREATE TABLE tracking_migrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL);
    ALTER TABLE tracking_migrations OWNER TO ${pg.escapeIdentifier(odd)}`);
  onTestFinished(() => onServer(`ALTER ROLE ${pg.escapeIdentifier(odd)} RENAME TO ${role.name}`));
  const error = await runMigrations({ databaseUrl: db.url }).catch((reason: unknown) => reason);
  const [, assignment = ''] = /with (PGOPTIONS=.*)\. If you do not know/.exec(fixOf(error)) ?? [];
  const printed = execFileSync('sh', ['-c', `${assignment} printenv PGOPTIONS`], {
    encoding: 'utf8',
  });
  vi.stubEnv('PGOPTIONS', printed.trimEnd());
  onTestFinished(() => void vi.unstubAllEnvs());
  await runMigrations({ databaseUrl: db.url });
  expect(await ownersOf(db)).toEqual([odd]);
});

const fixOf = (error: unknown) => (error as PreflightError).failures[0]?.fix ?? '';
