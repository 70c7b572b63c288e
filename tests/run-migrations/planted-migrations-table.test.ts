import { describe, expect, test } from 'vitest';
import { exportSql, migrationStatus, runMigrations, verifySchema } from '../../src/index.ts';
import { MIGRATIONS, runCli, SHIPPED } from '../node-pg-migrate/application.ts';
import { createDatabase, createRole, onServer, withClient } from '../support/database.ts';
import { plantedMigrationsTable } from '../support/planted.ts';

const TABLE =
  'CREATE TABLE public.tracking_migrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL)';

/** What a role that may create in the schema puts in the place of the migrations table. */
const PLANTED: Readonly<Record<string, string>> = {
  'a view': `CREATE VIEW public.tracking_migrations AS
    SELECT 1 AS id, 'x'::varchar(255) AS name, now()::timestamp AS run_on WHERE public.trap()`,
  'a table with a policy': `${TABLE}; INSERT INTO public.tracking_migrations (name, run_on) VALUES ('x', now());
    ALTER TABLE public.tracking_migrations ENABLE ROW LEVEL SECURITY;
    CREATE POLICY trap ON public.tracking_migrations USING (public.trap())`,
  'a table with a rule': `${TABLE};
    CREATE RULE trap AS ON INSERT TO public.tracking_migrations DO ALSO SELECT public.trap()`,
};

/** Creates a database with such an object, and returns who has run the stranger's function. */
async function plant(
  sql: string,
  migrator: 'its owner' | 'a superuser',
  table = 'tracking_migrations',
) {
  const db = await createDatabase();
  const [owner, stranger] = [await createRole(), await createRole()];
  await onServer(`ALTER DATABASE ${db.name} OWNER TO ${owner.name}`);
  await db.query(`GRANT CREATE ON SCHEMA public TO ${owner.name}, ${stranger.name};
    CREATE TABLE victims (name text); GRANT INSERT ON victims TO PUBLIC`);
  const strangerUrl = db.urlFor(stranger.name, stranger.password);
  await withClient(strangerUrl, (client) =>
    client.query(`
      CREATE FUNCTION public.trap() RETURNS boolean LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO public.victims VALUES (current_user);
        RETURN true;
      END $$;
      ${sql}${sql && `; GRANT ALL ON public.${table} TO PUBLIC`}`),
  );
  await db.query('TRUNCATE victims');
  const url = migrator === 'a superuser' ? db.url : db.urlFor(owner.name, owner.password);
  return { url, strangerUrl, victims: () => db.query('SELECT name FROM victims') };
}

const WAYS: Readonly<Record<string, (databaseUrl: string) => Promise<unknown>>> = {
  'runMigrations()': (databaseUrl) => runMigrations({ databaseUrl }),
  'migrationStatus()': (databaseUrl) => migrationStatus({ databaseUrl }),
  'verifySchema()': (databaseUrl) => verifySchema({ databaseUrl }),
  'exported SQL, past errors': async (databaseUrl) => {
    await withClient(databaseUrl, async (client) => {
      for (const { sql } of await exportSql()) await client.query(sql).catch(() => {});
    });
  },
};

describe.each(Object.entries(PLANTED))('%s in the place of the migrations table', (_, sql) => {
  test.each(['its owner', 'a superuser'] as const)(
    'runs no function of a stranger where %s migrates',
    async (migrator) => {
      const { url, victims } = await plant(sql, migrator);
      for (const [way, run] of Object.entries(WAYS)) {
        await run(url).catch(() => {});
        expect([way, await victims()]).toEqual([way, []]);
      }
    },
  );
});

describe('a superuser', () => {
  const trigger = (
    table: string,
  ) => `CREATE FUNCTION public.trap_row() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM public.trap(); RETURN coalesce(NEW, OLD); END';
    CREATE TRIGGER trap BEFORE INSERT OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION public.trap_row()`;

  test.each(['pgmigrations', 'schema_versions'])(
    'adopts nothing that a stranger has recorded, and runs no trigger of that role: %s',
    async (table) => {
      const { url, victims } = await plant(
        `${plantedMigrationsTable(table)}; ${trigger(table)}`,
        'a superuser',
        table,
      );
      const { ran, adopted } = await runMigrations({ databaseUrl: url });
      expect([ran.length, adopted, await victims()]).toEqual([MIGRATIONS.length, [], []]);
    },
  );

  test("is not sent to a stranger's table by node-pg-migrate's command", async () => {
    const { url, victims } = await plant(
      plantedMigrationsTable('schema_versions'),
      'a superuser',
      'schema_versions',
    );
    expect(await runCli(url, 'up', ...SHIPPED)).toMatchObject({ code: 0 });
    expect(await victims()).toEqual([]);
  });

  test('rolls back nothing of a role that owns neither the schema nor the database', async () => {
    const { url, strangerUrl, victims } = await plant('', 'a superuser');
    await runMigrations({ databaseUrl: strangerUrl });
    await withClient(strangerUrl, (client) => client.query(trigger('tracking_migrations')));
    await expect(
      runMigrations({ databaseUrl: url, direction: 'down', count: 1 }),
    ).rejects.toMatchObject({
      failures: expect.arrayContaining([expect.objectContaining({ code: 'NOT_OWNER' })]),
    });
    expect(await victims()).toEqual([]);
  });

  test('is not told to act as a stranger, whose triggers may reset the role', async () => {
    const { url } = await plant(`${TABLE}; ${trigger('tracking_migrations')}`, 'a superuser');
    await expect(runMigrations({ databaseUrl: url })).rejects.toMatchObject({
      failures: [
        {
          code: 'NOT_OWNER',
          fix: expect.stringMatching(/connect as that role[.] If you do not know the role/),
        },
      ],
    });
  });
});
