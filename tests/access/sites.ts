import { exportSql, runMigrations } from '../../src/index.ts';
import { runCli, SHIPPED } from '../node-pg-migrate/application.ts';
import { onThisMajor } from '../support/cases.ts';
import type { Queryable } from '../support/catalogue.ts';
import { uniqueName, urlOn, withClient } from '../support/database.ts';
import { startOwnServer, type TestServer } from '../support/server.ts';
import { type SupabaseProject, type SupabaseServer, startSupabase } from '../support/supabase.ts';
import { inventory } from './objects.ts';

/** Supabase before and since 2026, and a server that has none of its roles. */
export const WORLDS = ['legacy', '2026', 'plain'] as const;
export type AccessWorld = (typeof WORLDS)[number];

/** How the migrations are applied. */
export const WAYS = ['runMigrations()', 'node-pg-migrate', 'exported SQL'] as const;
export type Way = (typeof WAYS)[number];

/** Somebody who must not get in: a role, and the URL of a login that may take it. */
export interface Stranger {
  readonly role: string;
  readonly url: string;
}

/** A database of one world. Its queries run as the superuser. */
export interface Site extends Queryable {
  readonly owner: string;
  /** As the owner, who migrates and is no superuser. */
  readonly url: string;
  /** As the superuser. */
  readonly adminUrl: string;
  readonly strangers: readonly Stranger[];
  /** A copy with the same OIDs. Nobody may be connected to the original. */
  copy(): Promise<Site>;
}

/** Servers for all worlds. The caller stops them. */
export interface Sites {
  create(world: AccessWorld): Promise<Site>;
  stop(): Promise<void>;
}

/** A schema in which strangers may create what they need for their tries. */
const OWN_SCHEMA = 'CREATE SCHEMA own; GRANT ALL ON SCHEMA own TO PUBLIC';
const PASSWORD = 'a role of the tests';
const PLAIN_OWNER = 'migrator';

/** From 15 on the owner of a database may create in its schema public. */
const OWNER_MAY_CREATE = `DO $$ BEGIN
  IF current_setting('server_version_num')::int < 150000 THEN
    GRANT CREATE ON SCHEMA public TO ${PLAIN_OWNER};
  END IF;
END $$`;

/** Starts a server with Supabase's roles, and one without, when first needed. */
export function useSites(): Sites {
  let supabase: Promise<SupabaseServer> | undefined;
  let plain: Promise<TestServer> | undefined;
  const createIn = async (world: AccessWorld): Promise<Site> => {
    if (world === 'plain') {
      plain ??= startPlain();
      return createPlain((await plain).url);
    }
    supabase ??= startSupabase();
    const server = await supabase;
    return ofProject(await server.createProject(world), server.copy);
  };
  return {
    create: async (world) => {
      const site = await createIn(world);
      await site.query(OWN_SCHEMA);
      return site;
    },
    stop: async () => {
      for (const server of [supabase, plain]) await (await server)?.stop();
    },
  };
}

async function startPlain(): Promise<TestServer> {
  const server = await startOwnServer();
  const roles = [PLAIN_OWNER, 'reporter'];
  await withClient(server.url, (client) =>
    client.query(roles.map((role) => `CREATE ROLE ${role} LOGIN PASSWORD '${PASSWORD}'`).join(';')),
  );
  return server;
}

function ofProject(
  project: SupabaseProject,
  copy: (original: SupabaseProject) => Promise<SupabaseProject>,
): Site {
  const authenticator = project.urlFor('authenticator');
  return {
    owner: 'supabase_postgres',
    url: project.url,
    adminUrl: project.urlFor('supabase_admin'),
    strangers: [
      { role: 'anon', url: authenticator },
      { role: 'authenticated', url: authenticator },
      { role: 'reporter', url: project.urlFor('reporter') },
    ],
    query: project.query,
    copy: async () => ofProject(await copy(project), copy),
  };
}

async function createPlain(serverUrl: string, template?: string): Promise<Site> {
  const name = uniqueName('plain');
  await withClient(serverUrl, (client) =>
    client.query(
      `CREATE DATABASE ${name} OWNER ${PLAIN_OWNER} ${template ? `TEMPLATE ${template}` : ''}`,
    ),
  );
  const urlFor = (role?: string): string =>
    urlOn(serverUrl, name, role, role === undefined ? undefined : PASSWORD);
  await withClient(urlFor(), (client) => client.query(OWNER_MAY_CREATE));
  return {
    owner: PLAIN_OWNER,
    url: urlFor(PLAIN_OWNER),
    adminUrl: urlFor(),
    strangers: [{ role: 'reporter', url: urlFor('reporter') }],
    query: (sql, values) =>
      withClient(urlFor(), async (client) => (await client.query(sql, values)).rows),
    copy: () => createPlain(serverUrl, name),
  };
}

/** A database to which everything has been applied, and what was there before. */
export interface MigratedSite {
  readonly world: AccessWorld;
  readonly way: Way;
  readonly site: Site;
  readonly before: readonly string[];
}

const [FIRST_WAY, ...OTHER_WAYS] = WAYS;
export const MATRIX = [
  ...WORLDS.map((world) => ({ world, way: FIRST_WAY as Way })),
  ...onThisMajor(OTHER_WAYS.flatMap((way) => WORLDS.map((world) => ({ world, way: way as Way })))),
];

/** One database for each world and way, made at once. */
export async function createMatrix(sites: Sites): Promise<readonly MigratedSite[]> {
  return Promise.all(
    MATRIX.map(async ({ world, way }) => {
      const site = await sites.create(world);
      const before = await inventory(site);
      await migrate(site, way);
      return { world, way, site, before };
    }),
  );
}

/** Applies everything, in a schema that it creates where one is given. */
export async function migrate({ url }: Site, way: Way, schema?: string): Promise<void> {
  switch (way) {
    case 'runMigrations()': {
      await runMigrations({ databaseUrl: url, ...(schema && { schema, createSchema: true }) });
      return;
    }
    case 'node-pg-migrate': {
      const args = schema ? ['-s', schema, '--create-schema'] : [];
      const { code, stderr } = await runCli(url, 'up', ...SHIPPED, ...args);
      if (code !== 0) throw new Error(`node-pg-migrate ended with ${code}: ${stderr}`);
      return;
    }
    case 'exported SQL': {
      const files = await exportSql();
      await withClient(url, async (client) => {
        for (const { sql } of files) await client.query(sql);
      });
    }
  }
}
