import { createInterface } from 'node:readline/promises';
import { UsageError } from './command-line-errors.ts';
import type { Flags } from './flags.ts';
import type { Writer } from './terminal.ts';

/**
 * Asks for confirmation if stdin and stderr are terminals. Scripts, `--json` and `--yes` are not asked.
 *
 * @throws {UsageError} if the answer is not yes
 */
export async function confirm(
  question: string | undefined,
  { yes, json }: Flags,
  writer: Writer,
): Promise<void> {
  const interactive = process.stdin.isTTY && writer === process.stderr && writer.isTTY;
  if (question === undefined || yes || json || !interactive) return;
  // Not in raw mode, so that Ctrl-C sends SIGINT.
  const input = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  const ended = new Promise<string>((resolve) => input.once('close', () => resolve('')));
  const answer = await Promise.race([input.question(`${question} Type yes to continue: `), ended]);
  input.close();
  if (answer.trim().toLowerCase() === 'yes') return;
  throw new UsageError('The rollback was not confirmed. Nothing was changed.', 'Pass --yes.');
}
