/** What goes wrong in the command line itself, not in the API. */
export type CommandLineErrorCode = 'USAGE' | 'FILES_DIFFER' | 'FILE_ERROR';

/** An error of the command line itself, in the shape of the API's. */
export abstract class CommandLineError extends Error {
  abstract readonly code: CommandLineErrorCode;
  /** What to do about it: the last sentence of the message. */
  readonly hint: string;
  readonly retryable = false;

  constructor(problem: string, hint: string) {
    super(`${problem} ${hint}`);
    this.hint = hint;
  }
}

/** A command or a flag is unknown, or they do not go together. */
export class UsageError extends CommandLineError {
  readonly code = 'USAGE';
}

/** Files are there that have other content. Nothing was written. */
export class FilesDifferError extends CommandLineError {
  readonly code = 'FILES_DIFFER';
  readonly files: readonly string[];

  constructor(files: readonly string[]) {
    super(
      `There are files with other content: ${files.join(', ')}. Nothing was written.`,
      'Pass --force to overwrite them, or another --out.',
    );
    this.files = files;
  }
}

/** A file could not be read or written. */
export class FileError extends CommandLineError {
  readonly code = 'FILE_ERROR';
}
