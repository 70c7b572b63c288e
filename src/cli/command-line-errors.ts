/** Codes of errors in the use of the command line, beside those of the API. */
export type CommandLineErrorCode = 'USAGE' | 'FILES_DIFFER' | 'FILE_ERROR';

/** An error of the command line itself, with the fields of the API's errors. */
export abstract class CommandLineError extends Error {
  abstract readonly code: CommandLineErrorCode;
  /** How to fix it: the last sentence of the message. */
  readonly hint: string;
  readonly retryable = false;

  constructor(problem: string, hint: string) {
    super(`${problem} ${hint}`);
    this.hint = hint;
  }
}

/** A command or flag is unknown, or two flags exclude each other. */
export class UsageError extends CommandLineError {
  readonly code = 'USAGE';
}

/** Existing files have other content. Nothing was written. */
export class FilesDifferError extends CommandLineError {
  readonly code = 'FILES_DIFFER';
  readonly files: readonly string[];

  constructor(files: readonly string[]) {
    super(
      `Existing files have other content: ${files.join(', ')}. Nothing was written.`,
      'Pass --force to overwrite them, or another --out.',
    );
    this.files = files;
  }
}

/** A file could not be read or written. */
export class FileError extends CommandLineError {
  readonly code = 'FILE_ERROR';
}
