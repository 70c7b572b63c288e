import type { MigrationState, Verdict } from '../../index.ts';
import { type CommandDefinition, PROGRAM } from '../command.ts';
import { DATABASE_FLAGS, repeatDatabaseFlags } from '../flags.ts';
import { type Styles, singleLine } from '../terminal.ts';

/** Lists the migrations and their states. */
export const status: CommandDefinition = {
  name: 'status',
  summary: 'list applied and pending migrations',
  details: 'Changes nothing. Needs SELECT on the migrations table.',
  flags: [...DATABASE_FLAGS, 'json'],
  example: '',
  runsMigrations: false,
  async run(flags, { signal, styles }) {
    const { json: _json, envFile: _envFile, ...options } = flags;
    const { migrationStatus } = await import('../../index.ts');
    const result = await migrationStatus({ ...options, signal });
    const ok = result.verdict === 'ready';
    const rows = result.migrations.map(({ name, state, ranAt }) => ({
      name: singleLine(name),
      state,
      time: ranAt?.toISOString() ?? '',
    }));
    const width = Math.max(...rows.map(({ name }) => name.length));
    const head = `${'MIGRATION'.padEnd(width)}  ${'STATE'.padEnd(9)}  APPLIED AT`;
    const lines = rows.map(({ name, state, time }) =>
      `${name.padEnd(width)}  ${styleOf(state, styles)(state.padEnd(9))}  ${time}`.trimEnd(),
    );
    const verdict = (ok ? styles.success : styles.error)(result.verdict);
    const hint =
      result.verdict === 'pending' ? ` Run: npx ${PROGRAM} up${repeatDatabaseFlags(flags)}` : '';
    const text = [
      styles.dim(head),
      ...lines,
      '',
      `${verdict}: ${MEANING[result.verdict]}${hint}`,
      '',
    ];
    return { json: result, text: text.join('\n'), ok };
  },
};

const MEANING: Readonly<Record<Verdict, string>> = {
  ready: 'every migration of this version is applied.',
  pending: 'migrations are pending.',
  incompatible:
    'a newer version has migrated the database and is not compatible with this one. Deploy that version.',
  damaged:
    'a migration is missing or misplaced. Compare the schema with the migrations table, and correct its rows.',
};

function styleOf(state: MigrationState, styles: Styles): (text: string) => string {
  if (state === 'applied') return styles.success;
  return state === 'missing' || state === 'misplaced' ? styles.error : styles.warning;
}
