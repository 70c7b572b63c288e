import type { MigrationPlan, PlannedStatement } from '../../index.ts';
import type { CommandDefinition } from '../command.ts';
import { DATABASE_FLAGS } from '../flags.ts';
import { singleLine } from '../terminal.ts';

/** Prints the SQL that `up` or `down` would run. */
export const plan: CommandDefinition = {
  name: 'plan',
  summary: 'print the SQL that up or down would run',
  details: 'Changes nothing. Prints a script with the table locks as comments.',
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
    return { json: result, text: script(result), ok: true };
  },
};

/** Returns the plan as a script for psql. */
function script({ direction, migrations, adopted, statements, locks }: MigrationPlan): string {
  const comment = (text: string) => `-- ${singleLine(text)}`;
  const lines = [comment(`${direction}: ${migrations.join(', ') || 'nothing to run'}`)];
  if (adopted.length > 0) lines.push(comment(`recorded without running: ${adopted.join(', ')}`));
  for (const { mode, table, migration } of locks) {
    lines.push(comment(`lock: ${mode} on ${table}${migration ? ` in ${migration}` : ''}`));
  }
  let current: string | undefined;
  for (const statement of statements) {
    if (statement.migration !== current && statement.migration !== undefined) {
      lines.push('', comment(statement.migration));
    }
    current = statement.migration;
    lines.push(terminated(statement));
  }
  return `${lines.join('\n')}\n`;
}

/** Ends a statement with a semicolon that is not inside a trailing comment. */
function terminated({ sql }: PlannedStatement): string {
  const text = sql.trim();
  const lastLine = text.slice(text.lastIndexOf('\n') + 1);
  if (lastLine.includes('--')) return `${text}\n;`;
  return text.endsWith(';') ? text : `${text};`;
}
