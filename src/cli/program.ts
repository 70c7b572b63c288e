import { Command, CommanderError } from 'commander';
import { VERSION } from '../version.ts';
import { type CommandDefinition, PROGRAM } from './command.ts';
import { UsageError } from './command-line-errors.ts';
import { down } from './commands/down.ts';
import { fixAccess } from './commands/fix-access.ts';
import { health } from './commands/health.ts';
import { plan } from './commands/plan.ts';
import { sql } from './commands/sql.ts';
import { status } from './commands/status.ts';
import { up } from './commands/up.ts';
import { verify } from './commands/verify.ts';
import { FLAG_NAMES, type Flags, flagOption } from './flags.ts';
import type { Writer } from './terminal.ts';

const COMMANDS: readonly CommandDefinition[] = [
  up,
  down,
  status,
  plan,
  verify,
  fixAccess,
  sql,
  health,
];

const EXIT_CODES = `Exit codes:
  0    success
  1    the database or a file needs a fix: pending migrations, findings, failed checks,
       an exceeded limit of health
  2    the command could not finish: wrong usage, no connection, a timeout
  130  interrupted by SIGINT (Ctrl-C), rolled back
  143  terminated by SIGTERM, rolled back`;

const SETTINGS = `Connection settings, in order of precedence:
  --database-url, then the environment variable DATABASE_URL, then the PG* variables.
  --env-file sets the environment variables that are not set yet.
  TRACKING_SCHEMA is used if --schema is not given: names separated by commas.`;

/** A command with the flags that were given. */
export interface Invocation {
  readonly command: CommandDefinition;
  readonly flags: Flags;
}

/**
 * Parses the arguments, and prints help or version where they ask for it.
 *
 * @returns the command to run, or undefined after help or version
 * @throws {UsageError}
 */
export function parse(args: readonly string[], stdout: Writer): Invocation | undefined {
  let invocation: Invocation | undefined;
  const program = new Program(PROGRAM)
    .description('The PostgreSQL schema for server-side conversion tracking.')
    .version(VERSION, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText(
      'after',
      ['', SETTINGS, '', EXIT_CODES, '', 'Examples:', ...COMMANDS.map(exampleOf)].join('\n'),
    )
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: () => {} })
    .exitOverride();
  for (const command of COMMANDS) {
    const { name, summary, details, flags, formats } = command;
    const settings = flags.includes('databaseUrl') ? [SETTINGS, ''] : [];
    const subcommand = program
      .command(name)
      .summary(summary)
      .description(`${capitalized(summary)}.\n\n${details}`)
      .helpOption('-h, --help', 'print this help')
      .addHelpText(
        'after',
        ['', ...settings, EXIT_CODES, '', 'Example:', exampleOf(command)].join('\n'),
      )
      .action((given: Flags) => {
        invocation = { command, flags: given };
      });
    for (const flag of FLAG_NAMES) {
      if (flags.includes(flag)) subcommand.addOption(flagOption(flag, formats));
    }
  }
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error);
  }
  return invocation;
}

function exampleOf({ name, example }: CommandDefinition): string {
  return `  npx ${PROGRAM} ${name} ${example}`.trimEnd();
}

/** commander puts its suggestion on a second line, in parentheses. */
function usageError({ code, message }: CommanderError): UsageError {
  if (code === 'commander.help') {
    return new UsageError('No command is given.', `Run: ${PROGRAM} --help`);
  }
  const [problem = '', suggestion] = message.replace(/^error: /, '').split('\n');
  const hint = suggestion?.replace(/^\((.*)\)$/, '$1') ?? `Run: ${PROGRAM} --help`;
  return new UsageError(capitalized(problem).replace(/\.?$/, '.'), hint);
}

function capitalized(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}`;
}

/** Suggests a flag for `--unknown=value` by the name alone, and keeps the value out of the message. */
class Program extends Command {
  override createCommand(name?: string): Command {
    return new Program(name);
  }

  unknownOption(flag: string): void {
    const [name] = flag.split('=');
    Reflect.get(Command.prototype, 'unknownOption').call(this, name);
  }
}
