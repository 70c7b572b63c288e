import pg from 'pg';
import { withConnection } from '../src/db/connection.ts';
import { Deadline } from '../src/db/deadline.ts';
import { runMigrations } from '../src/index.ts';
import { SERVER_ALONE } from '../src/migrate/transaction-settings.ts';
import type { Contents, ManifestStep } from '../src/schema/catalogue.ts';
import { stepBetween } from '../src/schema/expected.ts';
import { migrations } from '../src/schema/migrations.ts';
import { readCatalogue } from '../src/schema/read-catalogue.ts';
import { resolveOptions } from '../src/settings.ts';

/**
 * Migrates an empty database step by step, and returns what each migration changes in the catalogue.
 * Needs a role service_role, whose privileges belong to the manifest.
 *
 * @param after - how many of the first migrations to leave out
 */
export async function measureManifest(url: string, after = 0): Promise<ManifestStep[]> {
  const steps: ManifestStep[] = [];
  let before: Contents = { tables: {}, functions: {}, migrationsTable: null };
  if (after > 0) {
    await runMigrations({ databaseUrl: url, count: after });
    before = await readContents(url);
  }
  for (const { name } of migrations.slice(after)) {
    await runMigrations({ databaseUrl: url, count: 1 });
    const after = await readContents(url);
    steps.push({ migration: name, ...stepBetween(before, after) });
    before = after;
  }
  return steps;
}

async function readContents(url: string): Promise<Contents> {
  const settings = resolveOptions({ databaseUrl: url });
  const functions = await functionsOf(url);
  return withConnection(settings, new Deadline(settings), async (connection) => {
    await connection.query(`BEGIN READ ONLY; ${SERVER_ALONE}`);
    const {
      tables,
      functions: found,
      migrationsTable,
    } = await readCatalogue(connection, {
      schemas: settings.schemas,
      tables: migrations.flatMap(({ creates }) => creates),
      indexes: [],
      functions,
      migrationsTable: settings.migrationsTable,
    });
    return { tables, functions: anywhere(found), migrationsTable };
  });
}

/** Replaces the schema by a placeholder. The functions mention public only as their own schema. */
function anywhere(functions: Contents['functions']): Contents['functions'] {
  const entries = Object.entries(functions).map(
    ([signature, { head, body, ...rest }]) =>
      [signature, { head: inSchema(head), body: inSchema(body), ...rest }] as const,
  );
  return Object.fromEntries(entries);
}

const inSchema = (text: string) => text.replaceAll('public.', '{schema}.');

/** Returns the functions of the schema. The database was empty: all are the package's. */
async function functionsOf(url: string): Promise<string[]> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    "SELECT format('%I(%s)', proname, oidvectortypes(proargtypes)) AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
  );
  await client.end();
  return rows.map(({ name }) => name);
}
