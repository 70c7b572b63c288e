import type { SqlFile } from '../../index.ts';
import type { CommandDefinition, CommandResult } from '../command.ts';
import { UsageError } from '../command-line-errors.ts';
import { printable } from '../terminal.ts';

/** Exports the migrations as SQL. */
export const sql: CommandDefinition = {
  name: 'sql',
  summary: 'export the migrations as SQL for other tools',
  details:
    'Needs no database. Prints a script, or writes files with --out. Keeps files that have the same content; writes nothing if a file has other content.',
  flags: ['format', 'out', 'force', 'json'],
  example: '--format supabase --out supabase/migrations',
  runsMigrations: false,
  async run({ format = 'script', out, force = false, json = false }) {
    if (force && out === undefined) {
      throw new UsageError('--force needs --out.', 'Pass --out <folder>.');
    }
    if (format !== 'script' && out === undefined && !json) {
      throw new UsageError(
        `--format ${format} exports several files.`,
        'Pass --out <folder> to write them, or --format script.',
      );
    }
    const { exportSql } = await import('../../index.ts');
    const files = await exportSql({ format });
    return out === undefined ? print(files) : await write(files, out, force);
  },
};

function print(files: readonly SqlFile[]): CommandResult {
  return { json: files, text: files.map((file) => file.sql).join('\n'), ok: true };
}

async function write(
  files: readonly SqlFile[],
  out: string,
  force: boolean,
): Promise<CommandResult> {
  const { writeFiles } = await import('../write-files.ts');
  const result = writeFiles(files, out, force);
  const text = [
    ...result.written.map((path) => `written    ${path}`),
    ...result.unchanged.map((path) => `unchanged  ${path}`),
    '',
  ].join('\n');
  return { json: result, text: printable(text), ok: true };
}
