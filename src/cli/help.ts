import type { CommandDefinition } from './command.ts';

/** As npx knows it. */
export const NAME = 'conversion-tracking-schema';

const EXIT_CODES = `Exit codes:
  0    right
  1    not as it should be: migrations pending, a finding, or the database refused
  2    could not find out: wrong usage, no connection, a timeout
  130  interrupted (Ctrl-C); 143: ended (SIGTERM). Rolled back.`;

const SETTINGS = `Settings, the first one found wins:
  --database-url, then DATABASE_URL of the environment, then its PG* variables.
  --env-file adds to the environment what it lacks, and changes nothing in it.`;

/** What stands below the list of commands. */
export function programHelp(commands: readonly CommandDefinition[]): string {
  const examples = commands.map(({ name, example }) =>
    `  npx ${NAME} ${name} ${example}`.trimEnd(),
  );
  return ['', SETTINGS, '', EXIT_CODES, '', 'Examples:', ...examples].join('\n');
}

/** What stands below the flags of a command. */
export function commandHelp({ name, example, flags }: CommandDefinition): string {
  const settings = flags.includes('databaseUrl') ? [SETTINGS, ''] : [];
  const line = `  npx ${NAME} ${name} ${example}`.trimEnd();
  return ['', ...settings, EXIT_CODES, '', 'Example:', line].join('\n');
}
