import { FileError } from './command-line-errors.ts';
import { exitCodeFor, formatError, reportError } from './error-report.ts';
import type { Interruption } from './interruption.ts';
import { type Invocation, parse } from './program.ts';
import { NO_PROGRESS, startProgress } from './progress.ts';
import { printable, stylesFor, type Writer } from './terminal.ts';

/** What the command line needs from its process. */
export interface CommandLineProcess {
  /** For results only. */
  readonly stdout: Writer;
  /** For progress, and for errors without `--json`. */
  readonly stderr: Writer;
  readonly interruption: Interruption;
}

/**
 * Parses the arguments, runs the command and prints its result or error.
 *
 * @param args - the arguments after the program's name
 * @returns the exit code
 */
export async function runCommandLine(
  args: readonly string[],
  io: CommandLineProcess,
): Promise<number> {
  const { stdout, stderr, interruption } = io;
  let invocation: Invocation | undefined;
  try {
    invocation = parse(args, stdout);
    if (invocation === undefined) return 0;
    return await runCommand(invocation, io);
  } catch (error) {
    const report = await reportError(error, args);
    const command = invocation?.command;
    const asJson = invocation?.flags.json ?? args.includes('--json');
    if (asJson) stdout.write(toJson({ error: report }));
    else stderr.write(formatError(report, stylesFor(stderr), command));
    const interrupted = report.code === 'ABORTED' ? interruption.exitCode : undefined;
    return interrupted ?? exitCodeFor(report, command);
  }
}

async function runCommand(
  { command, flags }: Invocation,
  { stdout, stderr, interruption }: CommandLineProcess,
): Promise<number> {
  // Without a database there is nothing to roll back: a signal exits at once.
  const stopListening = command.flags.includes('databaseUrl') ? interruption.listen() : () => {};
  let progress = NO_PROGRESS;
  try {
    if (flags.envFile !== undefined) loadEnvFile(flags.envFile);
    if (command.runsMigrations && !flags.json) progress = await startProgress(stderr);
    const { json, text, ok } = await command.run(flags, {
      signal: interruption.signal,
      onEvent: progress.onEvent,
      styles: stylesFor(stdout),
    });
    progress.stop();
    stdout.write(flags.json ? toJson(json) : text);
    return ok ? 0 : 1;
  } finally {
    progress.stop();
    stopListening();
  }
}

/** Every documented key is present: undefined becomes null. */
function toJson(result: unknown): string {
  const text = JSON.stringify(result, (_, value: unknown) => value ?? null, 2);
  return `${text}\n`;
}

function loadEnvFile(path: string): void {
  try {
    process.loadEnvFile(path);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    throw new FileError(
      `The file of --env-file cannot be read: ${printable(path)}${reason}.`,
      'Correct the path, or omit the flag.',
    );
  }
}
