import type { MigrationEvent } from '../index.ts';
import type { Paint } from './colours.ts';
import type { FlagName, Flags } from './flags.ts';

/** What a command has found out or done. */
export interface Answer {
  /** What `--json` prints: the API's result as it is. */
  readonly document: unknown;
  /** The same for people. */
  readonly text: string;
  /** Whether everything is as it should be: exit code 0, else 1. */
  readonly right: boolean;
}

/** What a command gets besides its flags. */
export interface Context {
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: MigrationEvent) => void;
  /** Colours for stdout, which may be none. */
  readonly paint: Paint;
}

/** One command of the command line. */
export interface CommandDefinition {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** More of it, for its own help. */
  readonly details: string;
  readonly flags: readonly FlagName[];
  /** Arguments that are worth showing. */
  readonly example: string;
  /** Whether it runs migrations, be it to roll them back; else it only looks. */
  readonly runsMigrations: boolean;
  run(flags: Flags, context: Context): Promise<Answer>;
}
