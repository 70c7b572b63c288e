import type { SqlFile } from '../../index.ts';
import { printable } from '../colours.ts';
import type { Answer, CommandDefinition } from '../command.ts';
import { UsageError } from '../command-line-error.ts';

/** Gives the migrations as SQL. */
export const sql: CommandDefinition = {
  name: 'sql',
  summary: 'give the migrations as SQL for other tools',
  details:
    'Needs no database. A script goes to stdout. With --out, files are written: those with the same content are left alone, and if one has other content, none is written.',
  flags: ['format', 'out', 'force', 'json'],
  example: '--format supabase --out supabase/migrations',
  runsMigrations: false,
  async run({ format = 'script', out, force = false, json = false }) {
    if (force && out === undefined) {
      throw new UsageError('--force is given without --out.', 'Pass --out <folder>, too.');
    }
    if (format !== 'script' && out === undefined && !json) {
      throw new UsageError(
        `--format ${format} makes several files.`,
        'Pass --out <folder> to write them, or --format script.',
      );
    }
    const { exportSql } = await import('../../index.ts');
    const files = await exportSql({ format });
    return out === undefined ? printed(files) : await written(files, out, force);
  },
};

function printed(files: readonly SqlFile[]): Answer {
  return { document: files, text: files.map((file) => file.sql).join('\n'), right: true };
}

async function written(files: readonly SqlFile[], out: string, force: boolean): Promise<Answer> {
  const { writeFiles } = await import('../write-files.ts');
  const result = writeFiles(files, out, force);
  const text = [
    ...result.written.map((path) => `written    ${path}`),
    ...result.unchanged.map((path) => `unchanged  ${path}`),
    '',
  ].join('\n');
  return { document: result, text: printable(text), right: true };
}
