import { InvalidOptionError } from './errors.ts';
import { type Migration, migrations } from './migrations.ts';
import { literal } from './sql.ts';
import { VERSION } from './version.ts';

/** How exported files are named and divided. */
export type SqlFormat = 'supabase' | 'numbered' | 'script';

/** Options of {@link exportSql}. */
export interface ExportSqlOptions {
  /**
   * - `supabase`: a file per migration, named as the Supabase CLI expects it in
   *   `supabase/migrations`: `20261122110100_create-visitors.sql`. The default.
   * - `numbered`: a file per migration, `001_require-leads.sql` and so on.
   * - `script`: everything in one file.
   */
  format?: SqlFormat | undefined;
}

/** One exported file. */
export interface SqlFile {
  readonly fileName: string;
  readonly sql: string;
}

const FORMATS: readonly SqlFormat[] = ['supabase', 'numbered', 'script'];

/** The ledger that runMigrations() looks into when it is told of no other. */
const LEDGER = 'tracking_migrations';

/**
 * The migrations as SQL, for tools that take nothing else: offline, from the migrations themselves.
 *
 * The SQL creates in the first schema of the search path that it is run with. It records what it
 * has done in the same ledger as runMigrations(), and may be run again: what is recorded is
 * skipped. Waits for locks end after 5 seconds, statements after 60.
 *
 * @returns the files, in the order in which to run them
 * @throws {InvalidOptionError}
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { exportSql } from 'conversion-tracking-schema';
 *
 * for (const { fileName, sql } of await exportSql()) {
 *   writeFileSync(`supabase/migrations/${fileName}`, sql);
 * }
 * ```
 */
export async function exportSql(options: ExportSqlOptions = {}): Promise<readonly SqlFile[]> {
  const format = formatOf(options);
  const parts = await Promise.all(migrations.map(guarded));
  if (format === 'script') {
    const head = `-- conversion-tracking-schema ${VERSION}\n`;
    return [{ fileName: 'conversion-tracking-schema.sql', sql: head + file(parts.join('\n')) }];
  }
  return migrations.map(({ name }, position) => ({
    fileName: `${fileNameOf(name, position, format)}.sql`,
    sql: `-- conversion-tracking-schema ${VERSION}: ${name}\n${file(parts[position] ?? '')}`,
  }));
}

function formatOf(options: ExportSqlOptions): SqlFormat {
  const unknown = Object.keys(options).find((name) => name !== 'format');
  if (unknown !== undefined) {
    throw new InvalidOptionError(unknown, `There is no option "${unknown}".`, 'Pass format alone.');
  }
  const { format = 'supabase' } = options;
  if (!FORMATS.includes(format)) {
    throw new InvalidOptionError(
      'format',
      `There is no format ${JSON.stringify(format)}.`,
      `Pass one of: ${FORMATS.join(', ')}.`,
    );
  }
  return format;
}

/** The Supabase CLI sorts by 14 digits; the migrations' own names have milliseconds, too. */
function fileNameOf(name: string, position: number, format: SqlFormat): string {
  const [, digits = '', words = ''] = /^(\d{14})\d{3}_(.*)$/.exec(name) ?? [];
  return format === 'supabase'
    ? `${digits}_${words}`
    : `${String(position + 1).padStart(3, '0')}_${words}`;
}

function file(statements: string): string {
  return `-- Generated. May be run again: what the ledger records is skipped.
SET lock_timeout = '5s';
SET statement_timeout = '60s';

CREATE TABLE IF NOT EXISTS ${LEDGER} (
  id serial PRIMARY KEY,
  name varchar(255) NOT NULL,
  run_on timestamp NOT NULL
);

${statements}
RESET statement_timeout;
RESET lock_timeout;
`;
}

/** One migration as one statement: all of it or nothing, whether or not a transaction is open. */
async function guarded(migration: Migration): Promise<string> {
  // Loaded late: who only migrates does not need node-pg-migrate's builder for this.
  const { stepsOf } = await import('./migration-steps.ts');
  const steps = (await stepsOf(migration, 'up')).map(
    (step) => `  EXECUTE $step$${step.trim()}$step$;`,
  );
  const name = literal(migration.name);
  return `DO $migration$
BEGIN
  IF EXISTS (SELECT FROM ${LEDGER} WHERE name::text = ${name}) THEN
    RETURN;
  END IF;
${steps.join('\n')}
  INSERT INTO ${LEDGER} (name, run_on) VALUES (${name}, now() AT TIME ZONE 'UTC');
END
$migration$;
`;
}
