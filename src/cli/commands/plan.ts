import type { MigrationPlan, PlannedLock, PlannedStatement } from '../../index.ts';
import type { CommandDefinition } from '../command.ts';
import { DATABASE_FLAGS } from '../flags.ts';
import { countOf, singleLine } from '../terminal.ts';

/** Shows what `up` or `down` would run. */
export const plan: CommandDefinition = {
  name: 'plan',
  summary: 'show what up or down would run',
  details:
    'Changes nothing. Lists migrations and table locks; with --sql prints a script with both as comments.',
  flags: [
    ...DATABASE_FLAGS,
    'createSchema',
    'down',
    'count',
    'target',
    'allowDataLoss',
    'sql',
    'lockTimeoutMs',
    'statementTimeoutMs',
    'json',
  ],
  example: '--down --count 1',
  runsMigrations: true,
  async run({ json: _json, envFile: _envFile, down = false, sql = false, ...options }, { signal }) {
    const { planMigrations } = await import('../../index.ts');
    const direction = down ? 'down' : 'up';
    const result = await planMigrations({ ...options, direction, signal });
    return { json: result, text: sql ? script(result) : summary(result), ok: true };
  },
};

function summary({ direction, migrations, adopted, statements, locks }: MigrationPlan): string {
  if (migrations.length + adopted.length === 0) return 'Nothing to run.\n';
  const section = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : [title, ...items.map((item) => `  ${singleLine(item)}`), ''];
  return [
    ...section(`${direction} would run ${countOf(migrations.length, 'migration')}:`, migrations),
    ...section('Recorded without running, because the schema exists already:', adopted),
    ...section('Table locks:', locks.map(describeLock)),
    `${countOf(statements.length, 'statement')}. Add --sql to print them.\n`,
  ].join('\n');
}

function describeLock({ mode, table, migration }: PlannedLock): string {
  return `${mode} on ${table}${migration ? ` in ${migration}` : ''}`;
}

/** Returns the plan as a script for psql. */
function script({ direction, migrations, adopted, statements, locks }: MigrationPlan): string {
  const comment = (text: string) => `-- ${singleLine(text)}`;
  const lines = [comment(`${direction}: ${migrations.join(', ') || 'nothing to run'}`)];
  if (adopted.length > 0) lines.push(comment(`recorded without running: ${adopted.join(', ')}`));
  for (const lock of locks) lines.push(comment(`lock: ${describeLock(lock)}`));
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
