import { beforeAll, describe, expect, test } from 'vitest';
import { exportSql, runMigrations, verifySchema } from '../../src/index.ts';
import { runCli, SHIPPED } from '../node-pg-migrate/application.ts';
import { createDatabase, createRole, type TestDatabase, withClient } from '../support/database.ts';

/** A role to which the application's event trigger opens all that is created or altered. */
let reader: string;

beforeAll(async () => {
  reader = (await createRole('NOLOGIN')).name;
});

async function openingDatabase(): Promise<TestDatabase> {
  const db = await createDatabase();
  await db.query(`
    CREATE FUNCTION public.open() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
    DECLARE
      one record;
    BEGIN
      FOR one IN SELECT * FROM pg_catalog.pg_event_trigger_ddl_commands() LOOP
        IF one.object_type = 'function' THEN
          EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION %s TO ${reader}', one.object_identity);
        ELSIF one.object_type IN ('table', 'sequence') THEN
          EXECUTE pg_catalog.format('GRANT ALL ON %s TO ${reader}', one.objid::regclass);
        END IF;
      END LOOP;
      IF tg_tag IN ('CREATE TABLE', 'CREATE FUNCTION') THEN
        GRANT ALL ON ALL FUNCTIONS IN SCHEMA public TO ${reader};
        GRANT ALL ON ALL TABLES IN SCHEMA public TO ${reader};
      END IF;
    END $$;
    CREATE EVENT TRIGGER open ON ddl_command_end EXECUTE FUNCTION public.open()`);
  return db;
}

const WAYS: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  'runMigrations()': (databaseUrl) => runMigrations({ databaseUrl }),
  "node-pg-migrate's command": (url) => runCli(url, 'up', ...SHIPPED),
  'exported SQL': async (databaseUrl) => {
    const [script] = await exportSql({ format: 'script' });
    await withClient(databaseUrl, (client) => client.query(script?.sql ?? ''));
  },
};

describe.each(Object.entries(WAYS))('%s', (_, migrate) => {
  test('revokes what an event trigger grants on the objects that are created', async () => {
    const db = await openingDatabase();
    await migrate(db.url);
    const { findings } = await verifySchema({ databaseUrl: db.url });
    expect(
      findings.filter(({ level }) => level === 'security').map((f) => `${f.code} ${f.object}`),
    ).toEqual([]);
  });
});
