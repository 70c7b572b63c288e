import { Command, CommanderError } from 'commander';
import { VERSION } from '../version.ts';
import type { Writer } from './colours.ts';
import type { CommandDefinition } from './command.ts';
import { UsageError } from './command-line-error.ts';
import { down } from './commands/down.ts';
import { close } from './commands/fix-access.ts';
import { plan } from './commands/plan.ts';
import { sql } from './commands/sql.ts';
import { status } from './commands/status.ts';
import { up } from './commands/up.ts';
import { verify } from './commands/verify.ts';
import { FLAG_NAMES, type Flags, option } from './flags.ts';
import { commandHelp, NAME, programHelp } from './help.ts';

const COMMANDS: readonly CommandDefinition[] = [up, down, status, plan, verify, close, sql];

/** A command with its flags, as they were given. */
export interface Call {
  readonly command: CommandDefinition;
  readonly flags: Flags;
}

/**
 * Finds out what is asked for. Help and version are printed at once.
 *
 * @returns the call, or undefined where help or the version was asked for
 * @throws {UsageError}
 */
export function parse(args: readonly string[], stdout: Writer): Call | undefined {
  let call: Call | undefined;
  const program = new CommandLine(NAME)
    .description('The PostgreSQL schema for server-side conversion tracking.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', programHelp(COMMANDS))
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: () => {} })
    .exitOverride();
  for (const command of COMMANDS) {
    const made = program
      .command(command.name)
      .summary(command.summary)
      .description(
        `${command.summary[0]?.toUpperCase()}${command.summary.slice(1)}.\n\n${command.details}`,
      )
      .helpOption('-h, --help', 'print this help')
      .addHelpText('after', commandHelp(command))
      .action((flags: Flags) => {
        call = { command, flags };
      });
    for (const name of FLAG_NAMES) if (command.flags.includes(name)) made.addOption(option(name));
  }
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error);
  }
  return call;
}

/** commander writes the nearest known word on a second line. */
function usageError({ code, message }: CommanderError): UsageError {
  if (code === 'commander.help') {
    return new UsageError('No command is given.', `Run: ${NAME} --help`);
  }
  const [problem = '', nearest] = message.replace(/^error: /, '').split('\n');
  const hint = nearest?.replace(/^\((.*)\)$/, '$1') ?? `Run: ${NAME} --help`;
  return new UsageError(
    `${problem[0]?.toUpperCase()}${problem.slice(1).replace(/\.?$/, '.')}`,
    hint,
  );
}

/** commander, but for unknown flags with a value: that is no part of the name. */
class CommandLine extends Command {
  override createCommand(name?: string): Command {
    return new CommandLine(name);
  }

  unknownOption(flag: string): void {
    const [name] = flag.split('=');
    Reflect.get(Command.prototype, 'unknownOption').call(this, name);
  }
}
