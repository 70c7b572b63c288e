import type { MigrationState, MigrationStatusResult, Verdict } from '../../index.ts';
import { type CommandDefinition, PROGRAM } from '../command.ts';
import { DATABASE_FLAGS, type Flags, repeatDatabaseFlags } from '../flags.ts';
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
    const text = [styles.dim(head), ...lines, '', `${verdict}: ${explain(result, flags)}`, ''];
    return { json: result, text: text.join('\n'), ok };
  },
};

const MEANING: Readonly<Record<Verdict, string>> = {
  ready: 'every migration of this version is applied.',
  pending: 'migrations are pending.',
  incompatible:
    'a newer version has migrated the database and is not compatible with this one. Deploy that version.',
  damaged: 'a migration is missing or misplaced.',
};

/** Says what the verdict means, and what to run next. */
function explain({ verdict, installedIn }: MigrationStatusResult, flags: Flags): string {
  const [elsewhere] = installedIn;
  if (elsewhere !== undefined) {
    const here = flags.schema ?? ['public'];
    const inSchema = (schema: readonly string[]) => repeatDatabaseFlags({ ...flags, schema });
    return [
      `no migration is applied in schema ${here[0]}.`,
      `The tracking schema is installed in schema ${singleLine(installedIn.join(', '))}. Run: npx ${PROGRAM} status${inSchema([elsewhere])}`,
      `To install it in ${here[0]} as well, run: npx ${PROGRAM} up${inSchema(here)}`,
    ].join('\n');
  }
  const next = NEXT_COMMAND[verdict];
  const command = next && ` Run: npx ${PROGRAM} ${next}${repeatDatabaseFlags(flags)}`;
  return `${MEANING[verdict]}${command ?? ''}`;
}

const NEXT_COMMAND: Readonly<Partial<Record<Verdict, string>>> = {
  pending: 'up',
  damaged: 'verify',
};

function styleOf(state: MigrationState, styles: Styles): (text: string) => string {
  if (state === 'applied') return styles.success;
  return state === 'missing' || state === 'misplaced' ? styles.error : styles.warning;
}
