import type { MigrationEvent } from '../index.ts';
import type { FlagName, Flags } from './flags.ts';
import type { Styles } from './terminal.ts';

/** The program's name, as `npx` runs it. */
export const PROGRAM = 'conversion-tracking-schema';

/** The result of a command. */
export interface CommandResult {
  /** Printed with `--json`: the API's result, unchanged. */
  readonly json: unknown;
  /** Printed without `--json`. */
  readonly text: string;
  /** Exit code 0 if true, else 1. */
  readonly ok: boolean;
}

/** What a command receives besides its flags. */
export interface CommandContext {
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: MigrationEvent) => void;
  /** Styles for stdout. */
  readonly styles: Styles;
}

/** A command of the command line. */
export interface CommandDefinition {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** A paragraph for the command's own help. */
  readonly details: string;
  readonly flags: readonly FlagName[];
  /** The values of --format; the last one is the default. */
  readonly formats?: readonly string[];
  /** Arguments for the example in the help. */
  readonly example: string;
  /** Whether a failing statement is one of a migration, not of the command's own queries. */
  readonly runsMigrations: boolean;
  /** Returns the question to ask on a terminal before the command runs. */
  confirmation?(flags: Flags): string | undefined;
  run(flags: Flags, context: CommandContext): Promise<CommandResult>;
}
