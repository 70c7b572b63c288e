#!/usr/bin/env node
import { Interruption } from './interruption.ts';
import { runCommandLine } from './run-command-line.ts';

const { stdout, stderr } = process;

for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader closed the pipe, as `head` does: not a failure.
    if (error.code === 'EPIPE') return;
    process.exitCode = 2;
    if (stream === stdout) stderr.write(`error: The result cannot be written (${error.code}).\n`);
  });
}
// In Node and in the libraries FORCE_COLOR overrides NO_COLOR.
if (process.env.NO_COLOR) delete process.env.FORCE_COLOR;

const interruption = new Interruption((exitCode) => process.exit(exitCode));
const exitCode = await runCommandLine(process.argv.slice(2), { stdout, stderr, interruption });
process.exitCode ??= exitCode;
