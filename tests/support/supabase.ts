import pg from 'pg';
import { endKeptPool, keptQuery, uniqueName, urlOn, withClient } from './database.ts';
import { majorOfOwnServer } from './major.ts';
import { copyStrategy, startOwnServer } from './server.ts';

/**
 * What a new table of public is granted by itself: all to the API roles in projects made before
 * 2026, and since then no more than TRUNCATE, REFERENCES, TRIGGER and MAINTAIN.
 */
export type World = 'legacy' | '2026';

/** Who may migrate: the project's own role, which is no superuser, or Supabase's superuser. */
export type Migrator = 'supabase_postgres' | 'supabase_admin';

/** A database as Supabase sets one up. */
export interface SupabaseProject {
  readonly name: string;
  /** As its owner, supabase_postgres. */
  readonly url: string;
  /** As another role that may log in, or as the server's superuser. */
  urlFor(role?: Migrator | 'authenticator' | 'reporter'): string;
  /** Runs SQL as the server's superuser, on a kept connection that no other query uses at that time. */
  query<Row extends object = Record<string, unknown>>(
    sql: string,
    values?: unknown[],
  ): Promise<Row[]>;
  /** Runs one statement as PostgREST does: as authenticator, with SET ROLE, in a transaction. */
  asApiRole<Row extends object = Record<string, unknown>>(
    role: 'anon' | 'authenticated' | 'service_role',
    sql: string,
  ): Promise<Row[]>;
}

/** A server with Supabase's roles, and no other test on it. */
export interface SupabaseServer {
  createProject(world: World): Promise<SupabaseProject>;
  /** A copy of a project to which nobody is connected. */
  copy(project: SupabaseProject): Promise<SupabaseProject>;
  stop(): Promise<void>;
}

const PASSWORD = 'a role of the tests';

/** `supabase_postgres` is Supabase's `postgres`, a name that the server's superuser has here. */
export const ROLES = `
  CREATE ROLE anon NOLOGIN;
  CREATE ROLE authenticated NOLOGIN;
  CREATE ROLE service_role NOLOGIN BYPASSRLS;
  CREATE ROLE authenticator LOGIN NOINHERIT PASSWORD '${PASSWORD}';
  CREATE ROLE supabase_admin LOGIN SUPERUSER PASSWORD '${PASSWORD}';
  CREATE ROLE supabase_postgres LOGIN CREATEDB CREATEROLE REPLICATION BYPASSRLS PASSWORD '${PASSWORD}';
  CREATE ROLE reporter LOGIN PASSWORD '${PASSWORD}';
  GRANT anon, authenticated, service_role TO authenticator;
  GRANT anon, authenticated, service_role TO supabase_postgres WITH ADMIN OPTION;
  ALTER ROLE anon SET statement_timeout = '3s';
  ALTER ROLE authenticated SET statement_timeout = '8s';
  ALTER ROLE authenticator SET statement_timeout = '8s';
  ALTER ROLE authenticator SET lock_timeout = '8s';`;

export const API_ROLES = 'anon, authenticated, service_role';

const LEGACY = ['supabase_postgres', 'supabase_admin']
  .flatMap((creator) =>
    ['TABLES', 'FUNCTIONS', 'SEQUENCES'].map(
      (kind) =>
        `ALTER DEFAULT PRIVILEGES FOR ROLE ${creator} IN SCHEMA public
           GRANT ALL ON ${kind} TO supabase_postgres, ${API_ROLES};`,
    ),
  )
  .join('\n');

const SINCE_2026 = Object.entries({
  TABLES: 'SELECT, INSERT, UPDATE, DELETE',
  FUNCTIONS: 'EXECUTE',
  SEQUENCES: 'USAGE, SELECT',
})
  .map(
    ([kind, privileges]) =>
      `ALTER DEFAULT PRIVILEGES FOR ROLE supabase_postgres IN SCHEMA public
         REVOKE ${privileges} ON ${kind} FROM ${API_ROLES};`,
  )
  .join('\n');

const WORLDS: Readonly<Record<World, string>> = { legacy: LEGACY, '2026': LEGACY + SINCE_2026 };

/** Starts a server with Supabase's roles. The caller stops it. */
export async function startSupabase(): Promise<SupabaseServer> {
  const server = await startOwnServer();
  await withClient(server.url, (client) => client.query(ROLES));
  return {
    createProject: (world) => createProject(server.url, world),
    copy: async (original) => {
      await endKeptPool(original.urlFor());
      const name = await createDatabase(server.url, `TEMPLATE ${original.name}`);
      return project(server.url, name);
    },
    stop: () => server.stop(),
  };
}

async function createDatabase(serverUrl: string, options: string): Promise<string> {
  const name = uniqueName('project');
  const strategy = copyStrategy(majorOfOwnServer());
  await keptQuery(
    serverUrl,
    `CREATE DATABASE ${name} OWNER supabase_postgres ${options} ${strategy}`,
  );
  return name;
}

async function createProject(serverUrl: string, world: World): Promise<SupabaseProject> {
  const created = project(serverUrl, await createDatabase(serverUrl, ''));
  await created.query(`
    GRANT USAGE ON SCHEMA public TO ${API_ROLES};
    GRANT ALL ON SCHEMA public TO supabase_postgres;
    CREATE PUBLICATION supabase_realtime;
    ${WORLDS[world]}`);
  return created;
}

function project(serverUrl: string, name: string): SupabaseProject {
  const urlFor = (role?: string): string =>
    urlOn(serverUrl, name, role, role === undefined ? undefined : PASSWORD);
  return {
    name,
    url: urlFor('supabase_postgres'),
    urlFor,
    query: (sql, values) => keptQuery(urlFor(), sql, values),
    asApiRole: (role, sql) =>
      withClient(urlFor('authenticator'), async (client) => {
        await client.query(`BEGIN; SET LOCAL ROLE ${pg.escapeIdentifier(role)}`);
        const { rows } = await client.query(sql);
        await client.query('COMMIT');
        return rows;
      }),
  };
}
