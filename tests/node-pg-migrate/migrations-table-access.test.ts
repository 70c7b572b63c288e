import { expect, test } from 'vitest';
import { createRole } from '../support/database.ts';
import { type Application, createApplication, MIGRATIONS, SHIPPED } from './application.ts';

interface Access {
  readonly rls: boolean;
  readonly policies: number;
  readonly table: string[];
  readonly sequence: string[];
}

/** Who holds a privilege on a migrations table and on the sequence of its id. */
async function accessTo(
  application: Application,
  migrationsTable: string,
): Promise<Access | undefined> {
  const holders = (relation: string, kind: string) => `
    ARRAY(SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END
            FROM pg_class r, aclexplode(coalesce(r.relacl, acldefault('${kind}', r.relowner))) a
           WHERE r.oid = ${relation})`;
  const [access] = await application.database.query<Access>(`
    SELECT c.relrowsecurity AS rls,
           (SELECT count(*)::int FROM pg_policy WHERE polrelid = c.oid) AS policies,
           ${holders('c.oid', 'r')} AS table,
           ${holders(`pg_get_serial_sequence('${migrationsTable}', 'id')::regclass`, 's')} AS sequence
      FROM pg_class c WHERE c.oid = '${migrationsTable}'::regclass`);
  return access;
}

/** An application whose new tables and sequences have privileges for every role, as on Supabase. */
async function createOpenHost(): Promise<Application> {
  const anon = await createRole('NOLOGIN');
  return createApplication(
    ['TABLES', 'SEQUENCES']
      .flatMap((kind) => [`${kind} TO PUBLIC`, `${kind} TO ${anon.name}`])
      .map((grant) => `ALTER DEFAULT PRIVILEGES GRANT ALL ON ${grant};`)
      .join('\n'),
  );
}

async function expectClosed(application: Application, migrationsTable: string): Promise<void> {
  const access = await accessTo(application, migrationsTable);
  expect(access).toMatchObject({ rls: true, policies: 0, sequence: [application.role] });
  expect(access?.table).toContain(application.role);
  // Another test may have created Supabase's role, which has privileges on the migrations table.
  expect(access?.table.filter((holder) => holder !== 'service_role')).toEqual([application.role]);
}

test.concurrent('a migrations table that the package does not close would be open on such an application', async () => {
  const application = await createOpenHost();
  await application.database.query(`
    SET ROLE ${application.role}; CREATE TABLE open (id serial PRIMARY KEY)`);
  const access = await accessTo(application, 'open');
  expect(access).toMatchObject({ rls: false, policies: 0 });
  expect(access?.table).toContain('PUBLIC');
  expect(access?.sequence).toContain('PUBLIC');
});

test.concurrent.each([
  { migrationsTable: 'tracking_migrations', args: SHIPPED },
  { migrationsTable: 'pgmigrations', args: [] },
  { migrationsTable: 'my_migrations', args: ['-t', 'my_migrations'] },
  {
    migrationsTable: 'other.pgmigrations',
    args: ['--migrations-schema', 'other', '--create-migrations-schema'],
  },
])(
  'the migrations table $migrationsTable is closed to all but its owner and service_role',
  async ({ migrationsTable, args }) => {
    const application = await createOpenHost();
    expect(await application.cli('up', ...args)).toMatchObject({ code: 0 });
    expect(await application.recorded(migrationsTable)).toEqual(MIGRATIONS);
    await expectClosed(application, migrationsTable);
  },
);

test.concurrent.each([
  { migrationsTable: 'tracking_migrations', args: SHIPPED },
  { migrationsTable: 'pgmigrations', args: [] },
])(
  'the migrations table $migrationsTable is closed from the first migration on',
  async ({ migrationsTable, args }) => {
    const application = await createOpenHost();
    expect(await application.cli('up', '1', ...args)).toMatchObject({ code: 0 });
    expect(await application.recorded(migrationsTable)).toEqual(MIGRATIONS.slice(0, 1));
    await expectClosed(application, migrationsTable);
  },
);
