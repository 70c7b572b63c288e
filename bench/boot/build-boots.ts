import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type MigrationPlan, planMigrations } from '../../src/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROCESS = fileURLToPath(new URL('process/', import.meta.url));

/** Plain JavaScript for the processes, so that no compiler is measured along. */
export interface Boots {
  /** With the tools compiled beside the two programs, and the migrations in each tool's form. */
  readonly folder: string;
}

/**
 * Builds the package, and the programs that boot with it and with others. They lie where the
 * others' modules resolve, and see the package as an application does, by its name.
 *
 * @param emptyDatabase - where the plan of a first install is made
 */
export async function buildBoots(emptyDatabase: string): Promise<Boots> {
  execFileSync('npm', ['run', 'build', '--silent'], { cwd: ROOT, stdio: 'inherit' });
  const cache = fileURLToPath(new URL('../node_modules/.cache/', import.meta.url));
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'boots-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const tools = readdirSync(join(PROCESS, 'tools')).map((name) => join(PROCESS, 'tools', name));
  await build({
    entryPoints: [join(PROCESS, 'once.ts'), join(PROCESS, 'on-demand.ts'), ...tools],
    outdir: folder,
    entryNames: '[name]',
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
  });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'conversion-tracking-schema'), 'junction');
  writeMigrations(join(folder, 'migrations'), await planMigrations({ databaseUrl: emptyDatabase }));
  return { folder };
}

/** The same SQL for all, without the records of its migrations table for tools with their own. */
function writeMigrations(folder: string, { migrations, statements }: MigrationPlan): void {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const script = (parts: readonly string[]) =>
    parts.map((sql) => `${sql.replace(/;?$/, ';')}\n`).join('\n');
  for (const name of ['postgres-migrations', 'kysely', 'drizzle/meta']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  write('script.sql', script(statements.map(({ sql }) => sql)));
  for (const [index, name] of migrations.entries()) {
    const own = statements.filter(({ migration }) => migration === name).map(({ sql }) => sql);
    // The last one records the migration.
    const sql = script(own.slice(0, -1));
    write(`postgres-migrations/${index + 1}_${name}.sql`, sql);
    write(`drizzle/${name}.sql`, sql);
    const up = `export const up = (db) => sql.raw(${JSON.stringify(sql)}).execute(db);`;
    write(`kysely/${name}.mjs`, `import { sql } from 'kysely';\n${up}\n`);
  }
  const entries = migrations.map((tag, idx) => ({
    ...{ idx, tag, version: '7', breakpoints: true },
    when: 1_700_000_000_000 + idx,
  }));
  const journal = { version: '7', dialect: 'postgresql', entries };
  write('drizzle/meta/_journal.json', JSON.stringify(journal));
}
