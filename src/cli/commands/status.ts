import type { MigrationState, Verdict } from '../../index.ts';
import { onOneLine, type Paint } from '../colours.ts';
import type { CommandDefinition } from '../command.ts';
import { DATABASE_FLAGS } from '../flags.ts';
import { NAME } from '../help.ts';

/** Says where a database stands. */
export const status: CommandDefinition = {
  name: 'status',
  summary: 'say which migrations are applied',
  details:
    'Reads the migrations table, and changes nothing. SELECT on the migrations table is enough.',
  flags: [...DATABASE_FLAGS, 'json'],
  example: '',
  runsMigrations: false,
  async run({ json: _json, envFile: _envFile, ...options }, { signal, paint }) {
    const { migrationStatus } = await import('../../index.ts');
    const result = await migrationStatus({ ...options, signal });
    const right = result.verdict === 'ready';
    const rows = result.migrations.map(({ name, state, ranAt }) => ({
      name: onOneLine(name),
      state,
      time: ranAt?.toISOString() ?? '',
    }));
    const width = Math.max(...rows.map(({ name }) => name.length));
    const head = `${'MIGRATION'.padEnd(width)}  ${'STATE'.padEnd(9)}  RECORDED`;
    const lines = rows.map(({ name, state, time }) =>
      `${name.padEnd(width)}  ${colour(state, paint)(state.padEnd(9))}  ${time}`.trimEnd(),
    );
    const verdict = (right ? paint.good : paint.bad)(result.verdict);
    const text = [paint.faint(head), ...lines, '', `${verdict}: ${MEANING[result.verdict]}`, ''];
    return { document: result, text: text.join('\n'), right };
  },
};

const MEANING: Readonly<Record<Verdict, string>> = {
  ready: 'everything that this version needs is there.',
  pending: `migrations are pending. Run: npx ${NAME} up`,
  incompatible:
    'a newer version has migrated the database, and it does not serve this one. Deploy that version.',
  damaged:
    'a migration is missing or misplaced. Compare the database with the migrations table, and correct its rows.',
};

function colour(state: MigrationState, paint: Paint): (words: string) => string {
  if (state === 'applied') return paint.good;
  return state === 'missing' || state === 'misplaced' ? paint.bad : paint.warning;
}
