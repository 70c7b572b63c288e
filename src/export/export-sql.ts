import { InvalidOptionError } from '../errors.ts';
import { migrations } from '../schema/migrations.ts';
import { VERSION } from '../version.ts';

/** How exported files are named and divided. */
export type SqlFormat = 'supabase' | 'numbered' | 'script';

/** Options of {@link exportSql}. */
export interface ExportSqlOptions {
  /**
   * - `supabase`: a file per migration, named as the Supabase CLI expects it in
   *   `supabase/migrations`: `20261128100100_create-visitors.sql`. The default.
   * - `numbered`: a file per migration, `001_require-leads.sql` and so on.
   * - `script`: everything in one file.
   */
  format?: SqlFormat | undefined;
}

/** One exported file. */
export interface SqlFile {
  /** The name of the file, without a folder. */
  readonly fileName: string;
  /** The content of the file. */
  readonly sql: string;
}

const FORMATS: readonly SqlFormat[] = ['supabase', 'numbered', 'script'];

const HEAD = '-- Generated. May be run again: what tracking_migrations records is skipped.';

/**
 * Returns the migrations as SQL, for tools that apply SQL files. Needs no database.
 *
 * The SQL creates the objects in the first schema of the search path. It takes the same lock and
 * writes the same migrations table as runMigrations(), and skips migrations that are recorded there:
 * it can run more than once. Each migration is one atomic statement.
 *
 * A session without a `lock_timeout` gets one of 5 seconds, and one without a `statement_timeout` gets
 * one of 60 seconds. Both are reset at the end, unless the tool stops at an error.
 *
 * @param options - the format; by default `supabase`
 * @returns the files, in the order in which to run them
 * @throws {InvalidOptionError} where an option or its value is unknown
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
  // Imported on demand, so that a process that only migrates does not load it.
  const { exportedBlock, withTimeout } = await import('./exported-block.ts');
  const blocks = await Promise.all(
    migrations.map((migration, position) => exportedBlock(migration, migrations[position - 1])),
  );
  if (format === 'script') {
    const sql = `-- conversion-tracking-schema ${VERSION}\n${HEAD}\n\n${withTimeout(blocks.join('\n'))}`;
    return [{ fileName: 'conversion-tracking-schema.sql', sql }];
  }
  // Without the version: a file stays as it is when the package is upgraded.
  return migrations.map(({ name }, position) => ({
    fileName: `${fileNameOf(name, position, format)}.sql`,
    sql: `-- conversion-tracking-schema: ${name}\n${HEAD}\n\n${withTimeout(blocks[position] ?? '')}`,
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

/** The Supabase CLI sorts by 14 digits; the names of the migrations have 17, with milliseconds. */
function fileNameOf(name: string, position: number, format: SqlFormat): string {
  const [, digits = '', words = ''] = /^(\d{14})\d{3}_(.*)$/.exec(name) ?? [];
  return format === 'supabase'
    ? `${digits}_${words}`
    : `${String(position + 1).padStart(3, '0')}_${words}`;
}
