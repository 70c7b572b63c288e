import type { SqlFile, SqlFormat } from '../../index.ts';
import type { CommandDefinition, CommandResult } from '../command.ts';
import { UsageError } from '../command-line-errors.ts';
import { printable } from '../terminal.ts';

/** Exports the migrations as SQL. */
export const sql: CommandDefinition = {
  name: 'sql',
  summary: 'export the migrations as SQL for other tools',
  details:
    'Needs no database. Prints a script, or writes files with --out. Keeps files that have the same content; writes nothing if a file has other content. --check compares files in CI.',
  flags: ['format', 'out', 'check', 'force', 'json'],
  formats: ['supabase', 'numbered', 'script'] satisfies SqlFormat[],
  example: '--format supabase --out supabase/migrations',
  runsMigrations: false,
  async run({ format = 'script', out, check = false, force = false, json = false }) {
    if ((force || check) && out === undefined) {
      throw new UsageError(`${force ? '--force' : '--check'} needs --out.`, 'Pass --out <folder>.');
    }
    if (force && check) {
      throw new UsageError('--check and --force exclude each other.', 'Pass one of them.');
    }
    if (out?.endsWith('.sql')) {
      throw new UsageError(`--out ${out} is not a folder.`, `Pass a folder, or: > ${out}`);
    }
    if (format !== 'script' && out === undefined && !json) {
      throw new UsageError(
        `--format ${format} exports several files.`,
        'Pass --out <folder> to write them, or --format script.',
      );
    }
    const { exportSql } = await import('../../index.ts');
    const files = await exportSql({ format: format as SqlFormat });
    if (out === undefined) return print(files);
    return check ? await compare(files, out) : await write(files, out, force);
  },
};

function print(files: readonly SqlFile[]): CommandResult {
  return { json: files, text: files.map((file) => file.sql).join('\n'), ok: true };
}

async function compare(files: readonly SqlFile[], out: string): Promise<CommandResult> {
  const { compareFiles } = await import('../write-files.ts');
  const result = compareFiles(files, out);
  const ok = result.missing.length + result.different.length === 0;
  return { json: result, text: listPaths(result), ok };
}

async function write(
  files: readonly SqlFile[],
  out: string,
  force: boolean,
): Promise<CommandResult> {
  const { writeFiles } = await import('../write-files.ts');
  const result = writeFiles(files, out, force);
  return { json: result, text: listPaths(result), ok: true };
}

/** Formats lists of paths, each path with the name of its list. */
function listPaths(lists: object): string {
  const lines = Object.entries(lists).flatMap(([name, paths]: [string, readonly string[]]) =>
    paths.map((path) => `${name.padEnd(9)}  ${path}\n`),
  );
  return printable(lines.join(''));
}
