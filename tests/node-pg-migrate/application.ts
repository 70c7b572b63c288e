import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { createDatabase, createRole, onServer, type TestDatabase } from '../support/database.ts';
import { type Finished, run } from '../support/process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = join(ROOT, 'node_modules', '.bin', 'node-pg-migrate');

/** Arguments that select the settings that the package ships. */
export const SHIPPED = ['-f', 'node-pg-migrate.config.js'];

/** Every migration of the package, by its files. */
export const MIGRATIONS: readonly string[] = readdirSync(join(ROOT, 'migrations'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
  .sort();

/** An application's database, and the role that owns it and migrates it. */
export interface Application {
  /** As a superuser. */
  readonly database: TestDatabase;
  readonly role: string;
  /** As the owner, who is no superuser. */
  readonly url: string;
  /** Runs node-pg-migrate's CLI in the repository, as the owner. */
  cli(...args: string[]): Promise<Finished>;
  /** What a migrations table records, in order. */
  recorded(migrationsTable: string): Promise<string[]>;
  /** Tables of one schema, in order. */
  tables(schema?: string): Promise<string[]>;
}

/** Creates a database of its own, and the application's objects in it. */
export async function createApplication(objects = ''): Promise<Application> {
  const database = await createDatabase();
  const role = await createRole();
  await onServer(`ALTER DATABASE ${database.name} OWNER TO ${role.name}`);
  await database.query(`SET LOCAL ROLE ${role.name}; ${objects}`);
  const url = database.urlFor(role.name, role.password);
  const names = async (sql: string) => {
    const rows = await database.query<{ name: string }>(sql);
    return rows.map(({ name }) => name);
  };
  return {
    database,
    role: role.name,
    url,
    cli: async (...args) => {
      const finished = await runCli(url, ...args);
      expectNoPassword(finished, role.password);
      return finished;
    },
    recorded: (migrationsTable) => names(`SELECT name FROM ${migrationsTable} ORDER BY id`),
    tables: (schema = 'public') =>
      names(
        `SELECT relname AS name FROM pg_class
          WHERE relkind = 'r' AND relnamespace = '${schema}'::regnamespace ORDER BY relname`,
      ),
  };
}

/** Runs node-pg-migrate's CLI in the repository. */
export function runCli(url: string, ...args: string[]): Promise<Finished> {
  return run(PROGRAM, args, { cwd: ROOT, env: { DATABASE_URL: url } });
}

/** Neither as it is nor as a URL spells it. */
export function expectNoPassword({ stdout, stderr }: Finished, password: string): void {
  for (const spelling of [password, encodeURIComponent(password)]) {
    expect(stdout + stderr).not.toContain(spelling);
  }
}

/** The sentence that a failed run ends with. The statement that failed is printed as well. */
export function reasonOf({ stderr }: Finished): string | undefined {
  return /^error: (.*)$/m.exec(stderr)?.[1];
}
