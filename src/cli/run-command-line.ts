import type { CommandDefinition } from './command.ts';
import { FileError } from './command-line-errors.ts';
import { confirm } from './confirm.ts';
import { exitCodeFor, formatError, reportError } from './error-report.ts';
import type { Flags } from './flags.ts';
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
    else stderr.write(formatError(report, stylesFor(stderr), invocation));
    const interrupted = report.code === 'ABORTED' ? interruption.exitCode : undefined;
    return interrupted ?? exitCodeFor(report, command);
  }
}

async function runCommand(
  { command, flags: given }: Invocation,
  { stdout, stderr, interruption }: CommandLineProcess,
): Promise<number> {
  const flags = withEnvironment(given, command);
  await confirm(command.confirmation?.(flags), flags, stderr);
  const needsDatabase = command.flags.includes('databaseUrl');
  // Without a database there is nothing to roll back: a signal exits at once.
  const stopListening = needsDatabase ? interruption.listen() : () => {};
  let progress = NO_PROGRESS;
  try {
    if (needsDatabase && !flags.json) progress = await startProgress(stderr);
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

/** Prints every documented key: undefined becomes null. Durations are rounded to 0.1 ms. */
function toJson(result: unknown): string {
  const text = JSON.stringify(result, jsonValue, 2);
  return `${text}\n`;
}

function jsonValue(key: string, value: unknown): unknown {
  if (key === 'durationMs' && typeof value === 'number') return Math.round(value * 10) / 10;
  return value ?? null;
}

/** Loads the file of --env-file, and reads the schemas from TRACKING_SCHEMA if no flag names one. */
function withEnvironment(flags: Flags, command: CommandDefinition): Flags {
  if (flags.envFile !== undefined) loadEnvFile(flags.envFile);
  const { TRACKING_SCHEMA } = process.env;
  if (!TRACKING_SCHEMA || flags.schema || !command.flags.includes('schema')) return flags;
  return { ...flags, schema: TRACKING_SCHEMA.split(',').map((name) => name.trim()) };
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
