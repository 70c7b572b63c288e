import type { MigrationPlan, PlannedStatement } from '../../index.ts';
import { onOneLine } from '../colours.ts';
import type { CommandDefinition } from '../command.ts';
import { DATABASE_FLAGS } from '../flags.ts';

/** Shows what `up` or `down` would do. */
export const plan: CommandDefinition = {
  name: 'plan',
  summary: 'print the SQL that up or down would run',
  details: 'Changes nothing. What is printed is a script; the locks it takes are comments in it.',
  flags: [
    ...DATABASE_FLAGS,
    'createSchema',
    'down',
    'count',
    'target',
    'allowDataLoss',
    'lockTimeoutMs',
    'statementTimeoutMs',
    'json',
  ],
  example: '--down --count 1',
  runsMigrations: true,
  async run({ json: _json, envFile: _envFile, down = false, ...options }, { signal }) {
    const { planMigrations } = await import('../../index.ts');
    const direction = down ? 'down' : 'up';
    const result = await planMigrations({ ...options, direction, signal });
    return { document: result, text: script(result), right: true };
  },
};

/** The plan as a script that psql would run. */
function script({ direction, migrations, adopted, statements, locks }: MigrationPlan): string {
  const comment = (words: string) => `-- ${onOneLine(words)}`;
  const lines = [comment(`${direction}, to run: ${migrations.join(', ') || 'nothing'}`)];
  if (adopted.length > 0) lines.push(comment(`recorded, since it is there: ${adopted.join(', ')}`));
  for (const { mode, table, migration } of locks) {
    lines.push(comment(`lock: ${mode} on ${table}${migration ? ` in ${migration}` : ''}`));
  }
  let current: string | undefined;
  for (const statement of statements) {
    if (statement.migration !== current && statement.migration !== undefined) {
      lines.push('', comment(statement.migration));
    }
    current = statement.migration;
    lines.push(ended(statement));
  }
  return `${lines.join('\n')}\n`;
}

/** With a semicolon at its end, and not within a comment. */
function ended({ sql }: PlannedStatement): string {
  const text = sql.trim();
  const lastLine = text.slice(text.lastIndexOf('\n') + 1);
  if (lastLine.includes('--')) return `${text}\n;`;
  return text.endsWith(';') ? text : `${text};`;
}
