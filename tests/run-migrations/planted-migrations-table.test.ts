import { describe, expect, test } from 'vitest';
import { exportSql, migrationStatus, runMigrations, verifySchema } from '../../src/index.ts';
import { createDatabase, createRole, onServer, withClient } from '../support/database.ts';

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
async function plant(sql: string, migrator: 'its owner' | 'a superuser') {
  const db = await createDatabase();
  const [owner, stranger] = [await createRole(), await createRole()];
  await onServer(`ALTER DATABASE ${db.name} OWNER TO ${owner.name}`);
  await db.query(`GRANT CREATE ON SCHEMA public TO ${owner.name}, ${stranger.name};
    CREATE TABLE victims (name text); GRANT INSERT ON victims TO PUBLIC`);
  await withClient(db.urlFor(stranger.name, stranger.password), (client) =>
    client.query(`
      CREATE FUNCTION public.trap() RETURNS boolean LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO public.victims VALUES (current_user);
        RETURN true;
      END $$;
      ${sql};
      GRANT ALL ON public.tracking_migrations TO PUBLIC`),
  );
  await db.query('TRUNCATE victims');
  const url = migrator === 'a superuser' ? db.url : db.urlFor(owner.name, owner.password);
  return { url, victims: () => db.query('SELECT name FROM victims') };
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
