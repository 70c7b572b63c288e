import { paintFor, printable, type Writer } from './colours.ts';
import { FileError } from './command-line-error.ts';
import { errorDocument, exitCodeOf, failureText } from './failure.ts';
import type { Interruption } from './interruption.ts';
import { type Call, parse } from './program.ts';
import { SILENT, startProgress } from './progress.ts';

/** What the command line needs of its process. */
export interface Surroundings {
  /** Results, and nothing else. */
  readonly stdout: Writer;
  /** Progress, and errors where no document is asked for. */
  readonly stderr: Writer;
  readonly interruption: Interruption;
}

/**
 * Runs one command line.
 *
 * @param args - without the program's own name
 * @returns the exit code
 */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, interruption } = surroundings;
  let call: Call | undefined;
  try {
    call = parse(args, stdout);
    if (call === undefined) return 0;
    return await answer(call, surroundings);
  } catch (error) {
    const document = await errorDocument(error, args);
    const asDocument = call?.flags.json ?? args.includes('--json');
    if (asDocument) stdout.write(json({ error: document }));
    else stderr.write(failureText(document, await paintFor(stderr)));
    const interrupted = document.code === 'ABORTED' ? interruption.exitCode : undefined;
    return interrupted ?? exitCodeOf(document, call?.command);
  }
}

async function answer(
  { command, flags }: Call,
  { stdout, stderr, interruption }: Surroundings,
): Promise<number> {
  // Without a database there is nothing to roll back: a signal ends it at once.
  const deaf = command.flags.includes('databaseUrl') ? interruption.listen() : () => {};
  let progress = SILENT;
  try {
    if (flags.envFile !== undefined) loadEnvFile(flags.envFile);
    if (command.runsMigrations && !flags.json) progress = await startProgress(stderr);
    const { document, text, right } = await command.run(flags, {
      signal: interruption.signal,
      onEvent: progress.onEvent,
      paint: await paintFor(stdout),
    });
    progress.stop();
    stdout.write(flags.json ? json(document) : text);
    return right ? 0 : 1;
  } finally {
    progress.stop();
    deaf();
  }
}

/** One document. What is not there is null: every key that is documented is there. */
function json(document: unknown): string {
  const text = JSON.stringify(document, (_, value: unknown) => value ?? null, 2);
  return `${text}\n`;
}

function loadEnvFile(path: string): void {
  try {
    process.loadEnvFile(path);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    throw new FileError(
      `The file of --env-file cannot be read: ${printable(path)}${reason}.`,
      'Correct the path, or leave the flag out.',
    );
  }
}
