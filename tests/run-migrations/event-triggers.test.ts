import { expect, test } from 'vitest';
import { runMigrations } from '../../src/index.ts';
import { createDatabase } from '../support/database.ts';

test('names the ALTER FUNCTION that lets an event trigger find its table', async () => {
  const db = await createDatabase();
  await db.query(`
    CREATE TABLE audit_log (tag text);
    CREATE FUNCTION audit() RETURNS event_trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO audit_log VALUES (tg_tag);
    END $$;
    CREATE EVENT TRIGGER audit ON ddl_command_end EXECUTE FUNCTION audit()`);
  const error = await runMigrations({ databaseUrl: db.url }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'MIGRATION_FAILED',
    sqlState: '42P01',
    message: expect.stringContaining('in the function public.audit(): relation "audit_log"'),
    hint: expect.stringMatching(/Run: ALTER FUNCTION .*;$/),
  });
  const [, fix = ''] = /Run: (ALTER .*)$/.exec((error as { hint: string }).hint) ?? [];
  await db.query(fix);
  await runMigrations({ databaseUrl: db.url });
  await runMigrations({ databaseUrl: db.url, direction: 'down', count: 1 });
});

test('gives no such fix for what the application does not name in a function', async () => {
  const db = await createDatabase();
  await runMigrations({ databaseUrl: db.url, count: 1 });
  await db.query('DROP TABLE leads');
  const error = await runMigrations({ databaseUrl: db.url }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'MIGRATION_FAILED',
    hint: 'Nothing was changed. Fix the cause and call again.',
  });
});
